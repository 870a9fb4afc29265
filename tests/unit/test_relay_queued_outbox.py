from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from processes import WAIT_S

from server.relay.frames import Frame, events_frame
from server.relay.queued_outbox import QueuedOutbox


class Socket:
    """An ASGI send that takes a frame only when it is let."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.open = asyncio.Event()
        self.broken = False

    async def send(self, message: MutableMapping[str, Any]) -> None:
        await self.open.wait()
        if self.broken:
            raise OSError("gone")
        self.sent.append(message["text"])


class Parts:
    def __init__(self, packets: int = 3, size_bytes: int = 100) -> None:
        self.socket = Socket()
        self.rooms = 0
        self.outbox = QueuedOutbox(self.socket.send, packets, size_bytes, self.note_room)

    def note_room(self) -> None:
        self.rooms += 1


async def drained(parts: Parts) -> None:
    parts.socket.open.set()
    async with asyncio.timeout(WAIT_S):
        await parts.outbox._emptied.wait()


async def test_outbox_writes_in_order_when_the_socket_takes_everything():
    parts = Parts()
    for text in "abc":
        assert parts.outbox.offer(Frame(text))
    await drained(parts)
    assert parts.socket.sent == ["a", "b", "c"]
    assert parts.rooms == 0


@pytest.mark.parametrize(("packets", "size_bytes", "text", "taken"), [(3, 1_000, "a", 3), (99, 10, "abcd", 3)])
async def test_outbox_refuses_and_tells_once_when_a_bound_is_reached(packets, size_bytes, text, taken):
    parts = Parts(packets, size_bytes)
    results = [parts.outbox.offer(Frame(text)) for _ in range(taken + 2)]
    assert results == [True] * taken + [False, False]
    await drained(parts)
    assert len(parts.socket.sent) == taken
    assert parts.rooms == 1
    assert parts.outbox.has_room


async def test_outbox_takes_what_must_arrive_when_it_is_full():
    parts = Parts(packets=1)
    parts.outbox.offer(Frame("a"))
    parts.outbox.put(Frame("pong"))
    await drained(parts)
    assert parts.socket.sent == ["a", "pong"]


async def test_outbox_holds_the_reader_back_when_it_is_full():
    parts = Parts(packets=1)
    parts.outbox.offer(Frame("a"))
    waiting = asyncio.create_task(parts.outbox.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    await drained(parts)
    await asyncio.wait_for(waiting, WAIT_S)


async def test_outbox_refuses_and_frees_its_memory_when_the_socket_broke():
    parts = Parts()
    parts.socket.broken = True
    parts.outbox.offer(Frame("a"))
    await drained(parts)
    assert not parts.outbox.offer(Frame("b"))
    await asyncio.wait_for(parts.outbox.room(), WAIT_S)


async def test_outbox_gives_up_when_it_is_abandoned_in_the_middle_of_a_write():
    parts = Parts()
    parts.outbox.offer(Frame("a"))
    await asyncio.sleep(0)
    parts.outbox.abandon()
    parts.outbox.put(Frame("b"))
    await drained(parts)
    assert parts.socket.sent == []
    assert not parts.outbox.has_room


async def test_outbox_joins_the_events_of_one_task_that_came_together_and_keeps_the_order():
    parts = Parts(packets=99, size_bytes=10_000)
    for task_id, event in (("t", "1"), ("t", "2"), ("t", "3"), ("u", "4"), ("t", "5")):
        parts.outbox.offer(events_frame(task_id, [event]))
    parts.outbox.put(Frame("ack"))
    await drained(parts)
    packets = [events_frame(t, e).text for t, e in (("t", ["1", "2", "3"]), ("u", ["4"]), ("t", ["5"]))]
    assert parts.socket.sent == [*packets, "ack"]
    assert parts.outbox.has_room
