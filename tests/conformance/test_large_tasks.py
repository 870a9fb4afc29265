"""A task that needs more than is ever there at once: it holds the line for a moment, and it starts."""

from __future__ import annotations

import pytest
from conformance.cell import Cell

from tasks.contract.names import TaskKind
from tasks.contract.timing import Timing
from tasks.store.admission import (
    AGEING_MS,
    holds_others,
)
from tasks.store.buckets import (
    BURST_MS,
)
from tasks.store.memory import MemoryStore
from tasks.store.ports import Admission, NothingAdmitted


def test_kind_that_has_waited_too_long_holds_others_only_while_a_bucket_fills() -> None:
    assert holds_others(AGEING_MS + 1, 5_000, now=1_000)
    assert not holds_others(AGEING_MS, 5_000, now=1_000), "it has its turn in time"
    assert not holds_others(AGEING_MS + 1, 1_001 + BURST_MS, now=1_000), "that is longer than a bucket takes"
    assert not holds_others(AGEING_MS + 1, None, now=1_000)


@pytest.fixture
def clock() -> list[int]:
    return [1_000_000]


async def test_large_analysis_starts_beside_a_flood_of_small_chats(clock: list[int]) -> None:
    cell = Cell(MemoryStore(Timing(announce_ms=1_000_000), lambda: clock[0]))
    await cell.announce_claude(slots=1_000, rpm=600_000.0, input_tpm=60_000.0)
    large = await cell.submit(input_chars=100_000)
    for _ in range(60):
        for _ in range(3):
            await cell.submit(TaskKind.CHAT, owner="bob")
        while isinstance(answer := await cell.store.admit(), Admission):
            if answer.task_id == large:
                return
        assert isinstance(answer, NothingAdmitted)
        clock[0] += 500
    pytest.fail("it was not started in half a minute")
