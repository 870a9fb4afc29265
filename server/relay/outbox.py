"""What waits to be written to one socket: bounded, in order, with one writer."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from server.relay.frames import Frame, joined

log = logging.getLogger(__name__)

Send = Callable[[Frame], Awaitable[None]]

CLOSE_FLUSH_S: Final = 2.0
"""How long a closing socket may take to accept what is still queued."""


class Outbox:
    """Takes frames at once and writes them one after the other.

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
        """Whether `offer` would take a frame. One frame may go over the bound, the next may not."""
        return not self._closed and len(self._frames) < self._packets and self._queued_bytes < self._size_bytes

    def is_ready(self) -> bool:
        """Whether there is room; if not, ``on_room`` will tell when there is."""
        if not self.has_room:
            self._refused = True
            return False
        return True

    def offer(self, frame: Frame) -> bool:
        """Queue a frame that can be read from the log later. False: no room, nothing was queued."""
        if not self.is_ready():
            return False
        self.put(frame)
        return True

    def put(self, frame: Frame) -> None:
        """Queue a frame that must arrive: an answer, a ping. Bounded by what the client may ask."""
        if self._closed:
            return
        self._frames.append(frame)
        self._queued_bytes += len(frame.get("text") or "")
        self._emptied.clear()
        if self._idle is not None and not self._idle.done():
            # a bare future: an asyncio.Event costs a third more for each frame and socket
            self._idle.set_result(None)
            self._idle = None

    async def room(self) -> None:
        """Wait until `offer` would take a frame, or the socket is closed."""
        while not self.has_room and not self._closed:
            await self._emptied.wait()

    async def close(self) -> None:
        """Write what is queued, for a moment at most, and stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_FLUSH_S):
                await self._emptied.wait()
        self.abandon()

    def abandon(self) -> None:
        """Stop at once; what is queued is lost with the socket."""
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
            await self._send(frame)
            for _ in range(count):
                self._queued_bytes -= len(self._frames.popleft().get("text") or "")
        self._emptied.set()
        if self._refused:
            self._refused = False
            self._on_room()
