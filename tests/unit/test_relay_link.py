"""Reading from a socket ends when the relay hangs up, and when the library's own task is to end."""

from __future__ import annotations

import asyncio

import pytest

from server.relay.bounds import Bounds
from server.relay.direct_outbox import Drains
from server.relay.link import Link


async def never(*_: object) -> dict:
    return await asyncio.get_running_loop().create_future()


@pytest.fixture
async def link():
    made = Link(never, never, Bounds(), Drains(), lambda _: None)
    yield made
    made.end()


async def begun(link: Link) -> asyncio.Task:
    reading = asyncio.create_task(link.receive())
    await asyncio.sleep(0)
    return reading


async def test_reader_is_told_that_the_connection_is_closed_and_lives_on_when_the_relay_hangs_up(link):
    async def read_and_go_on() -> tuple[str, str]:
        first = await link.receive()
        await asyncio.sleep(0)  # a cancellation that was left behind would be raised here
        return first["type"], (await link.receive())["type"]

    reading = asyncio.create_task(read_and_go_on())
    await asyncio.sleep(0)
    link.hang_up()
    assert await reading == ("websocket.disconnect", "websocket.disconnect")


async def test_reader_is_cancelled_when_somebody_else_cancels_it(link):
    reading = await begun(link)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_reader_is_cancelled_when_the_relay_hangs_up_at_the_same_time(link):
    reading = await begun(link)
    reading.cancel()
    link.hang_up()
    with pytest.raises(asyncio.CancelledError):
        await reading
