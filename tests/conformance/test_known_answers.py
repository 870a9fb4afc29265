"""A review that was the same before is answered from what is there."""

from __future__ import annotations

import pytest
from conformance.cell import MODEL, Cell, document, finding
from conformance.lives import say

from tasks.contract.events import Event, FindingMade, TaskStarted, TaskSucceeded, Usage, UsageReported
from tasks.contract.findings import finding_id_of
from tasks.contract.limits import ModelTerms, Price
from tasks.contract.names import TaskKind
from tasks.contract.states import Snapshot, TaskState, fold
from tasks.store.ports import Store

SAME = {"identity": "same", "section_id": "s1"}
TERMS = (ModelTerms(MODEL, Price(1, 5, 1.25, 0.1)),)


async def _answered(cell: Cell, model: str = MODEL, **more: object) -> str:
    """A review that claude has answered with two findings."""
    await cell.announce_claude(rpm=60_000.0, terms=TERMS)
    task_id = await cell.submit(**{**SAME, **more})  # type: ignore[arg-type]
    _, _, token = await cell.run()
    await say(
        cell,
        task_id,
        1,
        TaskStarted(attempt=1, engine="claude", model=model),
        FindingMade(finding=finding(1)),
        FindingMade(finding=finding(2)),
        UsageReported(usage=Usage(input_tokens=900), cost_usd=0.5),
        TaskSucceeded(result={"engine": "claude", "model": model, "dropped": 0}),
    )
    await cell.store.release(task_id, token, succeeded_model=model)
    return task_id


async def _snapshot(store: Store, task_id: str) -> Snapshot:
    reading = await store.read(task_id, -1, 0)
    assert reading is not None and reading.snapshot is not None
    return reading.snapshot


async def test_same_review_ends_at_once_with_the_findings_and_without_cost(cell: Cell, store: Store) -> None:
    await _answered(cell, document_id="d1")
    again = await cell.submit(document_id="d1", **SAME)
    snapshot = await _snapshot(store, again)
    assert (snapshot.state, snapshot.engine, snapshot.model) == (TaskState.SUCCESS, "claude", MODEL)
    assert snapshot.result is not None and snapshot.result["cached"] is True
    assert (snapshot.usage, snapshot.cost_usd) == (Usage(), 0)
    assert [f.finding_id for f in snapshot.findings] == [finding_id_of("d1", f"p{n}") for n in (1, 2)]
    assert await cell.events(again) == [
        "task_queued", "task_started", "finding_made", "finding_made", "usage_reported", "task_succeeded",
    ]  # fmt: skip
    assert (await store.stats()).kinds[TaskKind.ANALYSIS].waiting == 0
    assert (await store.costs("ann", 1)).mine.spent_usd == 0.5, "that of the first"
    assert {s.task_id for s in await store.findings("d1")} >= {again}


async def test_snapshot_of_a_known_answer_is_the_fold_of_its_log(cell: Cell, store: Store) -> None:
    await _answered(cell)
    again = await cell.submit(**SAME)
    reading = await store.read(again, None, 0)
    assert reading is not None and reading.events is not None
    assert fold(Event.model_validate_json(text) for text in reading.events) == await _snapshot(store, again)


async def test_same_text_uploaded_again_is_answered_with_findings_of_the_new_document(cell: Cell, store: Store) -> None:
    await _answered(cell, document_id="d1")
    again = await cell.submit(document_id="d2", **SAME)
    found = await store.findings("d2")
    assert [s.finding.finding_id for s in found] == [finding_id_of("d2", f"p{n}") for n in (1, 2)]
    assert {s.task_id for s in found} == {again}


@pytest.mark.parametrize(
    "changed",
    [{"owner": "bob"}, {"identity": "other"}, {"identity": ""}, {"input": {"fresh": True}}],
    ids=["another owner", "another text", "no identity", "fresh"],
)
async def test_review_is_not_answered_from_another(cell: Cell, store: Store, changed: dict[str, object]) -> None:
    await _answered(cell)
    again = await cell.submit(**{**SAME, **changed})  # type: ignore[arg-type]
    assert (await _snapshot(store, again)).state is TaskState.PENDING


async def test_review_is_not_answered_from_another_model(cell: Cell, store: Store) -> None:
    await _answered(cell, model="fallback")
    assert (await _snapshot(store, await cell.submit(**SAME))).state is TaskState.PENDING


async def test_fresh_answer_takes_the_place_of_the_one_before(cell: Cell, store: Store) -> None:
    await _answered(cell)
    fresh = await cell.submit(input={"fresh": True}, **SAME)
    await cell.run()
    end = TaskSucceeded(result={"engine": "claude", "model": MODEL})
    await say(cell, fresh, 1, TaskStarted(attempt=1, engine="claude", model=MODEL), end)
    assert (await _snapshot(store, await cell.submit(**SAME))).findings == ()


async def test_answer_is_gone_with_its_document(cell: Cell, store: Store) -> None:
    await _answered(cell, document_id="d1")
    await store.delete_document("d1")
    await store.add_document(document("d1"))
    again = await cell.submit(document_id="d1", **SAME)
    assert (await _snapshot(store, again)).state is TaskState.PENDING


async def test_truncated_answer_stands_for_no_other(cell: Cell, store: Store) -> None:
    await cell.announce_claude(rpm=60_000.0)
    task_id = await cell.submit(**SAME)
    await cell.run()
    end = TaskSucceeded(result={"engine": "claude", "model": MODEL, "truncated": True})
    await say(cell, task_id, 1, TaskStarted(attempt=1, engine="claude", model=MODEL), end)
    assert (await _snapshot(store, await cell.submit(**SAME))).state is TaskState.PENDING


async def test_only_what_is_known_is_answered_when_many_are_asked_for(cell: Cell, store: Store) -> None:
    await _answered(cell)
    known, new = (cell.task(**{**SAME, "identity": name}) for name in ("same", "new"))
    submitted = await store.submit([known, new])
    assert submitted.known == {known.task_id}
    assert submitted.positions == (0, 1)
    assert (await _snapshot(store, new.task_id)).state is TaskState.PENDING


async def test_known_answer_is_taken_beyond_a_cost_limit(cell: Cell, store: Store) -> None:
    await _answered(cell)
    await cell.announce_claude(terms=TERMS, daily_cost_limit_usd=0.0)
    assert (await _snapshot(store, await cell.submit(**SAME))).state is TaskState.SUCCESS


async def test_repeated_key_gets_the_known_answer_once(cell: Cell, store: Store) -> None:
    await _answered(cell)
    first = await store.submit([cell.task(**SAME)], idempotency_key="k", digest="d")
    again = await store.submit([cell.task(**SAME)], idempotency_key="k", digest="d")
    assert again.replayed and again.task_ids == first.task_ids
    assert (await store.stats()).kinds[TaskKind.ANALYSIS].waiting == 0
