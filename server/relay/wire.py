"""The wire: the only place that sends packets to sockets.

They are encoded once (`frames`) and handed to each socket's outbox, past the library's `emit`, which
costs about 85 µs an event and socket. That needs three of the library's internals,
`_handle_event_internal`, `_handle_eio_message` and the driver's `translate_request`; contract tests fail
when they change.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

import socketio

from server.relay.frames import Frame, ack_frame
from server.relay.link import SCOPE_KEY, Link

log = logging.getLogger(__name__)


def _nothing() -> None:
    """What most answers are followed by."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a client's command, as JSON. ``then`` runs once it is on its way, in the same
    step, so that nothing can be sent in between or before."""

    text: str
    then: Callable[[], None] = _nothing


async def environ_of(
    scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> dict[str, Any]:
    """What the library asks of a WebSocket's request, which it keeps as long as the connection.

    Its own has every header a second time and makes a class for each request, 8 KB together.
    """
    if (await receive())["type"] != "websocket.connect":
        return {}
    return {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": scope.get("query_string", b"").decode("ascii", "replace"),
        "HTTP_CONNECTION": "upgrade",
        "HTTP_UPGRADE": "websocket",
        "asgi.receive": receive,
        "asgi.send": send,
        "asgi.scope": scope,
    }


def emit(link: Link, frame: Frame) -> bool:
    """Send to one socket what can be had again later. False: it is too slow for that now."""
    return link.outbox.offer(frame)


class Roomless(socketio.AsyncManager):  # type: ignore[misc]  # the library is not typed
    """The library's book of who is connected, without a room for each socket: nothing is emitted to rooms here,
    and when a socket leaves the library looks into each of them, with ten thousand sockets a millisecond."""

    def basic_enter_room(self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None) -> None:
        """Enter the room of all that are connected, and no other."""
        if room is None:
            super().basic_enter_room(sid, namespace, room, eio_sid)


class Wire(socketio.AsyncServer):  # type: ignore[misc]  # the library is not typed
    """The library's server, with answers that leave in step with the events after them.

    By itself it queues an answer behind a writer of its own, where an event handed to the socket
    directly would overtake it.
    """

    def __init__(self, commands: Iterable[str], **options: Any) -> None:
        super().__init__(client_manager=Roomless(), **options)
        self._commands = frozenset(commands)
        self.eio._async = {**self.eio._async, "translate_request": environ_of}

    def link_of(self, sid: str) -> Link:
        """The connection behind the library's session id."""
        link = self.get_environ(sid)["asgi.scope"][SCOPE_KEY]
        assert isinstance(link, Link)
        return link

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        try:
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, LookupError, RecursionError):
            # The library would write what the client sent down with a traceback, and go on. As other Socket.IO
            # servers do, we hang up: who speaks something else here will not be understood later.
            log.info("a packet is not Socket.IO; its socket is closed")
            if environ := self.environ.get(eio_sid):
                environ["asgi.scope"][SCOPE_KEY].hang_up()

    async def _handle_event_internal(  # noqa: PLR0917  # the library's own signature
        self, server: Any, sid: str, eio_sid: str, data: list[Any], namespace: str, id: int | None
    ) -> None:
        # Without the list of commands a client's packet named "connect" or "disconnect" would run
        # the handlers of that name with whatever arguments it likes.
        known = bool(data) and data[0] in self._commands
        answer = await self._trigger_event(data[0], namespace, sid, *data[1:]) if known else None
        if not isinstance(answer, Answer):
            answer = Answer('{"ok":false,"code":"bad_request"}')
        if id is not None:
            self.link_of(sid).outbox.put(ack_frame(id, answer.text))
        answer.then()
