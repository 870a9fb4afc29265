"""A load generator that costs little: bare HTTP/1.1 over kept connections, one request in flight on each."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, cast

from tests.load.ground import HOST
from tests.processes import WAIT_S

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

MakeRequest = Callable[[], bytes]
"""The bytes of the next request."""


@dataclass(slots=True)
class Load:
    """What came back, and how long it took from the first request to the last answer."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers a second, of whatever status."""
        return self.statuses.total() / self.seconds

    def others(self, status: int) -> int:
        """How many answers had another status than that."""
        return self.statuses.total() - self.statuses[status]


def post_request(path: str, body: bytes, *headers: str) -> bytes:
    """A POST of JSON."""
    lines = (f"POST {path} HTTP/1.1", f"Host: {HOST}", "Content-Type: application/json", f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, *headers, "", "")).encode() + body


def get_request(path: str) -> bytes:
    """A GET."""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


async def press(port: int, make: MakeRequest, *, connections: int, seconds: float) -> Load:
    """Each connection asks again as soon as it was answered, until the time is over; what is then in
    flight is waited for, so that every request sent is accounted for."""
    load = Load()

    async def keep_asking(connection: _Connection, _: int, began: float) -> None:
        while time.perf_counter() < began + seconds:
            await connection.ask(make(), load)

    await _on_each(port, connections, keep_asking, load, seconds)
    return load


async def pace(port: int, make: MakeRequest, *, connections: int, per_second: float, count: int) -> Load:
    """``count`` requests at an even rate, dealt out to the connections in turn."""
    load = Load()

    async def keep_time(connection: _Connection, first: int, began: float) -> None:
        for number in range(first, count, connections):
            await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))
            await connection.ask(make(), load)

    await _on_each(port, connections, keep_time, load, count / per_second)
    return load


async def _on_each(port: int, connections: int, use: _Use, load: Load, seconds: float) -> None:
    """Use that many connections at once, and take the time. They are open before it starts."""
    opened = [await _Connection.open(port) for _ in range(connections)]
    began = time.perf_counter()
    try:
        async with asyncio.timeout(seconds + WAIT_S):
            await asyncio.gather(*(use(connection, number, began) for number, connection in enumerate(opened)))
    finally:
        load.seconds = time.perf_counter() - began
        for connection in opened:
            connection.close()


class _Connection(asyncio.Protocol):
    """One kept connection."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answered: asyncio.Future[int] | None = None

    @classmethod
    async def open(cls, port: int) -> _Connection:
        _, connection = await asyncio.get_running_loop().create_connection(cls, HOST, port)
        return connection

    async def ask(self, request: bytes, load: Load) -> None:
        """Send, wait for the whole answer, note it."""
        self._answered = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        self._transport.write(request)
        status = await self._answered
        load.latencies_s.append(time.perf_counter() - began)
        load.statuses[status] += 1

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by inheritance

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        length = _LENGTH.search(self._buffer, 0, head_end)
        assert length is not None, "an answer without Content-Length"
        if len(self._buffer) >= head_end + 4 + int(length[1]) and self._answered is not None:
            status = int(self._buffer[9:12])
            self._buffer.clear()
            self._answered.set_result(status)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(error or ConnectionResetError("the server hung up"))


_Use = Callable[[_Connection, int, float], Awaitable[None]]
"""What is done with a connection, given its number and the time at which all begin."""
