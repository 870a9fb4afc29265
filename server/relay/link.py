"""One connection: who it is, what it watches, and its two directions, both bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, Final

from server.relay.bounds import Bounds, Throttle
from server.relay.direct_outbox import DirectOutbox, Drains
from server.relay.frames import Frame
from server.relay.outbox import CLOSE_FLUSH_S, Outbox
from server.relay.positions import Cursor
from server.relay.queued_outbox import QueuedOutbox, Send
from server.relay.transports import transport_of

SCOPE_KEY: Final = "galley.link"
"""Where the ASGI scope of a connection carries its `Link`."""
_PACKET_TYPES: Final = frozenset("0123456")
Message = MutableMapping[str, Any]
"""As ASGI spells it."""
Receive = Callable[[], Awaitable[Message]]


class Link:
    """The relay's side of one WebSocket.

    The socket library reads through `receive` and writes through `send`, so that its own packets
    (answers to connect, pings) and the relay's frames leave in one order through one outbox.
    """

    __slots__ = (
        *(
            "_deadline",
            "_hung_up",
            "_is_gone",
            "_message_bytes",
            "_on_room",
            "_reader",
            "_receive",
            "_send",
            "_throttle",
        ),
        *("cursors", "documents", "outbox", "owner", "shown_stats", "told_store_away", "watches_queue"),
    )

    def __init__(
        self, receive: Receive, send: Send, bounds: Bounds, drains: Drains, on_room: Callable[[Link], None]
    ) -> None:
        self.owner: str | None = None
        self.cursors: dict[str, Cursor] = {}
        self.documents: dict[str, bool] = {}  # watched documents; the value: whether it was answered
        self.watches_queue = False
        self.shown_stats = ""
        self.told_store_away = False
        self.outbox = _outbox_of(send, bounds, drains, self._tell_room)
        self._on_room = on_room
        self._receive = receive
        self._send = send
        self._throttle = Throttle(bounds.messages_per_s)
        self._message_bytes = bounds.message_bytes
        self._hung_up = False
        self._is_gone = False
        self._reader: asyncio.Task[Any] | None = None
        self._deadline = asyncio.get_running_loop().call_later(bounds.connect_s, self.hang_up)

    def accept(self, owner: str) -> None:
        """The connection belongs to ``owner`` from now on."""
        self.owner = owner
        self._deadline.cancel()

    def hang_up(self) -> None:
        """Let the library see a closed connection, so that it tidies up and closes ours.

        Its own `disconnect` would tell a JavaScript client never to come back.
        """
        self._hung_up = True
        if self._reader is not None:
            self._reader.cancel()

    async def receive(self) -> Message:
        """The next message. Held back while the client does not read its answers or sends too fast;
        the network then slows it down."""
        if self._hung_up:
            return _closed()
        # a task of our own for each message could be cancelled with less thought, and would be one kilobyte
        # of each connection that has nothing to say
        self._reader = reader = asyncio.current_task()
        assert reader is not None
        try:
            await self.outbox.room()
            said = await self._receive()
            self._is_gone = _is_end(said)
        except asyncio.CancelledError:
            if not self._hung_up or reader.uncancel():
                raise  # it is the library's own task that is to end
            return _closed()
        finally:
            self._reader = None
        if said["type"] == "websocket.receive" and not self._takes(said):
            return _closed()
        await asyncio.sleep(self._throttle.wait_s())
        return said

    def _takes(self, said: Message) -> bool:
        """Whether it is a message at all: the library meets an empty one, or one of a type that Engine.IO does
        not have, with an exception, and one beyond the bound by falling silent."""
        text: str | None = said.get("text")
        data: str | bytes = text or said.get("bytes") or b""
        return 0 < len(data) <= self._message_bytes and (not text or text[0] in _PACKET_TYPES)

    async def take_rest(self) -> None:
        """Take what the client still sends after the end, until it is gone. Hypercorn has it wait in a short
        queue, behind which also the end of the connection waits: unread, they would keep it for ever."""
        while not self._is_gone:
            self._is_gone = _is_end(await self._receive())

    def _tell_room(self) -> None:
        self._on_room(self)

    async def send(self, message: Message) -> None:
        """What the library wants written."""
        if message["type"] == "websocket.send":
            self.outbox.put(Frame(message["text"]))  # the library sends bytes only for what it was given as bytes
        elif message["type"] == "websocket.close":
            await self._close(message)
        else:
            await self._send(message)

    async def _close(self, message: Message) -> None:
        await self.outbox.close()
        with suppress(TimeoutError):  # one that does not read cannot be told; TCP ends it
            async with asyncio.timeout(CLOSE_FLUSH_S):
                await self._send(message)

    def end(self) -> None:
        """The connection is over."""
        self._deadline.cancel()
        self.outbox.abandon()


def _is_end(said: Message) -> bool:
    return bool(said["type"] == "websocket.disconnect")


def _closed() -> Message:
    return {"type": "websocket.disconnect", "code": 1001}


def _outbox_of(send: Send, bounds: Bounds, drains: Drains, on_room: Callable[[], None]) -> Outbox:
    transport = transport_of(send)
    if transport is None:
        return QueuedOutbox(send, bounds.outbox_packets, bounds.outbox_bytes, on_room)
    return DirectOutbox(transport, bounds.outbox_bytes, drains, on_room)
