"""Connections to the store that are cut again and again while events flow, with the journals of the
clients as the judge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from sizes import pick
from stage import Stage
from watcher import Watcher, each
from writers import speaking

TABS = pick(quick=4, long=10)
TASKS = pick(quick=6, long=20)
RATE = 150
KILLS = pick(quick=12, long=300)


async def kill_again_and_again(stage: Stage, kind: str, every_s: float, times: int, told: Callable[[], bool]) -> int:
    """How many connections of that kind were cut in all: so many times at least, and until it has told."""
    rounds = cut = 0
    while rounds < times or cut < KILLS or not told():
        await asyncio.sleep(every_s)  # the rhythm of the fault
        cut += stage.control.client_kill_filter(_type=kind, skipme=True)
        rounds += 1
    return cut


async def test_every_event_is_shown_once_when_subscriptions_are_cut_every_200_ms(
    stage: Stage, report: Callable[[str], None]
) -> None:
    writers = await stage.writers(TASKS)
    async with AsyncExitStack() as tabs:
        ids = [writer.task_id for writer in writers]
        watchers = [await tabs.enter_async_context(Watcher(stage.urls, ids)) for _ in range(TABS)]
        await each(watchers, Watcher.watched)
        async with speaking(writers, RATE):

            def batches() -> int:
                return sum(journal.batches for watcher in watchers for journal in watcher.journals.values())

            # something was missed by the subscription and came from the log
            cut = await kill_again_and_again(stage, "pubsub", 0.2, KILLS, lambda: batches() > 0)
        shown = await stage.verdict(watchers, writers)
    report(f"{cut} subscriptions cut, {shown} events shown, {batches()} times several at once from the log")


async def test_every_event_is_shown_once_when_connections_are_cut_in_mid_script(
    stage: Stage, report: Callable[[str], None]
) -> None:
    writers = await stage.writers(TASKS)
    async with AsyncExitStack() as tabs:
        ids = [writer.task_id for writer in writers]
        watchers = [await tabs.enter_async_context(Watcher(stage.urls, ids)) for _ in range(TABS)]
        await each(watchers, Watcher.watched)
        async with speaking(writers, RATE):
            # the store had carried out a script whose answer was then lost
            cut = await kill_again_and_again(
                stage, "normal", 0.03, KILLS * 5, lambda: any(writer.carried_out for writer in writers)
            )
        shown = await stage.verdict(watchers, writers)
    unanswered, carried_out = (sum(getattr(w, name) for w in writers) for name in ("unanswered", "carried_out"))
    report(f"{cut} cut, {unanswered} appends unanswered, {carried_out} of them carried out, {shown} events shown")
