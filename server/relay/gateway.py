"""The relay: connections in, events out. `Relay` wires the pieces together and runs them.

The way of an event: `fanout` takes it from the store's channel, `positions` decide for each watcher,
`wire` encodes it once, each `link`'s `outbox` writes it; whoever could not take it gets it from
`catch_up`. The way of a command: `wire` takes it from the library, `watching` answers it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, Protocol

import socketio

from server.queue_view import QueueView
from server.relay.audience import Audience
from server.relay.bounds import Bounds
from server.relay.catch_up import CatchUp
from server.relay.creations import Creations
from server.relay.direct_outbox import Drains
from server.relay.fanout import FanOut
from server.relay.link import SCOPE_KEY, Link, Receive
from server.relay.queue_updates import QueueUpdates
from server.relay.queued_outbox import Send
from server.relay.service_status import ServiceStatus
from server.relay.subscriptions import Subscriptions
from server.relay.watching import Command, Watching, refusal
from server.relay.wire import Answer, Wire
from tasks.contract.errors import GalleyError, TooMany
from tasks.contract.timing import Timing
from tasks.store.ports import Store

log = logging.getLogger(__name__)
socketio_log = logging.getLogger(f"{__name__}.socketio")
socketio_log.setLevel(logging.WARNING)  # below that it writes down each packet, with the key that a program connects by

PATH: Final = "/socket.io/"
Scope = MutableMapping[str, Any]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class Access(Protocol):
    """Who may connect."""

    async def owner_of(self, scope: Mapping[str, Any], token: str | None = None) -> str:
        """The owner behind a connection; raises a GalleyError that says why there is none."""
        ...


class Relay:
    """The Socket.IO side of the server."""

    def __init__(
        self,
        store: Store,
        access: Access,
        queue: QueueView,
        timing: Timing | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self._access = access
        self._bounds = bounds or Bounds()
        self._audience = Audience()
        self._drains = Drains()
        self._sockets_of: Counter[str] = Counter()
        self._running: list[asyncio.Task[None]] = []
        self._rests = set[asyncio.Task[None]]()
        self._leaving = False
        audit_s = (timing or Timing()).sweep_ms / 1000
        self._subscriptions = Subscriptions(self._audience)
        changed = self._subscriptions.wake
        self._catch_up = CatchUp(store, self._audience)
        self._creations = Creations(
            store, self._audience, catch_up=self._catch_up, bounds=self._bounds, changed=changed
        )
        self._fanout = FanOut(
            store,
            self._audience,
            catch_up=self._catch_up,
            creations=self._creations,
            subscriptions=self._subscriptions,
            audit_s=audit_s,
        )
        self._queue_updates = QueueUpdates(store, self._audience, queue)
        self._service_status = ServiceStatus(store, self._audience)
        self._watching = Watching(
            store,
            self._audience,
            catch_up=self._catch_up,
            creations=self._creations,
            bounds=self._bounds,
            changed=changed,
        )
        self._wire = self._build_wire()

    def _build_wire(self) -> Wire:
        commands = self._watching.commands()
        wire = Wire(
            commands,
            async_mode="asgi",
            transports=["websocket"],
            async_handlers=False,  # else the library reorders one client's messages
            cors_allowed_origins=[],  # `Access` judges the origin, behind proxies and TLS too
            max_http_buffer_size=self._bounds.message_bytes,
            logger=socketio_log,
            engineio_logger=socketio_log,
        )
        wire.on("connect", self._connect)
        wire.on("disconnect", self._disconnect)
        for name, command in commands.items():
            wire.on(name, _bind(self._run, command))
        return wire

    async def start(self) -> None:
        """Begin to follow the store. Connections may come before; they wait for their events."""
        for run in (
            self._fanout.listen,
            self._fanout.look_at_confirmed,
            self._fanout.audit,
            self._drains.run,
            self._catch_up.run,
            self._creations.run,
            self._queue_updates.run,
            self._service_status.run,
        ):
            self._running.append(asyncio.create_task(_keep_running(run)))

    def hang_up(self) -> None:
        """Hang up on everyone, and on who still comes, in a way that lets them come back to the next server."""
        self._leaving = True
        for link in list(self._audience.links):
            link.hang_up()

    async def stop(self) -> None:
        """Hang up and stop. Harmless when it has stopped already."""
        if not self._running:
            return
        self.hang_up()
        await self._wire.shutdown()
        ending = [*self._running, *self._rests]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        self._running.clear()

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """An ASGI application that answers ``/socket.io/`` and leaves everything else, the server's
        life included, to ``app``."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "websocket" or not f"{scope['path']}/".startswith(PATH):
                await app(scope, receive, send)
                return
            # here and not in a coroutine of its own, which would be held as long as the connection
            scope[SCOPE_KEY] = link = self._open(receive, send)
            try:
                await self._wire.eio.handle_request(scope, link.receive, link.send)
            finally:
                self._forget(link)

        return serve

    def _open(self, receive: Receive, send: Send) -> Link:
        link = Link(receive, send, self._bounds, self._drains, self._catch_up.mark_link)
        self._audience.links.add(link)
        if self._leaving:
            link.hang_up()
        return link

    def _forget(self, link: Link) -> None:
        link.end()
        rest = asyncio.create_task(link.take_rest())
        self._rests.add(rest)
        rest.add_done_callback(self._rests.discard)
        self._audience.drop(link)
        self._subscriptions.wake()
        if link.owner is not None:
            self._sockets_of[link.owner] -= 1
            if not self._sockets_of[link.owner]:
                del self._sockets_of[link.owner]

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: Any) -> None:
        link = self._wire.link_of(sid)
        token = auth.get("token") if isinstance(auth, dict) else None
        try:
            owner = await self._access.owner_of(environ["asgi.scope"], token if isinstance(token, str) else None)
            if link.owner is not None or self._sockets_of[owner] >= self._bounds.sockets_per_owner:
                raise TooMany
        except GalleyError as error:
            reason = {"code": error.code, "retryable": error.retryable}
            raise socketio.exceptions.ConnectionRefusedError(error.detail, reason) from None
        self._sockets_of[owner] += 1
        link.accept(owner)

    async def _disconnect(self, sid: str, _: str) -> None:
        # a client that leaves the namespace has nothing more to say, and would hold the socket open
        self._wire.link_of(sid).hang_up()

    async def _run(self, command: Command, sid: str, *payload: Any) -> Answer:
        try:
            return await command(self._wire.link_of(sid), payload[0] if payload else None)
        except GalleyError as error:
            return refusal(error.code)
        except Exception:
            log.exception("a command of a client failed")
            return refusal(GalleyError.code)


def _bind(run: Callable[..., Awaitable[Answer]], command: Command) -> Callable[..., Awaitable[Answer]]:
    """The library calls it with the session id and the payload; it must be a coroutine function."""

    async def handle(*args: Any) -> Answer:
        return await run(command, *args)

    return handle


async def _keep_running(run: Callable[[], Awaitable[None]]) -> None:
    """One piece of the relay must not die of an exception that nobody foresaw: all would look well,
    and nothing would move."""
    while True:
        try:
            await run()
        except Exception:
            log.exception("a part of the relay failed and begins again")
        await asyncio.sleep(1)
