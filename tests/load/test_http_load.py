from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.load.http_load import get_request, pace, post_request, press

ANSWER = b"HTTP/1.1 202 \r\ncontent-type: text/plain\r\nContent-Length: 5\r\n\r\nhello"


class Server:
    """Answers each request that has come in whole, in as many pieces as it is told."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.requests = 0
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.requests += 1
                for piece in self.pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
        except asyncio.IncompleteReadError:
            pass  # the client has gone
        finally:
            writer.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]


def test_request_states_the_length_of_its_body() -> None:
    request = post_request("/path", b"{}", "Idempotency-Key: 1")
    assert request.startswith(b"POST /path HTTP/1.1\r\n")
    assert b"\r\nContent-Length: 2\r\nIdempotency-Key: 1\r\n\r\n{}" in request


@pytest.mark.parametrize("cut", [0, 20, 40, 60, len(ANSWER) - 1])
async def test_press_counts_each_answer_once_when_it_comes_in_pieces(cut: int) -> None:
    server = Server(ANSWER[:cut], ANSWER[cut:])
    async with server.listening() as port:
        load = await press(port, lambda: get_request("/"), connections=3, seconds=0.05)
    assert server.connections == 3
    assert load.statuses[202] == server.requests == len(load.latencies_s)
    assert (load.others(202), load.others(200)) == (0, server.requests)
    assert load.per_second == server.requests / load.seconds


async def test_pace_asks_as_often_as_it_was_told() -> None:
    server = Server(ANSWER)
    async with server.listening() as port:
        load = await pace(port, lambda: get_request("/"), connections=4, per_second=1_000, count=50)
    assert load.statuses[202] == server.requests == 50


async def test_press_fails_when_the_server_hangs_up() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectionError):
            await press(port, lambda: get_request("/"), connections=1, seconds=5)
