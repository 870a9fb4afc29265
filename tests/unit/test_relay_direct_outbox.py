from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from processes import WAIT_S

from server.relay.direct_outbox import DirectOutbox, Drains
from server.relay.frames import Frame

SIZE_BYTES = 100


class Transport(asyncio.Transport):
    """Keeps what it is given until the network takes it."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = b""
        self.closing = self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.waiting += bytes(data)

    def get_write_buffer_size(self) -> int:
        return len(self.waiting)

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self.aborted = True

    def drain(self, left: int = 0) -> None:
        self.waiting = self.waiting[:left]


class Parts:
    def __init__(self) -> None:
        self.transport, self.drains = Transport(), Drains()
        self.told = asyncio.Event()
        self.rooms = 0
        self.outbox = DirectOutbox(self.transport, SIZE_BYTES, self.drains, self.note_room)
        self.looking = asyncio.create_task(self.drains.run())

    def note_room(self) -> None:
        self.rooms += 1
        self.told.set()

    def fill(self) -> None:
        while self.outbox.offer(Frame("x" * 30)):
            pass


@pytest.fixture
async def parts() -> AsyncIterator[Parts]:
    made = Parts()
    yield made
    made.looking.cancel()


async def test_outbox_writes_frames_as_they_stand_on_the_wire_at_once(parts: Parts) -> None:
    frames = [Frame("a"), Frame("b")]
    assert parts.outbox.offer(frames[0])
    parts.outbox.put(frames[1])
    assert parts.transport.waiting == frames[0].wire + frames[1].wire


async def test_outbox_refuses_what_is_over_the_bound_and_tells_once_when_half_of_it_has_left(parts: Parts) -> None:
    parts.fill()
    assert SIZE_BYTES <= parts.outbox.waiting_bytes < SIZE_BYTES + 40
    parts.transport.drain(left=SIZE_BYTES // 2 + 1)
    assert not parts.outbox.look()
    assert parts.rooms == 0
    parts.transport.drain(left=SIZE_BYTES // 2)
    await asyncio.wait_for(parts.told.wait(), WAIT_S)
    assert parts.outbox.look()
    assert (parts.rooms, parts.outbox.has_room) == (1, True)


async def test_outbox_takes_what_must_arrive_when_it_is_full(parts: Parts) -> None:
    parts.fill()
    parts.outbox.put(Frame("pong"))
    assert parts.transport.waiting.endswith(b"pong")


async def test_outbox_holds_the_reader_back_when_it_is_full(parts: Parts) -> None:
    parts.fill()
    waiting = asyncio.create_task(parts.outbox.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    parts.transport.drain()
    await asyncio.wait_for(waiting, WAIT_S)


async def test_outbox_refuses_and_lets_its_reader_go_when_the_connection_is_lost(parts: Parts) -> None:
    parts.fill()
    waiting = asyncio.create_task(parts.outbox.room())
    await asyncio.sleep(0)
    parts.transport.closing = True
    await asyncio.wait_for(waiting, WAIT_S)
    parts.transport.drain()
    assert not parts.outbox.offer(Frame("a"))
    parts.outbox.put(Frame("b"))
    assert (parts.transport.waiting, parts.rooms) == (b"", 0)


async def test_outbox_lets_its_reader_go_when_it_is_abandoned(parts: Parts) -> None:
    parts.fill()
    waiting = asyncio.create_task(parts.outbox.room())
    await asyncio.sleep(0)
    parts.outbox.abandon()
    await asyncio.wait_for(waiting, WAIT_S)
    assert not parts.outbox.has_room


async def test_closing_outbox_breaks_a_connection_whose_client_takes_nothing(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.relay.direct_outbox.CLOSE_FLUSH_S", 0.0)
    parts.fill()
    await parts.outbox.close()
    async with asyncio.timeout(WAIT_S):
        while not parts.transport.aborted:
            await asyncio.sleep(0)


async def test_drains_look_at_nobody_when_nobody_is_full(parts: Parts) -> None:
    parts.outbox.offer(Frame("a"))
    await asyncio.sleep(0)
    assert not parts.drains._any.is_set()
