"""A worker, the real SDK and the simulator: what becomes of a task under every class of fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from processes import WAIT_S

from tasks.contract.documents import Document, Section
from tasks.contract.events import Event
from tasks.contract.names import TaskKind
from tasks.contract.states import Snapshot, TaskState
from tasks.contract.submissions import NewTask
from tasks.engines.opening import open_engine
from tasks.settings import read_settings
from tasks.store.memory import MemoryStore
from tasks.store.ports import WaitingFor
from tasks.worker import Worker
from tests.simulator.simulator import Simulator

MAIN, SECOND = "claude-sonnet-5-5", "claude-haiku-4-5"
TEXT = (
    "The project cost more than planned because steel became dearer. Nobody had foreseen it at the time of the tender. "
    "The council paid the difference out of its reserve. A second tender was never opened, although rules ask for it."
)
PASSING = (
    *("overloaded", "overloaded_in_stream", "server_error", "reset", "reset_early", "early_end"),
    *("malformed_event", "prose", "stall"),
)
PAUSING = ("unauthorized", "forbidden", "unknown_model", "credit_exhausted")
FINAL = {"bad_request": "bad_request", "too_large": "too_large", "refusal": "refused"}


class World:
    """A memory store, a worker and a simulated Claude in this loop, with waits of a twentieth: a stream is stalled
    after 3 s, so a machine that stands still for less is not taken for it."""

    def __init__(self, store: MemoryStore, simulator: Simulator) -> None:
        self.store, self.simulator = store, simulator
        self.made = 0

    async def submit(self, text: str = TEXT, **more: Any) -> str:
        self.made += 1
        given = {"section": "Costs", "content": text}
        task = NewTask(task_id=f"t{self.made}", kind=TaskKind.ANALYSIS, owner="ann", input=given, **more)
        await self.store.submit([task])
        return task.task_id

    async def until(self, task_id: str, true: Callable[[Snapshot], bool]) -> Snapshot:
        async with asyncio.timeout(WAIT_S):
            while True:
                reading = await self.store.read(task_id, -1, 0)
                assert reading is not None and reading.snapshot is not None
                if true(reading.snapshot):
                    return reading.snapshot
                await asyncio.sleep(0.002)

    async def end_of(self, task_id: str) -> Snapshot:
        return await self.until(task_id, lambda snapshot: snapshot.ended_at is not None)

    async def types(self, task_id: str) -> list[str]:
        reading = await self.store.read(task_id, None, 0)
        assert reading is not None and reading.events is not None
        return [Event.model_validate_json(text).type for text in reading.events]


@asynccontextmanager
async def world(**env: str) -> AsyncIterator[World]:
    async with Simulator().running() as simulator:
        given = {"ANTHROPIC_BASE_URL": simulator.url, "CLAUDE_MODEL": MAIN, "CLAUDE_RPM": "600000", **env}
        settings = read_settings({"SECRET_KEY": "x" * 32, "GALLEY_TIME_FACTOR": "0.05", "USE_CELERY": "false", **given})
        store = MemoryStore(settings.timing)
        worker = Worker(settings, store, open_engine(settings), slots=8)
        await worker.start()
        try:
            yield World(store, simulator)
        finally:
            await worker.stop()


@pytest.mark.parametrize("fault", PASSING)
async def test_passing_fault_is_tried_again_by_us_and_findings_come_once(fault: str) -> None:
    async with world() as w:
        w.simulator.change({"queue": [{"name": fault, "after_events": 12}]})
        task_id = await w.submit()
        snapshot = await w.end_of(task_id)
        assert (snapshot.state, snapshot.attempt) == (TaskState.SUCCESS, 2)
        prints = [finding.fingerprint for finding in snapshot.findings]
        assert len(prints) == len(set(prints)) == 3
        types = await w.types(task_id)
        assert (types.count("task_started"), types.count("task_retrying")) == (2, 1)
        assert [call.fault for call in w.simulator.ledger.calls] == [fault, "none"], "no call that nobody counted"


async def test_findings_of_a_broken_stream_are_kept_and_their_cost_is_counted() -> None:
    async with world() as w:
        w.simulator.change({"queue": [{"name": "reset", "after_events": 25}]})
        snapshot = await w.end_of(await w.submit())
        first, second = w.simulator.ledger.calls
        assert snapshot.usage is not None
        assert snapshot.usage.input_tokens == first.input_tokens + second.input_tokens
        assert snapshot.cost_usd is not None and snapshot.cost_usd > 0
        types = await w.types(snapshot.task_id)
        assert "finding_made" in types[: types.index("task_retrying")]
        assert len(snapshot.findings) == 3


async def test_rate_limit_costs_no_try_however_often_it_comes() -> None:
    async with world() as w:
        w.simulator.change({"queue": [{"name": "rate_limited", "retry_after_s": 0}] * 4})
        task_id = await w.submit()
        snapshot = await w.end_of(task_id)
        assert (snapshot.state, snapshot.attempt) == (TaskState.SUCCESS, 5)
        assert "task_retrying" not in await w.types(task_id)


@pytest.mark.parametrize("fault", PAUSING)
async def test_account_that_cannot_be_used_is_waited_for(fault: str) -> None:
    async with world() as w:
        w.simulator.change({"rules": [{"fault": fault}]})
        task_id = await w.submit()
        await w.until(task_id, lambda snapshot: snapshot.reason == "account_paused")
        kind = (await w.store.stats()).kinds[TaskKind.ANALYSIS]
        assert (kind.waiting, kind.waiting_for) == (1, WaitingFor.ENGINE)
        assert kind.reopens_at is not None
        assert len(w.simulator.ledger.calls) == 1


@pytest.mark.parametrize(("fault", "code"), FINAL.items())
async def test_request_that_cannot_succeed_ends_at_once(fault: str, code: str) -> None:
    async with world() as w:
        w.simulator.change({"queue": [fault]})
        snapshot = await w.end_of(await w.submit())
        assert snapshot.error is not None
        assert (snapshot.state, snapshot.error.code) == (TaskState.FAILURE, code)
        assert len(w.simulator.ledger.calls) == 1


async def test_fallback_answers_and_is_named_while_the_main_model_is_away() -> None:
    async with world(CLAUDE_FALLBACK_MODELS=SECOND) as w:
        w.simulator.change({"rules": [{"fault": "overloaded", "model": MAIN}]})
        ids = [await w.submit(f"{TEXT} This is number {n}.") for n in range(12)]
        ends = [await w.end_of(task_id) for task_id in ids]
        assert {end.state for end in ends} == {TaskState.SUCCESS}
        assert {end.model for end in ends} == {SECOND}
        assert {(end.result or {})["model"] for end in ends} == {f"simulator:{SECOND}"}
        assert {f.source.model for end in ends for f in end.findings} == {f"simulator:{SECOND}"}
        assert all(end.cost_usd for end in ends), "at the fallback's price"
        asked = [call for call in w.simulator.ledger.calls if call.model == MAIN]
        assert len(asked) >= 5, "the fault really happened"


async def test_main_model_is_turned_back_to_when_it_answers_again() -> None:
    async with world(CLAUDE_FALLBACK_MODELS=SECOND) as w:
        w.simulator.change({"rules": [{"fault": "server_error", "model": MAIN, "times": 8}]})
        models: list[str | None] = []
        async with asyncio.timeout(WAIT_S):
            while models.count(MAIN) < 2:
                models.append((await w.end_of(await w.submit(f"{TEXT} This is number {len(models)}."))).model)
        assert SECOND in models


async def test_reviews_of_a_document_read_what_the_first_of_them_has_written() -> None:
    sections = tuple(
        Section(section_id=f"s{n}", title=f"Part {n}", level=1, text=f"{TEXT} Part {n} ends. " * 4) for n in range(8)
    )
    document = Document(document_id="d1", owner="ann", name="a.md", format="md", sections=sections)
    async with world() as w:
        await w.store.add_document(document)
        w.simulator.change({"pace_ms": 2})
        shared = sum(section.chars for section in sections)
        tasks = [
            NewTask(
                task_id=f"d{s.section_id}",
                kind=TaskKind.ANALYSIS,
                owner="ann",
                document_id="d1",
                section_id=s.section_id,
                input_chars=s.chars,
                shared_chars=shared,
            )
            for s in sections
        ]
        await w.store.submit(tasks)
        ends = [await w.end_of(task.task_id) for task in tasks]
        assert {end.state for end in ends} == {TaskState.SUCCESS}
        calls = w.simulator.ledger.calls
        assert [call.cache_creation_input_tokens > 0 for call in calls] == [True] + [False] * 7
        assert all(call.cache_read_input_tokens for call in calls[1:])
        assert w.simulator.ledger.max_running > 2, "they ran side by side once it was there"
