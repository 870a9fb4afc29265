"""The outermost layer of the server: what holds for every request, whoever answers it.

It stands before Quart and before the socket relay: gives each request its id, refuses what other web
sites may have caused, refuses bodies beyond every limit, and counts. Plain ASGI, because a hook in
the web framework would cost each request more and would not see the relay's.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

from server.access import Access, header
from server.metrics import Metrics
from server.problems import CONTENT_TYPE, Problem, problem_of, too_large
from tasks.contract.errors import GalleyError
from tasks.contract.submissions import MAX_DOCUMENT_BYTES

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY_BYTES: Final = MAX_DOCUMENT_BYTES + 256 * 1024
"""A document and the rest of its form."""
_DRAINED_BYTES: Final = 5 * MAX_BODY_BYTES
_DRAINED_S: Final = 10.0


class Doorway:
    """An ASGI application around another.

    ``let_go`` ends what would stay open by itself: sockets, event streams, requests that wait. Whoever
    runs the server calls it when it is told to stop; all of their clients come back to the next one.
    """

    def __init__(self, inside: ASGIApp, access: Access, metrics: Metrics, let_go: Callable[[], None]) -> None:
        self.let_go = let_go
        self._inside = inside
        self._access = access
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, one WebSocket, or the server's life."""
        if scope["type"] == "http":
            await self._serve_request(scope, receive, send)
        elif scope["type"] != "websocket" or await self._lets_in(scope, receive, send):
            await self._inside(scope, receive, send)

    async def _serve_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = secrets.token_hex(8)
        scope["galley.request_id"] = request_id
        began = time.perf_counter()
        body = _Body(scope, receive)

        async def send_stamped(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                if message["status"] >= HTTPStatus.BAD_REQUEST:
                    await body.until_whole()
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
                self._metrics.count(scope["method"], message["status"], time.perf_counter() - began)
            await send(message)

        try:
            self._access.check(scope)
            if body.length > MAX_BODY_BYTES:
                raise too_large()
        except GalleyError as error:
            await asyncio.gather(body.drain(), _send_problem(problem_of(error), request_id, send_stamped))
        else:
            await self._inside(scope, body.receive, send_stamped)

    async def _lets_in(self, scope: Scope, receive: Receive, send: Send) -> bool:
        try:
            self._access.check(scope)
        except GalleyError as error:
            await _deny_websocket(problem_of(error), scope, receive, send)
            return False
        return True


class _Body:
    """A request's body on its way in.

    A refusal waits until all of it has come, within reason: a client that is cut off while it sends sees a
    broken connection, and never reads the answer that says why.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.length = int(header(scope, b"content-length") or 0)
        self._receive = receive
        self._whole = asyncio.Event()

    async def receive(self) -> MutableMapping[str, Any]:
        """As ASGI's."""
        message = await self._receive()
        if not message.get("more_body", False):
            self._whole.set()
        return message

    async def drain(self) -> None:
        """Take all of it in, when nobody else does."""
        while not self._whole.is_set() and self.length <= _DRAINED_BYTES:
            await self.receive()

    async def until_whole(self) -> None:
        """Return when all of it has come, or when that takes too long."""
        if self._whole.is_set() or self.length > _DRAINED_BYTES:
            return
        with suppress(TimeoutError):  # a sender that slow gets its answer now, whether it can read it or not
            async with asyncio.timeout(_DRAINED_S):
                await self._whole.wait()


async def _send_problem(problem: Problem, request_id: str, send: Send) -> None:
    body = problem.body(request_id)
    stated = {"Content-Type": CONTENT_TYPE, "Content-Length": str(len(body))} | problem.headers
    headers = [(name.lower().encode(), value.encode()) for name, value in stated.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _deny_websocket(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse before the upgrade: with the problem where the server can send one, else with its 403."""
    await receive()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    body = problem.body("")
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "websocket.http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body, "more_body": False})
