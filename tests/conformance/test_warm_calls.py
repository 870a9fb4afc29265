"""Of one document one call goes first and writes the cache; the others follow."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from conformance.cell import MODEL, TIMING, Cell, eventually
from conformance.clock import CLOCK
from conformance.conftest import MakeStore

from tasks.contract.events import TaskStarted, TaskSucceeded, Usage, UsageReported
from tasks.contract.limits import ModelTerms, Spent
from tasks.contract.names import TaskKind
from tasks.store.ports import Admission, NothingAdmitted, Store, WaitingFor

LARGE = 40_000  # characters: 12,000 tokens, as both stores count them
SMALL = 2_000
TPM = 600_000.0
REPORT = UsageReported(usage=Usage(input_tokens=500, cache_creation_input_tokens=12_000))


async def _announce(cell: Cell, **more: object) -> None:
    card = {"rpm": 60_000.0, "slots": 40, "terms": (ModelTerms(MODEL),), **more}
    await cell.announce_claude(**card)  # type: ignore[arg-type]


async def _admitted(cell: Cell) -> list[str]:
    """All that may start now."""
    found = []
    while isinstance(answer := await cell.store.admit(), Admission):
        found.append(answer.task_id)
    return found


async def test_one_call_of_a_document_goes_first_and_the_others_follow_its_first_output(
    cell: Cell, store: Store
) -> None:
    await _announce(cell)
    ids = await cell.submit_many(4, document_id="d1", shared_chars=LARGE)
    assert await _admitted(cell) == ids[:1]
    token = await cell.claim(ids[0])
    await store.append(ids[0], token, 1, TaskStarted(attempt=1, engine="claude", model=MODEL))
    assert await _admitted(cell) == [], "that it has started says nothing of the cache"
    await store.append(ids[0], token, 2, REPORT)
    assert await _admitted(cell) == ids[1:]


async def test_others_are_not_held_up_by_a_document_that_is_being_cached(cell: Cell) -> None:
    await _announce(cell)
    first = await cell.submit_many(3, document_id="d1", shared_chars=LARGE)
    own = await cell.submit_many(2, document_id="d2", shared_chars=LARGE)
    raw = await cell.submit()
    (bobs,) = await cell.submit_many(1, "bob", document_id="d3", shared_chars=LARGE)
    chat = await cell.submit(TaskKind.CHAT, document_id="d1")
    assert set(await _admitted(cell)) == {first[0], own[0], raw, bobs, chat}


async def test_place_and_reason_stay_those_of_a_turn_while_the_cache_is_written(cell: Cell, store: Store) -> None:
    await _announce(cell)
    ids = await cell.submit_many(3, document_id="d1", shared_chars=LARGE)
    await _admitted(cell)
    kind = (await store.stats()).kinds[TaskKind.ANALYSIS]
    assert (kind.waiting, kind.waiting_for) == (2, WaitingFor.TURN)
    assert [await store.position(i, TaskKind.ANALYSIS) for i in ids] == [None, 1, 2]
    refused = await store.admit()
    assert isinstance(refused, NothingAdmitted) and refused.next_in_ms is not None
    assert 0 < refused.next_in_ms <= TIMING.warm_ms


@pytest.mark.parametrize("more", [{"shared_chars": SMALL}, {"shared_chars": 0}])
async def test_small_document_is_not_waited_for(cell: Cell, more: dict[str, int]) -> None:
    await _announce(cell)
    ids = await cell.submit_many(3, document_id="d1", **more)
    assert await _admitted(cell) == ids


@pytest.mark.parametrize("end", ["released", "put back", "cancelled", "lost"])
async def test_next_call_takes_over_when_the_first_ends_before_its_first_output(
    cell: Cell, store: Store, end: str
) -> None:
    await _announce(cell)
    first, second, _ = await cell.submit_many(3, document_id="d1", shared_chars=LARGE)
    await cell.admit()
    token = await cell.claim(first)
    if end == "cancelled":
        await store.cancel(first)
    if end == "put back":
        await store.put_back(first, 1, token, reason="rate_limited")
        await store.cancel(first)
    if end == "lost":
        await eventually(lambda: _swept(store))
        await store.cancel(first)
    await store.append(first, token, 1, TaskSucceeded(result={}))
    await store.release(first, token)
    assert await _admitted(cell) == [second], "one, and not both"


async def _swept(store: Store) -> bool:
    return await store.sweep() > 0


async def test_call_that_never_answers_is_waited_for_a_bounded_time(make_store: MakeStore) -> None:
    cell = Cell(await make_store(replace(TIMING, warm_ms=30)))
    await _announce(cell)
    first, second = await cell.submit_many(2, document_id="d1", shared_chars=LARGE)
    assert (await cell.admit()).task_id == first
    assert (await cell.admit_eventually()).task_id == second


async def test_first_call_takes_the_document_of_the_input_budget_and_the_others_do_not(
    cell: Cell, store: Store
) -> None:
    await _announce(cell, input_tpm=TPM)
    ids = await cell.submit_many(3, document_id="d1", shared_chars=LARGE)
    full = await _left(store)
    await cell.admit()
    assert await _left(store) == pytest.approx(full - 12_000 - 1_000, abs=3_000)
    token = await cell.claim(ids[0])
    await store.append(ids[0], token, 1, REPORT)
    before = await _left(store)
    await cell.admit()
    assert await _left(store) == pytest.approx(before - 1_000, abs=3_000)
    await store.release(ids[0], token, succeeded_model=MODEL, spent=Spent(MODEL, 12_500, 100))
    before = await _left(store)
    await cell.admit()
    assert await _left(store) == pytest.approx(before - 900, abs=1_500), "the document is no part of what is learned"


async def test_cached_input_counts_where_the_model_says_so(cell: Cell, store: Store) -> None:
    await _announce(cell, input_tpm=TPM, terms=(ModelTerms(MODEL, cached_input_counts=True),))
    ids = await cell.submit_many(2, document_id="d1", shared_chars=LARGE)
    await cell.admit()
    await store.append(ids[0], await cell.claim(ids[0]), 1, REPORT)
    before = await _left(store)
    await cell.admit()
    assert await _left(store) == pytest.approx(before - 13_000, abs=3_000)


async def test_max_tokens_count_where_the_model_says_so(cell: Cell, store: Store) -> None:
    counted = {"output_tpm": TPM, "max_output": {TaskKind.ANALYSIS: 16_000}}
    await _announce(cell, terms=(ModelTerms(MODEL, max_tokens_counts=True),), **counted)
    await cell.submit()
    full = await _left(store, "output")
    await cell.admit()
    assert await _left(store, "output") == pytest.approx(full - 16_000, abs=3_000)


async def _left(store: Store, what: str = "input") -> float:
    """What is left of a budget of `TPM`; before the first call, a full bucket."""
    bucket = (await store.stats()).budgets.get(f"{what}:{MODEL}")
    return TPM * 5 / 60 if bucket is None or bucket.left is None else bucket.left


async def test_document_is_written_again_when_the_cache_is_forgotten(make_store: MakeStore) -> None:
    store = await make_store(replace(TIMING, cache_ms=20))
    cell = Cell(store)
    await _announce(cell)
    (first,) = await cell.submit_many(1, document_id="d1", shared_chars=LARGE)
    await cell.admit()
    await store.append(first, await cell.claim(first), 1, REPORT)
    CLOCK.move(21)
    await asyncio.sleep(0.05)  # Redis forgets by its own clock
    later = await cell.submit_many(2, document_id="d1", shared_chars=LARGE)
    assert await _admitted(cell) == later[:1]


async def test_questions_about_a_document_do_not_wait_for_each_other(cell: Cell, store: Store) -> None:
    await _announce(cell, input_tpm=TPM)
    ids = [await cell.submit(TaskKind.CHAT, document_id="d1", shared_chars=LARGE) for _ in range(2)]
    (review,) = await cell.submit_many(1, document_id="d1", shared_chars=LARGE)
    assert await _admitted(cell) == [*ids, review], "and their cache is none of the reviews"
    await store.append(ids[0], await cell.claim(ids[0]), 1, REPORT)
    await store.append(ids[1], await cell.claim(ids[1]), 1, REPORT)
    before = await _left(store)
    await cell.submit(TaskKind.CHAT, document_id="d1", shared_chars=LARGE)
    await cell.admit()
    assert await _left(store) == pytest.approx(before - 1_000, abs=3_000), "the next one reads what is there"
