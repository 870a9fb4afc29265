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


async def kill_again_and_again(stage: Stage, kind: str, every_s: float, times: int) -> int:
    """How many connections of that kind were cut in all."""
    cut = 0
    for _ in range(times):
        await asyncio.sleep(every_s)  # the rhythm of the fault
        cut += stage.control.client_kill_filter(_type=kind, skipme=True)
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
            cut = await kill_again_and_again(stage, "pubsub", 0.2, KILLS)
        shown = await stage.verdict(watchers, writers)
    assert cut >= KILLS, "the subscriptions of the server were really cut"
    batches = sum(journal.batches for watcher in watchers for journal in watcher.journals.values())
    assert batches > 0, "something was missed by the subscription and came from the log"
    report(f"{cut} subscriptions cut, {shown} events shown, {batches} times several at once from the log")


async def test_every_event_is_shown_once_when_connections_are_cut_in_mid_script(
    stage: Stage, report: Callable[[str], None]
) -> None:
    writers = await stage.writers(TASKS)
    async with AsyncExitStack() as tabs:
        ids = [writer.task_id for writer in writers]
        watchers = [await tabs.enter_async_context(Watcher(stage.urls, ids)) for _ in range(TABS)]
        await each(watchers, Watcher.watched)
        async with speaking(writers, RATE):
            cut = await kill_again_and_again(stage, "normal", 0.03, KILLS * 5)
        shown = await stage.verdict(watchers, writers)
    unanswered, carried_out = (sum(getattr(w, name) for w in writers) for name in ("unanswered", "carried_out"))
    assert cut >= KILLS, "connections were really cut"
    assert carried_out >= 1, "the store had carried out a script whose answer was then lost"
    report(f"{cut} cut, {unanswered} appends unanswered, {carried_out} of them carried out, {shown} events shown")
