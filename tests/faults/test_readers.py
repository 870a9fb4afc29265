"""Clients that stop reading, read in a trickle, come at any moment, or come back too late."""

from __future__ import annotations

import asyncio
import random
import statistics
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Self

from processes import WAIT_S
from sizes import pick
from stage import Stage, agree
from watcher import Watcher, each, until
from writers import Writer, speaking

from tasks.contract.events import ProgressMade
from tasks.contract.names import key
from tasks.store.reading import LOG_BOUND

LARGE_BYTES = 200_000
LARGE_EVENTS = pick(quick=100, long=600)
SMALL_BUFFER = 4_096
FLAT_MB = 24.0
SLOWER_MS = pick(quick=1_000 * WAIT_S, long=150.0)
MOMENTS = pick(quick=80, long=2_000)
TABS = 6


async def write_large(writer: Writer, count: int, per_second: float = 80) -> None:
    """Events far above what is published whole."""
    for number in range(count):
        await writer.append(ProgressMade(percent=number * 100 // count, status=f"{number} " + "x" * LARGE_BYTES))
        await asyncio.sleep(1 / per_second)


class Memory:
    """The most memory that the server has while the block runs."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._before = self._most = stage.rss_mb(0)

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._looking.cancel()

    async def _look(self) -> None:
        while True:
            self._most = max(self._most, self._stage.rss_mb(0))
            await asyncio.sleep(0.02)

    @property
    def growth(self) -> float:
        return self._most - self._before


def late_ms(watchers: Sequence[Watcher], task_id: str, since: int) -> float:
    """The 95th percentile of the way of that task's events, from the store's clock to the client."""
    delays = [late for watcher in watchers for _, late in watcher.journals[task_id].delays_ms[since:]]
    return statistics.quantiles(delays, n=20)[-1]


async def slow_one_among_others(
    stage: Stage, make_slow: Callable[[Watcher], None], report: Callable[[str], None]
) -> None:
    """One client reads as ``make_slow`` says, the others must not notice, and neither may the memory."""
    large, small = await stage.writers(2)
    ids = [large.task_id, small.task_id]
    async with AsyncExitStack() as tabs:
        others = [await tabs.enter_async_context(Watcher(stage.urls, ids)) for _ in range(2)]
        slow = await tabs.enter_async_context(Watcher(stage.urls, [large.task_id], receive_buffer=SMALL_BUFFER))
        await each([*others, slow], Watcher.watched)
        async with speaking([small], 50):
            await write_large(large, LARGE_EVENTS // 3)
            usual_ms, so_far = late_ms(others, small.task_id, 0), len(others[0].journals[small.task_id].delays_ms)
            memory = await tabs.enter_async_context(Memory(stage))
            make_slow(slow)
            await write_large(large, LARGE_EVENTS)
            assert slow.socket is not None
            journal, number = slow.journals[large.task_id], large.snapshot.seq
            await until(lambda: (others[0].journals[large.task_id].at or (0, 0))[1] == number, "others have all")
            unread_mb = (number - (journal.at or (0, 0))[1]) * LARGE_BYTES / 1e6
            slow_ms, growth_mb = late_ms(others, small.task_id, so_far), memory.growth
            slow.socket.trickle = None
            slow.socket.reads.set()
        await large.finish()
        shown = await stage.verdict(others, [small])
        truth = await stage.statuses([large.task_id])
        at = (truth[large.task_id]["epoch"], truth[large.task_id]["seq"])
        await until(lambda: all(w.journals[large.task_id].at == at for w in [*others, slow]), "all show the end")
        assert all(w.journals[large.task_id].offences == [] for w in [*others, slow])
        assert all(w.journals[large.task_id].resets == 0 for w in others), "who reads is told every event"
    assert unread_mb > LARGE_EVENTS * LARGE_BYTES / 2e6, "it really was far behind"
    assert growth_mb < unread_mb / 2
    assert slow_ms < usual_ms * 2 + SLOWER_MS
    report(
        f"{unread_mb:.0f} MB unread, memory grew by {growth_mb:.1f} MB, "
        f"the others' p95 {slow_ms:.0f} ms after {usual_ms:.0f} ms, {shown} small events shown"
    )


async def test_memory_and_others_are_unharmed_when_a_client_stops_reading(
    stage: Stage, report: Callable[[str], None]
) -> None:
    def stop_reading(watcher: Watcher) -> None:
        assert watcher.socket is not None
        watcher.socket.reads.clear()

    await slow_one_among_others(stage, stop_reading, report)


async def test_memory_and_others_are_unharmed_when_a_client_reads_in_a_trickle(
    stage: Stage, report: Callable[[str], None]
) -> None:
    def read_in_a_trickle(watcher: Watcher) -> None:
        assert watcher.socket is not None
        watcher.socket.trickle = (1_024, 0.02)

    await slow_one_among_others(stage, read_in_a_trickle, report)


async def test_memory_is_unharmed_when_a_client_comes_back_to_many_large_events(stage: Stage) -> None:
    (writer,) = await stage.writers(1)
    async with Watcher(stage.urls, [writer.task_id]) as watcher:
        await watcher.watched()
        watcher.go_offline()
        await until(lambda: watcher.socket is None, "it is offline")
        await write_large(writer, 200, per_second=1_000)
        await writer.finish()
        async with Memory(stage) as memory:
            watcher.may_connect.set()
            truth = await stage.statuses([writer.task_id])
            await agree([watcher], truth)
        assert memory.growth < FLAT_MB


async def test_every_event_is_shown_once_when_watches_begin_and_end_at_any_moment(
    stage: Stage, report: Callable[[str], None]
) -> None:
    chance = random.Random(2)
    writers = await stage.writers(10)
    ids = [writer.task_id for writer in writers]
    asked = midst = 0
    async with AsyncExitStack() as tabs:
        watchers = [await tabs.enter_async_context(Watcher(stage.urls, [])) for _ in range(TABS)]
        await until(lambda: all(watcher.socket for watcher in watchers), "all are connected")
        async with speaking(writers, 500):
            while asked < MOMENTS or midst <= MOMENTS / 2:
                watcher, task_id = chance.choice(watchers), chance.choice(ids)
                watcher.watch(task_id)
                asked += 1
                await asyncio.sleep(chance.uniform(0, 0.05))  # a moment of nobody's choosing
                if chance.random() < 0.3:
                    watcher.unwatch(chance.choice(list(watcher.journals)))
                journals = [journal for watcher in watchers for journal in watcher.journals.values()]
                midst = sum(seq > 3 for journal in journals for _, seq in journal.answers)
        for watcher in watchers:
            for task_id in watcher.journals:
                watcher.watch(task_id)
        shown = await stage.verdict(watchers, writers)
    report(f"{asked} watches, {midst} answered in the midst, {shown} events shown")


async def test_page_is_reset_when_it_comes_back_later_than_the_log_reaches(
    stage: Stage, report: Callable[[str], None]
) -> None:
    (writer, other) = await stage.writers(2)
    async with Watcher(stage.urls, [writer.task_id, other.task_id]) as watcher:
        await watcher.watched()
        await writer.say()
        journal, kept = watcher.journals[writer.task_id], watcher.journals[other.task_id]
        await until(lambda: journal.screen.text, "the first word is shown")
        watcher.go_offline()
        await until(lambda: watcher.socket is None, "it is offline")
        stage.control.config_set("appendfsync", "no")  # two thousand syncs prove nothing here
        for _ in range(LOG_BOUND + 300):
            await writer.say()
        stage.control.config_set("appendfsync", "always")
        for _ in range(20):
            await other.say()
        last = int(stage.control.hget(key("task", writer.task_id), "seq"))
        first = last + 1 - stage.control.llen(key("log", writer.task_id))
        assert journal.at is not None
        assert first > journal.at[1] + 1, "what it has missed is really gone from the log"
        watcher.may_connect.set()
        await until(lambda: journal.resets, "it is reset")
        for each_writer in (writer, other):
            await each_writer.say()
            await each_writer.finish()
        await stage.verdict([watcher], [writer, other], may_reset=True)
        assert (journal.resets, kept.resets) == (1, 0), "only where history is gone"
        assert watcher.connections == stage.urls * 2
    report(f"{first - 1} events were gone, one reset, and the task beside it went on from its log")
