"""Servers that are killed or restarted under their clients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest
from sizes import LONG, pick
from stage import Stage
from watcher import Watcher, each, until
from writers import Writer, speaking

SOCKETS = pick(quick=50, long=1_000)
SOCKETS_PER_OWNER = 25
TABS, TASKS = pick(quick=(5, 4), long=(50, 20))
RESTARTS = pick(quick=1, long=5)


@pytest.fixture(scope="module")
async def two_servers(stage: Stage) -> Stage:
    await stage.add_server()
    return stage


async def test_all_sockets_go_on_at_another_server_when_theirs_is_killed(
    two_servers: Stage, report: Callable[[str], None]
) -> None:
    stage = two_servers
    writers: list[Writer] = []
    tokens = {}
    async with AsyncExitStack() as tabs:
        watchers: list[Watcher] = []
        for number in range(SOCKETS // SOCKETS_PER_OWNER):
            owner = f"o{number}"
            tokens[owner] = await stage.token_of(owner)
            writers += (mine := await stage.writers(2, owner))
            for _ in range(SOCKETS_PER_OWNER):
                watcher = Watcher(stage.urls, [writer.task_id for writer in mine], tokens[owner])
                watchers.append(await tabs.enter_async_context(watcher))
        await each(watchers, Watcher.watched)
        async with speaking(writers, pick(quick=4.0, long=1.0) * len(writers)):
            assert {url for watcher in watchers for url in watcher.connections} == {stage.urls[0]}
            stage.kill_server(0)
            await each(watchers, lambda watcher: back_on(watcher, stage.urls[1]))
        shown = 0
        for number, token in enumerate(tokens.values()):
            theirs = slice(SOCKETS_PER_OWNER * number, SOCKETS_PER_OWNER * (number + 1))
            shown += await stage.verdict(watchers[theirs], writers[2 * number : 2 * number + 2], token=token)
    await stage.restart_server(0)
    assert all(watcher.connections[-1] == stage.urls[1] for watcher in watchers), "the other server took them"
    report(f"{len(watchers)} sockets moved, {shown} events shown, no reset")


async def back_on(watcher: Watcher, url: str) -> None:
    await until(lambda: watcher.connections[-1] == url and watcher.socket, "it is connected there")


async def test_every_tab_shows_every_event_once_when_all_servers_restart(
    two_servers: Stage, report: Callable[[str], None]
) -> None:
    stage = two_servers
    writers = await stage.writers(TASKS)
    ids = [writer.task_id for writer in writers]
    before = {server.pid for server in stage.servers.values()}
    async with AsyncExitStack() as tabs:
        watchers = []
        for number in range(TABS):
            nearest = stage.urls if number % 2 else stage.urls[::-1]
            watchers.append(await tabs.enter_async_context(Watcher(nearest, ids)))
        await each(watchers, Watcher.watched)
        async with speaking(writers, 40):
            for _ in range(RESTARTS):
                if LONG:
                    await restart_one_after_the_other(stage)
                stage.kill_server(1)
                await stage.stop_server(0)
                await asyncio.gather(stage.restart_server(0), stage.restart_server(1))
                await each(watchers, back_on_any)
        shown = await stage.verdict(watchers, writers)
    assert before.isdisjoint(server.pid for server in stage.servers.values()), "all servers are others"
    fewest = min(len(watcher.connections) for watcher in watchers)
    assert fewest > RESTARTS, "every tab was cut off"
    report(f"{TABS} tabs x {TASKS} tasks, {RESTARTS} rounds, each tab connected {fewest} times or more, {shown} shown")


async def back_on_any(watcher: Watcher) -> None:
    await until(lambda: watcher.socket, "it is connected again")


async def restart_one_after_the_other(stage: Stage) -> None:
    """As a deployment does."""
    for number in list(stage.servers):
        await stage.stop_server(number)
        await stage.restart_server(number)
