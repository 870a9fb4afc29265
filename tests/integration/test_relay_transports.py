"""The transport is found in each ASGI server that the relay knows, and one that it does not know is served too.

This is the contract that `server.relay.transports` stands on: it fails when a server has changed inside.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import uvicorn
from processes import WAIT_S
from relay_world import FAST, RawClient, TokenAccess, World, open_world, other_app

from server.queue_view import QueueView
from server.relay.direct_outbox import DirectOutbox
from server.relay.gateway import ASGIApp, Relay
from server.relay.queued_outbox import QueuedOutbox
from tasks.contract.events import ProgressMade
from tasks.contract.timing import Timing
from tasks.store.memory import MemoryStore

OpenWorld = Callable[[], AbstractAsyncContextManager[World]]


def hides_its_send(app: ASGIApp) -> ASGIApp:
    """As a server would look that nobody knows."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        async def hidden(message: Any) -> None:
            await send(message)

        await app(scope, receive, hidden)

    return serve


def on_uvicorn(ws: Any, around: Callable[[ASGIApp], ASGIApp] = lambda app: app) -> OpenWorld:
    @asynccontextmanager
    async def open_one() -> AsyncIterator[World]:
        store = MemoryStore(Timing())
        relay = Relay(store, TokenAccess(), QueueView(store, "test"), FAST)
        app: Any = around(relay.wrap(other_app))
        server = uvicorn.Server(uvicorn.Config(app, port=0, ws=ws, lifespan="off", log_level="warning"))
        await relay.start()
        serving = asyncio.create_task(server.serve())
        async with asyncio.timeout(WAIT_S):
            while not server.started:
                await asyncio.sleep(0)
        world = World(store, relay, "http://{}:{}".format(*server.servers[0].sockets[0].getsockname()[:2]))
        try:
            yield world
        finally:
            await world.close()
            await relay.stop()
            server.should_exit = True
            await asyncio.wait_for(serving, WAIT_S)

    return open_one


WORLDS: dict[str, tuple[OpenWorld, type[object]]] = {
    "hypercorn": (open_world, DirectOutbox),
    "uvicorn, websockets": (on_uvicorn("websockets-sansio"), DirectOutbox),
    "uvicorn, wsproto": (on_uvicorn("wsproto"), DirectOutbox),
    "an unknown server": (on_uvicorn("websockets-sansio", hides_its_send), QueuedOutbox),
}


@pytest.fixture(params=WORLDS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    open_one, outbox = WORLDS[request.param]
    async with open_one() as world:
        yield world
        kinds = {type(link.outbox) for link in world.relay._audience.links}
        assert kinds == {outbox}, "its sockets were not written to as was meant"


async def seqs_until(raw: RawClient, seq: int) -> list[int]:
    """The numbers of the events that were sent, up to that one."""
    seqs: list[int] = []

    def take(frame: str) -> bool:
        if frame.startswith('42["task_events"'):
            seqs.extend(event["seq"] for event in json.loads(frame[2:])[1])
        return seq in seqs

    await raw.until(take)
    return seqs


async def test_answers_and_events_of_every_size_come_whole_and_in_order(world: World) -> None:
    task, raws = await world.writer.run(), [await world.raw() for _ in range(3)]
    for raw in raws:
        await raw.connect()
        await raw.ask(1, "watch", {"task_id": task})
        assert (await raw.answer(1))["seq"] == 2
    for number, size in enumerate((1, 60, 200, 5_000, 70_000, 300_000, 1) * 3):
        await world.writer.append(task, ProgressMade(percent=1, status=f"{number} " + "ü" * size))
        await raws[0].ask(2 + number, "unwatch", {"task_id": "another"})  # answers go the same way
    for raw in raws:
        assert await seqs_until(raw, 23) == list(range(3, 24))


async def test_client_that_stops_reading_is_caught_up_when_it_reads_again(world: World) -> None:
    task, slow = await world.writer.run(), await world.raw(receive_buffer=4_096)
    await slow.connect()
    await slow.ask(1, "watch", {"task_id": task})
    await slow.answer(1)
    reading = slow.socket._reader._protocol
    reading.pause_reading()
    most = 0
    for number in range(1_000):
        await world.writer.append(task, ProgressMade(percent=1, status=f"{number} " + "x" * 7_000))
        await asyncio.sleep(0)
        most = max(most, *(link.outbox.waiting_bytes for link in world.relay._audience.links))
    assert 256 * 1024 < most < 3 * 1024 * 1024, "it was slow, and memory flat"
    reading.resume_reading()
    assert await seqs_until(slow, 1_002) == list(range(3, 1_003))
