"""Accepting tasks: once, in order, with an answer that can be repeated."""

from __future__ import annotations

import asyncio

import pytest
from conformance.cell import Cell, document
from conformance.lives import live_a_full_life

from tasks.contract.errors import IdempotencyMismatch
from tasks.contract.events import Event
from tasks.contract.names import TaskKind
from tasks.contract.states import TaskState, fold
from tasks.contract.submissions import NewTask
from tasks.store.ports import Store


async def test_submit_writes_the_task_and_its_first_event(cell: Cell, store: Store) -> None:
    task_id = await cell.submit(document_id="d1", section_id="s1", input={"a": "ü"})
    reading = await store.read(task_id, None, 0)
    assert reading is not None and reading.events is not None
    assert (reading.owner, reading.seq, reading.state) == ("ann", 1, TaskState.PENDING)
    event = Event.model_validate_json(reading.events[0])
    assert (event.type, event.seq, event.epoch) == ("task_queued", 1, reading.epoch)
    assert event.data == {
        "kind": "analysis", "document_id": "d1", "section_id": "s1", "conversation_id": None, "reason": "submitted",
    }  # fmt: skip
    assert await store.task_input(task_id) == NewTask(
        task_id=task_id, kind=TaskKind.ANALYSIS, owner="ann", document_id="d1", section_id="s1", input={"a": "ü"}
    )


async def test_submit_numbers_places_in_line_by_kind(cell: Cell, store: Store) -> None:
    first, second = await cell.submit(), await cell.submit(owner="bob")
    chat = await cell.submit(TaskKind.CHAT)
    assert await store.position(first, TaskKind.ANALYSIS) == 1
    assert await store.position(second, TaskKind.ANALYSIS) == 2
    assert await store.position(chat, TaskKind.CHAT) == 1
    assert [task for task, _ in await store.waiting(TaskKind.ANALYSIS, 10)] == [first, second]
    assert await store.position("unknown", TaskKind.CHAT) is None


async def test_submit_moves_a_priority_task_only_among_its_owners_own(cell: Cell, store: Store) -> None:
    a1, b1, a2 = await cell.submit(), await cell.submit(owner="bob"), await cell.submit()
    urgent = await cell.submit(priority=5)
    assert [task for task, _ in await store.waiting(TaskKind.ANALYSIS, 10)] == [urgent, b1, a1, a2]


async def test_submit_repeats_its_answer_when_the_key_and_content_are_the_same(store: Store) -> None:
    def task(task_id: str) -> NewTask:
        return NewTask(task_id=task_id, kind=TaskKind.TEST, owner="ann")

    first = await store.submit([task("x1"), task("x2")], idempotency_key="k", digest="d")
    again = await store.submit([task("y1"), task("y2")], idempotency_key="k", digest="d")
    assert (first.task_ids, first.positions, first.replayed) == (("x1", "x2"), (1, 2), False)
    assert (again.task_ids, again.positions, again.replayed) == (("x1", "x2"), (1, 2), True)
    assert await store.read("y1", None, 0) is None
    await store.record_answer("ann", "k", "d", '{"a":1}')
    await store.record_answer("ann", "k", "d", '{"a":2}')
    assert (await store.submit([task("y1")], idempotency_key="k", digest="d")).answer == '{"a":1}'
    assert await store.recall_answer("ann", "k", "d") == '{"a":1}'
    with pytest.raises(IdempotencyMismatch):
        await store.submit([task("y1")], idempotency_key="k", digest="other")
    other = await store.submit([task("z1").model_copy(update={"owner": "bob"})], idempotency_key="k", digest="other")
    assert not other.replayed


async def test_submit_makes_one_task_when_fifty_equal_ones_come_at_once(store: Store) -> None:
    def submit(number: int) -> object:
        task = NewTask(task_id=f"n{number}", kind=TaskKind.TEST, owner="ann")
        return store.submit([task], idempotency_key="same", digest="d")

    answers = await asyncio.gather(*(submit(n) for n in range(50)))  # type: ignore[call-overload]
    assert len({answer.task_ids for answer in answers}) == 1
    assert (await store.stats()).kinds[TaskKind.TEST].waiting == 1


async def test_submit_ignores_a_task_id_that_it_has(cell: Cell, store: Store) -> None:
    task = NewTask(task_id="same", kind=TaskKind.TEST, owner="ann")
    await store.submit([task])
    await store.submit([task])
    assert await cell.events("same") == ["task_queued"]


async def test_record_answer_works_without_a_submission(store: Store) -> None:
    assert await store.recall_answer("ann", "k", "d") is None
    await store.record_answer("ann", "k", "d", "body")
    assert await store.recall_answer("ann", "k", "d") == "body"
    assert await store.recall_answer("bob", "k", "other") is None
    with pytest.raises(IdempotencyMismatch):
        await store.recall_answer("ann", "k", "other")


async def test_lists_show_an_owners_tasks_newest_first_in_pages(cell: Cell, store: Store) -> None:
    await store.add_document(document())
    ids = [await cell.submit(document_id="d1" if n % 2 else None) for n in range(5)]
    await cell.submit(owner="bob")
    await store.cancel(ids[0])
    page, cursor = await store.list_tasks("ann", state=None, document_id=None, before=None, count=3)
    assert [t.task_id for t in page] == ids[:1:-1] and cursor is not None
    rest, end = await store.list_tasks("ann", state=None, document_id=None, before=cursor, count=3)
    assert [t.task_id for t in rest] == ids[1::-1] and end is None
    revoked, _ = await store.list_tasks("ann", state=TaskState.REVOKED, document_id=None, before=None, count=9)
    assert [t.task_id for t in revoked] == ids[:1]
    of_document, _ = await store.list_tasks("ann", state=None, document_id="d1", before=None, count=9)
    assert [t.task_id for t in of_document] == [ids[3], ids[1]]
    assert [t.task_id for t in await store.document_tasks("d1")] == [ids[1], ids[3]]


async def test_snapshot_is_the_fold_of_the_log_when_a_task_has_been_everywhere(cell: Cell, store: Store) -> None:
    task_id = await live_a_full_life(cell)
    reading = await store.read(task_id, None, 0)
    assert reading is not None and reading.events is not None
    folded = fold(Event.model_validate_json(text) for text in reading.events)
    present = await store.read(task_id, -1, 0)
    assert present is not None and present.snapshot == folded
