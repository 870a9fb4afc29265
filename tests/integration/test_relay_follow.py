"""`follow_task` against a real relay, through a restart of it."""

from __future__ import annotations

import asyncio

import pytest
from processes import WAIT_S
from relay_world import World, open_world

from server.follow import follow_task
from tasks.contract.errors import NotFound, Unauthorized
from tasks.contract.events import TaskSucceeded


@pytest.fixture
async def world():
    async with open_world() as world:
        yield world


async def collect(world: World, task: str, shown: list) -> None:
    async with asyncio.timeout(WAIT_S):
        async for each in follow_task(world.url, task, "ann"):
            shown.append(each)


async def test_follow_task_gives_every_event_once_and_ends_when_the_task_ends(world: World):
    task, shown = await world.writer.run(), []
    following = asyncio.create_task(collect(world, task, shown))
    await world.writer.say(task, *"abc")
    await world.writer.append(task, TaskSucceeded(result={}))
    await following
    assert [event["seq"] for event in shown] == [1, 2, 3, 4, 5, 6]


async def test_follow_task_goes_on_where_it_was_when_the_connection_breaks(world: World):
    task, shown = await world.writer.run(), []
    following = asyncio.create_task(collect(world, task, shown))
    for word in "abcdef":
        await world.writer.say(task, word)
        seen = len(shown)
        async with asyncio.timeout(WAIT_S):
            while len(shown) == seen:
                await asyncio.sleep(0.01)
        for link in list(world.relay._audience.links):
            link.hang_up()
    await world.writer.append(task, TaskSucceeded(result={}))
    await following
    assert [event["seq"] for event in shown] == list(range(1, 10))


async def test_follow_task_raises_when_the_task_is_unknown(world: World):
    with pytest.raises(NotFound):
        await collect(world, "nothing", [])


async def test_follow_task_raises_when_the_server_does_not_let_it_in(world: World):
    with pytest.raises(Unauthorized):
        async for _ in follow_task(world.url, "t1"):
            pass
