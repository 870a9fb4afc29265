"""The outbox of a socket whose transport is known: each frame goes straight into it.

Within one step of the event loop the transport gathers what it is given and writes it with one call to the
system. What the network has not taken yet waits in there, and is what the bound is compared with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from server.relay.frames import Frame
from server.relay.outbox import CLOSE_FLUSH_S

_LOOK_EVERY_S: Final = 0.01


class Drains:
    """Looks at the full outboxes until they have room.

    A transport tells only its protocol, which is the server's, when it has drained. So one task looks at all
    that somebody waits for; while there are none it does nothing.
    """

    def __init__(self) -> None:
        self._waiting: set[DirectOutbox] = set()
        self._any = asyncio.Event()

    def wait_for(self, outbox: DirectOutbox) -> None:
        """Call its `look` until that is satisfied."""
        self._waiting.add(outbox)
        self._any.set()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self._any.wait()
            await asyncio.sleep(_LOOK_EVERY_S)
            self._waiting = {outbox for outbox in self._waiting if not outbox.look()}
            if not self._waiting:
                self._any.clear()


class DirectOutbox:
    """See `Outbox`."""

    __slots__ = ("_closed", "_drains", "_on_room", "_refused", "_roomy", "_size_bytes", "_transport")

    def __init__(
        self, transport: asyncio.WriteTransport, size_bytes: int, drains: Drains, on_room: Callable[[], None]
    ) -> None:
        self._transport = transport
        self._size_bytes = size_bytes
        self._drains = drains
        self._on_room = on_room
        self._refused = False
        self._closed = False
        self._roomy: asyncio.Future[None] | None = None

    @property
    def has_room(self) -> bool:
        """See `Outbox.has_room`."""
        return not self._is_over and self._transport.get_write_buffer_size() < self._size_bytes

    @property
    def _is_over(self) -> bool:
        return self._closed or self._transport.is_closing()

    @property
    def waiting_bytes(self) -> int:
        """See `Outbox.waiting_bytes`."""
        return self._transport.get_write_buffer_size()

    def is_ready(self) -> bool:
        """See `Outbox.is_ready`."""
        if self.has_room:
            return True
        if not self._is_over:
            self._refused = True
            self._drains.wait_for(self)
        return False

    def offer(self, frame: Frame) -> bool:
        """See `Outbox.offer`."""
        transport = self._transport
        # what `is_ready` asks, without its calls: this is where the time of an event goes
        full = self._closed or transport.is_closing() or transport.get_write_buffer_size() >= self._size_bytes
        if full and not self.is_ready():
            return False
        transport.write(frame.wire)
        return True

    def put(self, frame: Frame) -> None:
        """See `Outbox.put`."""
        if not self._is_over:
            self._transport.write(frame.wire)

    async def room(self) -> None:
        """See `Outbox.room`."""
        while not self.has_room and not self._is_over:
            self._roomy = asyncio.get_running_loop().create_future()
            self._drains.wait_for(self)
            await self._roomy

    def look(self) -> bool:
        """Tell those who wait if there is room again, or never will be. False: look again."""
        if not self._is_over and self._transport.get_write_buffer_size() > self._size_bytes // 2:
            return False
        if self._roomy is not None and not self._roomy.done():
            self._roomy.set_result(None)
        if self._refused and not self._is_over:
            self._refused = False
            self._on_room()
        return True

    async def close(self) -> None:
        """See `Outbox.close`. The server closes the transport, which goes on writing; a client that does not
        read would keep it, and the server's task, for as long as TCP hopes."""
        self._closed = True
        if self._transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(CLOSE_FLUSH_S, self._transport.abort)

    def abandon(self) -> None:
        """See `Outbox.abandon`."""
        self._closed = True
        self.look()
