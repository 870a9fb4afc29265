"""The outbox of a socket of any ASGI server: a queue, and a task that writes it through the server's ``send``."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from server.relay.frames import Frame, joined
from server.relay.outbox import CLOSE_FLUSH_S

log = logging.getLogger(__name__)

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class QueuedOutbox:
    """See `Outbox`. Takes frames at once and writes them one after the other.

    Nothing here waits for a slow socket but its own writer, so that one stalled browser cannot hold
    up the others. ``on_room`` is called each time that the outbox has run empty after it refused.
    """

    def __init__(self, send: Send, packets: int, size_bytes: int, on_room: Callable[[], None]) -> None:
        self._send = send
        self._packets = packets
        self._size_bytes = size_bytes
        self._on_room = on_room
        self._frames: deque[Frame] = deque()
        self._queued_bytes = 0
        self._refused = False
        self._closed = False
        self._idle: asyncio.Future[None] | None = None
        self._emptied = asyncio.Event()
        self._emptied.set()
        self._writer = asyncio.create_task(self._write())

    @property
    def has_room(self) -> bool:
        """See `Outbox.has_room`."""
        return not self._closed and len(self._frames) < self._packets and self._queued_bytes < self._size_bytes

    @property
    def waiting_bytes(self) -> int:
        """See `Outbox.waiting_bytes`."""
        return self._queued_bytes

    def is_ready(self) -> bool:
        """See `Outbox.is_ready`."""
        if not self.has_room:
            self._refused = True
            return False
        return True

    def offer(self, frame: Frame) -> bool:
        """See `Outbox.offer`."""
        if not self.is_ready():
            return False
        self.put(frame)
        return True

    def put(self, frame: Frame) -> None:
        """See `Outbox.put`."""
        if self._closed:
            return
        self._frames.append(frame)
        self._queued_bytes += len(frame.text)
        self._emptied.clear()
        if self._idle is not None and not self._idle.done():
            # a bare future: an asyncio.Event costs a third more for each frame and socket
            self._idle.set_result(None)
            self._idle = None

    async def room(self) -> None:
        """See `Outbox.room`."""
        while not self.has_room and not self._closed:
            await self._emptied.wait()

    async def close(self) -> None:
        """See `Outbox.close`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_FLUSH_S):
                await self._emptied.wait()
        self.abandon()

    def abandon(self) -> None:
        """See `Outbox.abandon`."""
        self._closed = True
        self._frames.clear()
        self._writer.cancel()
        self._emptied.set()

    async def _write(self) -> None:
        try:
            while True:
                if not self._frames:
                    self._idle = asyncio.get_running_loop().create_future()
                    await self._idle
                await self._drain()
        except Exception:  # each server has its own exception for a socket that is gone
            log.debug("a socket broke while it was written to", exc_info=True)
        finally:
            # from now on it must refuse, not fill up
            self._closed = True
            self._emptied.set()

    async def _drain(self) -> None:
        while self._frames:
            frame, count = joined(self._frames)
            await self._send(frame.as_asgi())
            for _ in range(count):
                self._queued_bytes -= len(self._frames.popleft().text)
        self._emptied.set()
        if self._refused:
            self._refused = False
            self._on_room()
