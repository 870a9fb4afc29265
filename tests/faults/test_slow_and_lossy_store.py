"""A server whose way to the store delays its reads, or loses what was published."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from sizes import pick
from stage import Stage
from store_proxy import StoreProxy
from watcher import Watcher, each, until
from writers import speaking

RATE = 150
TASKS = 4
TABS = pick(quick=8, long=12)
COMINGS = pick(quick=24, long=600)
LAST_ONES = pick(quick=3, long=100)
LONGEST_S = 0.2


@pytest.fixture(scope="module")
async def proxy(stage: Stage) -> AsyncIterator[StoreProxy]:
    """The second server of the stage stands behind it."""
    async with StoreProxy(stage.folder / "p", stage.socket) as proxy:
        number = await stage.add_server(proxy.url)
        yield proxy
        proxy.heal()
        await stage.stop_server(number)


async def test_every_event_is_shown_once_when_reads_are_slow_and_live_events_overtake_them(
    stage: Stage, proxy: StoreProxy, report: Callable[[str], None]
) -> None:
    chance = random.Random(1)
    proxy.delay_s = lambda: chance.uniform(0.02, LONGEST_S)
    writers = await stage.writers(TASKS)
    ids = [writer.task_id for writer in writers]
    async with AsyncExitStack() as tabs:
        watchers = [await tabs.enter_async_context(Watcher(stage.urls[1:], ids)) for _ in range(TABS)]
        async with speaking(writers, RATE):
            comings = 0
            while comings < COMINGS or proxy.delayed <= COMINGS or proxy.overtook <= COMINGS:
                await asyncio.sleep(chance.uniform(0, 0.1))  # a moment of nobody's choosing
                tab = chance.choice(watchers)
                comings += tab.socket is not None
                tab.go_offline()
                tab.may_connect.set()
        shown = await stage.verdict(watchers, writers)
        await each(watchers, Watcher.watched)
    proxy.heal()
    assert sum(len(watcher.connections) for watcher in watchers) > COMINGS / 2, "clients came in the midst of it"
    report(f"{proxy.delayed} answers held, {proxy.overtook} events passed them, {shown} events shown")


async def test_last_event_is_shown_when_only_its_publish_is_lost(
    stage: Stage, proxy: StoreProxy, report: Callable[[str], None]
) -> None:
    writers = await stage.writers(LAST_ONES)
    async with Watcher(stage.urls[1:], [writer.task_id for writer in writers]) as watcher:
        await watcher.watched()
        for writer in writers:
            await writer.say()
        journals = list(watcher.journals.values())
        await until(lambda: all(journal.screen.text for journal in journals), "the first words are shown")
        lost, proxy.loses = proxy.lost, lambda payload: b'"task_succeeded"' in payload
        for writer in writers:
            await writer.finish()
        await stage.verdict([watcher], writers)
        delays = [journal.delays_ms[-1][1] for journal in journals]
    proxy.heal()
    assert proxy.lost - lost == len(writers), "each last publish was really lost, and nothing else"
    assert len(watcher.connections) == 1, "no reconnect brought them"
    report(f"{len(writers)} last events lost, each shown after at most {max(delays) / 1000:.1f} s")
