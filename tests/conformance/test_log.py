"""The log, what is read from it, and the generation."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from conformance.cell import TIMING, Cell, document, finding, token_of
from conformance.clock import CLOCK
from conformance.conftest import MakeStore
from conformance.lives import live_a_full_life, say
from processes import WAIT_S

from tasks.contract.events import (
    Event,
    FindingMade,
    ProgressMade,
    TaskRestored,
    TaskStarted,
    TaskSucceeded,
    TextAdded,
)
from tasks.contract.names import key
from tasks.contract.states import TaskState, fold
from tasks.store.memory import MemoryStore
from tasks.store.ports import AppendOutcome, Confirmed, Feed, Published, Store
from tasks.store.reading import DOORBELL_BYTES, PAGE, PAGE_BYTES
from tasks.store.redis_store import RedisStore


async def _running(cell: Cell, **more: object) -> tuple[str, str]:
    task_id = await cell.submit(**more)
    await cell.announce()
    _, _, token = await cell.run()
    return task_id, token


async def test_append_numbers_without_a_gap_and_answers_a_repeat_as_at_first(cell: Cell, store: Store) -> None:
    task_id, _ = await _running(cell)
    first = await store.append(task_id, token_of(task_id), 1, TaskStarted(attempt=1, engine="checker"))
    second = await store.append(task_id, token_of(task_id), 2, TextAdded(text="a"))
    again = await store.append(task_id, token_of(task_id), 2, TextAdded(text="a"))
    assert (first.seq, second.seq, again.seq) == (3, 4, 4)
    assert again.outcome is AppendOutcome.APPENDED
    reading = await store.read(task_id, first.epoch, 0)
    assert reading is not None and reading.events is not None
    assert [Event.model_validate_json(text).seq for text in reading.events] == [1, 2, 3, 4]


async def test_append_answers_a_repeated_end_as_at_first(cell: Cell, store: Store) -> None:
    task_id, _ = await _running(cell)
    first = await store.append(task_id, token_of(task_id), 1, TaskSucceeded(result={"a": 1}))
    again = await store.append(task_id, token_of(task_id), 1, TaskSucceeded(result={"a": 1}))
    assert (first.outcome, first.seq) == (again.outcome, again.seq) == (AppendOutcome.APPENDED, 3)
    late = await store.append(task_id, token_of(task_id), 2, ProgressMade(percent=1, status="s"))
    assert late.outcome is AppendOutcome.ENDED


async def test_append_refuses_what_is_gone(store: Store) -> None:
    answer = await store.append("unknown", "token", 1, TextAdded(text="a"))
    assert answer.outcome is AppendOutcome.GONE


async def test_append_refuses_whoever_has_not_made_the_last_claim(cell: Cell, store: Store) -> None:
    """A store that was restored from older data gives attempts out again, and the worker of the first one lives."""
    task_id, _ = await _running(cell)
    other = await store.append(task_id, "of a claim that the restore took back", 1, TextAdded(text="a"))
    assert other.outcome is AppendOutcome.STALE
    assert (await store.append(task_id, token_of(task_id), 1, TextAdded(text="b"))).outcome is AppendOutcome.APPENDED


async def test_append_refuses_everybody_between_an_admission_and_its_claim(cell: Cell, store: Store) -> None:
    task_id, token = await _running(cell)
    assert await store.put_back(task_id, 1, token, reason="handed_back")
    assert (await store.append(task_id, token, 1, TextAdded(text="a"))).outcome is AppendOutcome.APPENDED
    await cell.admit()
    assert (await store.append(task_id, token, 2, TextAdded(text="b"))).outcome is AppendOutcome.STALE


async def test_append_writes_a_finding_to_its_document_as_well(cell: Cell, store: Store) -> None:
    await store.add_document(document())
    task_id, _ = await _running(cell, document_id="d1", section_id="s1")
    await say(cell, task_id, 1, FindingMade(finding=finding(1)), FindingMade(finding=finding(2)))
    assert [(s.finding.finding_id, s.task_id) for s in await store.findings("d1")] == [("f1", task_id), ("f2", task_id)]


async def test_read_gives_the_events_after_a_position_or_nothing_when_there_are_none(cell: Cell, store: Store) -> None:
    task_id, _ = await _running(cell)
    whole = await store.read(task_id, None, 0)
    assert whole is not None and whole.events is not None and whole.seq == 2
    tail = await store.read(task_id, whole.epoch, 1)
    assert tail is not None and tail.events == whole.events[1:]
    none = await store.read(task_id, whole.epoch, 2)
    assert none is not None and none.events == () and not none.more


@pytest.mark.parametrize(("epoch_off", "since"), [(1, 0), (-1, 2), (0, 99)])
async def test_read_gives_the_snapshot_when_the_position_is_not_of_this_log(
    cell: Cell, store: Store, epoch_off: int, since: int
) -> None:
    task_id, _ = await _running(cell)
    whole = await store.read(task_id, None, 0)
    assert whole is not None
    reading = await store.read(task_id, whole.epoch + epoch_off, since)
    assert reading is not None and reading.events is None and reading.snapshot is not None
    assert (reading.snapshot.seq, reading.snapshot.state) == (2, TaskState.PROGRESS)


async def test_read_pages_a_long_log_and_gives_newcomers_the_snapshot(cell: Cell, store: Store) -> None:
    task_id, _ = await _running(cell)
    for number in range(1, PAGE + 11):
        await store.append(task_id, token_of(task_id), number, TextAdded(text=f"{number} "))
    newcomer = await store.read(task_id, None, 0)
    assert newcomer is not None and newcomer.snapshot is not None
    page = await store.read(task_id, newcomer.epoch, 2)
    assert page is not None and page.events is not None
    assert (len(page.events), page.more) == (PAGE, True)
    rest = await store.read(task_id, newcomer.epoch, 2 + PAGE)
    assert rest is not None and rest.events is not None
    assert (len(rest.events), rest.more) == (10, False)
    whole = [Event.model_validate_json(text) for text in (*page.events, *rest.events)]
    folded = fold(whole)
    assert folded is not None and folded.text == newcomer.snapshot.text


async def test_read_bounds_a_page_by_its_bytes_but_gives_one_event_at_least(cell: Cell, store: Store) -> None:
    task_id, token = await _running(cell)
    fitting, size = 5, PAGE_BYTES // 6
    for number in range(1, 30):
        await store.append(task_id, token, number, TextAdded(text="x" * size))
    await store.append(task_id, token, 30, TextAdded(text="é" * PAGE_BYTES))
    await store.append(task_id, token, 31, TextAdded(text="the last"))
    reading, since, pages = None, 2, list[int]()
    (number,) = await store.numbers([task_id])
    assert number is not None
    while reading is None or reading.more:
        reading = await store.read(task_id, number[0], since)
        assert reading is not None and reading.events
        pages.append(len(reading.events))
        since += len(reading.events)
    assert pages == [fitting] * 5 + [4, 1, 1]
    assert since == number[1]


async def test_read_knows_nothing_of_unknown_tasks(store: Store) -> None:
    assert await store.read("unknown", None, 0) is None
    assert await store.numbers(["unknown"]) == [None]
    assert await store.numbers([]) == []
    assert await store.task_input("unknown") is None


async def test_numbers_are_those_of_the_newest_event(cell: Cell, store: Store) -> None:
    task_id = await live_a_full_life(cell)
    reading = await store.read(task_id, -1, 0)
    assert reading is not None
    assert await store.numbers([task_id, "unknown"]) == [(reading.epoch, reading.seq), None]


async def _begin_generation(store: Store) -> None:
    """The same data under a new generation, as after a restart of the store."""
    if isinstance(store, RedisStore):
        # what a restart does: the store's run id is no longer the one on record
        await store._redis.command("HSET", key("generation"), "run_id", "another")
        await store._redis.close()
    elif isinstance(store, MemoryStore):
        store._epoch += 1


async def test_new_generation_asks_the_worker_for_its_memory_and_resets_readers(cell: Cell, store: Store) -> None:
    task_id, _ = await _running(cell)
    before = await store.append(task_id, token_of(task_id), 1, TextAdded(text="hello "))
    await _begin_generation(store)
    after = await store.append(task_id, token_of(task_id), 2, TextAdded(text="world"))
    assert after.epoch > before.epoch and after.seq == before.seq + 1 and after.restore
    snapshot = await store.read(task_id, before.epoch, before.seq)
    assert snapshot is not None and snapshot.snapshot is not None, "older positions mean nothing any more"
    restored = snapshot.snapshot.model_copy(update={"text": "hello world", "findings": (finding(),)})
    answer = await store.append(task_id, token_of(task_id), 3, TaskRestored(snapshot=restored.model_dump(mode="json")))
    assert not answer.restore
    reading = await store.read(task_id, after.epoch, after.seq)
    assert reading is not None and reading.events is not None and len(reading.events) == 1
    present = await store.read(task_id, -1, 0)
    assert present is not None and present.snapshot is not None
    assert (present.snapshot.text, present.snapshot.findings) == ("hello world", (finding(),))


async def _next(feed: Feed) -> Published | Confirmed:
    async with asyncio.timeout(WAIT_S):
        return await anext(aiter(feed.messages()))


async def test_feed_confirms_then_carries_each_event_with_its_number(cell: Cell, store: Store) -> None:
    task_id, _ = await _running(cell)
    feed, channel = store.feed(), key("task_channel", task_id)
    await feed.subscribe(channel)
    messages = aiter(feed.messages())
    async with asyncio.timeout(WAIT_S):
        assert await anext(messages) == Confirmed(channel)
        answer = await store.append(task_id, token_of(task_id), 1, ProgressMade(percent=10, status="s"))
        message = await anext(messages)
    assert isinstance(message, Published) and message.channel == channel
    epoch, seq, text = message.payload.split(":", 2)
    assert (int(epoch), int(seq)) == (answer.epoch, answer.seq)
    assert Event.model_validate_json(text).data == {"percent": 10, "status": "s"}
    await feed.close()


async def test_feed_rings_the_doorbell_for_a_large_event(cell: Cell, store: Store) -> None:
    task_id, _ = await _running(cell)
    feed, channel = store.feed(), key("task_channel", task_id)
    await feed.subscribe(channel)
    messages = aiter(feed.messages())
    async with asyncio.timeout(WAIT_S):
        await anext(messages)
        answer = await store.append(task_id, token_of(task_id), 1, TextAdded(text="x" * DOORBELL_BYTES))
        assert await anext(messages) == Published(channel, f"{answer.epoch}:{answer.seq}:")
    await feed.close()


async def test_ended_tasks_lose_their_log_first(make_store: MakeStore) -> None:
    brief = await make_store(replace(TIMING, log_kept_ms=1))
    task_id = await live_a_full_life(Cell(brief))
    async with asyncio.timeout(WAIT_S):
        while (reading := await brief.read(task_id, None, 0)) and reading.events is not None:
            await brief.sweep()
            CLOCK.move(1)
            await asyncio.sleep(0.005)  # Redis forgets by its own clock
    assert reading is not None and reading.snapshot is not None
    assert reading.snapshot.state is TaskState.SUCCESS and len(reading.snapshot.findings) == 2


async def test_end_in_a_new_generation_waits_for_the_workers_memory(cell: Cell, store: Store) -> None:
    task_id, _ = await _running(cell)
    await store.append(task_id, token_of(task_id), 1, TextAdded(text="hello"))
    await _begin_generation(store)
    end = TaskSucceeded(result={})
    assert (await store.append(task_id, token_of(task_id), 2, end)).outcome is AppendOutcome.RESTORE_FIRST
    present = await store.read(task_id, -1, 0)
    assert present is not None and present.snapshot is not None
    restored = TaskRestored(snapshot=present.snapshot.model_dump(mode="json"))
    assert (await store.append(task_id, token_of(task_id), 3, restored)).outcome is AppendOutcome.APPENDED
    assert (await store.append(task_id, token_of(task_id), 4, end)).outcome is AppendOutcome.APPENDED
    after = await store.read(task_id, -1, 0)
    assert after is not None and after.snapshot is not None
    assert (after.snapshot.state, after.snapshot.text) == (TaskState.SUCCESS, "hello")


async def test_worker_is_asked_for_its_memory_until_it_has_told_it(cell: Cell, store: Store) -> None:
    """The answer that asks for it may be lost, and the store's own events may come first in a new generation."""
    task_id, token = await _running(cell)
    await _begin_generation(store)
    assert await store.put_back(task_id, 1, token, reason="handed_back")
    first = await store.append(task_id, token, 1, TextAdded(text="a"))
    again = await store.append(task_id, token, 1, TextAdded(text="a"))
    assert (first.restore, again.restore) == (True, True)
    restored = TaskRestored(snapshot={"task_id": task_id, "kind": "analysis", "text": "all of it"})
    assert not (await store.append(task_id, token, 2, restored)).restore
    assert not (await store.append(task_id, token, 3, TextAdded(text="b"))).restore
