"""HTTP/1.1 over one socket, by hand, because a simulator of faults must be able to reset a connection and
to notice at once that the other side has gone.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Answer = Callable[["Connection", "Request"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read whole."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None when it is empty.

        Raises:
            ValueError: it is none.
        """
        return json.loads(self.body) if self.body else None


class Protocol(asyncio.StreamReaderProtocol):
    """A stream protocol that also says when the other side has gone."""

    def __init__(self, answer: Answer, opened: set[asyncio.BaseTransport]) -> None:
        self._opened = opened
        self.gone = asyncio.Event()
        self._answer = answer
        super().__init__(asyncio.StreamReader(limit=2**20), self._serve)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Connection(reader, writer, self.gone).serve(self._answer)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._opened.add(transport)
        self._own = transport
        super().connection_made(transport)

    def eof_received(self) -> bool | None:
        """The client will send nothing more: to an HTTP client that means it has gone."""
        self.gone.set()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed or reset."""
        self._opened.discard(self._own)
        self.gone.set()
        super().connection_lost(exc)


class Connection:
    """One client's connection; requests follow each other on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gone: asyncio.Event) -> None:
        self.gone = gone
        self._reader = reader
        self._writer = writer

    async def serve(self, answer: Answer) -> None:
        """Answer requests until the client or a fault ends the connection."""
        try:
            while not self.gone.is_set() and (request := await self._read()) is not None:
                await answer(self, request)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has gone; the ledger has it already
        finally:
            self._writer.close()

    async def _read(self) -> Request | None:
        head = await self._head()
        if head is None:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
        if headers.get("expect") == "100-continue":
            self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        url = urlsplit(target)
        return Request(method, url.path, dict(parse_qsl(url.query)), headers, body)

    async def _head(self) -> bytes | None:
        try:
            return await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial:
                raise
            return None  # the ordinary end of a connection that was kept open

    async def send_json(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        """A whole answer."""
        body = json.dumps(content).encode()
        self._start(status, {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})})
        self._writer.write(body)
        await self._writer.drain()

    async def start_stream(self, headers: dict[str, str]) -> None:
        """The head of an answer in pieces."""
        self._start(
            200,
            {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked", **headers},
        )
        await self._writer.drain()

    def _start(self, status: int, headers: dict[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {_phrase(status)}", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
        self._writer.write("\r\n".join(lines).encode("latin-1"))

    async def send_piece(self, piece: bytes) -> None:
        """One piece of an answer in pieces.

        Raises:
            ConnectionError: the client has gone.
        """
        if self._writer.is_closing():  # uvloop would raise something of its own
            raise ConnectionResetError
        self._writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await self._writer.drain()

    async def end_stream(self) -> None:
        """The orderly end of an answer in pieces."""
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    async def hold(self, seconds: float) -> bool:
        """Send nothing for so long; True when the client went away meanwhile."""
        if seconds > 0:
            try:
                async with asyncio.timeout(seconds):
                    await self.gone.wait()
            except TimeoutError:
                pass  # it may have gone in this very moment
        return self.gone.is_set()

    def reset(self) -> None:
        """Break the connection as a failing network does: with a TCP reset, not with an end."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
        self.gone.set()


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Overloaded"
