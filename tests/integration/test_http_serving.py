"""The server as it is started: its own Hypercorn, its own store and engine, in one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest
import socketio
from processes import WAIT_S

from server.serving import address_of, listening_socket, serve
from tasks.settings import read_settings


@asynccontextmanager
async def _served(data_dir: Path, **env: str) -> AsyncIterator[tuple[httpx.AsyncClient, Callable[[], Awaitable[None]]]]:
    """A running server, as a client of it, and what stops it."""
    settings = read_settings({"DATA_DIR": str(data_dir), "USE_CELERY": "false", "PORT": "0", **env})
    announced, stop = list[str](), asyncio.Event()
    serving = asyncio.create_task(serve(settings, announce=announced.append, stop=stop.wait))

    async def stop_it() -> None:
        stop.set()
        await serving

    try:
        async with asyncio.timeout(WAIT_S):
            while not announced:
                await asyncio.sleep(0)
            async with httpx.AsyncClient(base_url=announced[0], timeout=WAIT_S) as http:
                await _until_it_answers(http)
                yield http, stop_it
    finally:
        await stop_it()


async def test_a_server_on_any_free_port_announces_it_reviews_and_stops(tmp_path: Path) -> None:
    async with _served(tmp_path) as (http, _):
        raw = {"section": "Cause", "content": "Errors fell from 420 to 180, a drop of 75%."}
        answer = await http.post("/analyze_section", json=raw)
    assert answer.status_code == 200
    assert answer.json()["engine"] == "checker"
    assert any("57" in found["message"] + found["suggestion"]["text"] for found in answer.json()["findings"])


async def test_a_server_that_is_stopped_lets_go_of_sockets_streams_and_waiting_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Hypercorn would wait longer than this test for anybody who is still there, and not cut them off after 3 s
    monkeypatch.setattr("server.serving._GRACEFUL_S", 10 * WAIT_S)
    async with _served(tmp_path, RATE_LIMIT_ANALYSIS="1/m") as (http, stop), AsyncExitStack() as open_ends:
        raw = {"section": "Cause", "content": "Errors fell."}
        respond = {"Prefer": "respond-async"}
        _, waiting = [(await http.post("/analyze_section", json=raw, headers=respond)).json() for _ in range(2)]
        task_id, hung_up = waiting["task_id"], asyncio.Event()
        sio = socketio.AsyncClient(reconnection=False)
        sio.on("disconnect", lambda _: hung_up.set())
        await sio.connect(str(http.base_url), transports=["websocket"])
        assert (await sio.call("watch", {"task_id": task_id}))["ok"]
        stream = await open_ends.enter_async_context(http.stream("GET", f"/task_events/{task_id}"))
        lines = stream.aiter_lines()
        while "task_queued" not in await anext(lines):
            pass
        polling = asyncio.create_task(http.get(f"/task_status/{task_id}?wait=25"))
        await asyncio.sleep(0)  # it takes the open connection, so the server has it before what is asked next
        status = (await http.get(f"/task_status/{task_id}")).json()
        await stop()
        await hung_up.wait()
        assert [line async for line in lines if line.startswith("data")] == []
        answered = (await polling).json()
        assert (answered["state"], answered["seq"]) == ("PENDING", status["seq"]), "it was answered with what is"
        await sio.shutdown()


TOO_LONG = b'420["watch",{"task_id":"' + b"x" * 90_000 + b'"}]'


@pytest.mark.parametrize("said", [[b"40", TOO_LONG, b"3"], [b"40", b"41", *[b"3"] * 100]], ids=["too long", "leaves"])
async def test_a_socket_is_let_go_of_although_more_is_on_its_way(tmp_path: Path, said: list[bytes]) -> None:
    async with _served(tmp_path) as (http, _), asyncio.timeout(WAIT_S):
        host, port = http.base_url.host, http.base_url.port
        reader, writer = await asyncio.open_connection(host, port)
        asked = f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}:{port}\r\n"
        upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        writer.write(f"{asked}{upgrade}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"".join(map(_frame, said)))
        answered = await reader.read()  # to its end
        writer.close()
    assert b"430" not in answered


def _frame(text: bytes) -> bytes:
    """One text message, masked with zeros."""
    size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xff" + len(text).to_bytes(8)
    return b"\x81" + size + b"\0\0\0\0" + text


async def test_a_port_that_is_taken_is_an_error_at_once() -> None:
    with listening_socket("127.0.0.1", 0) as first:
        first.listen()
        with pytest.raises(OSError, match="in use"):
            listening_socket("127.0.0.1", first.getsockname()[1])


def test_an_address_of_version_6_is_written_with_brackets() -> None:
    with listening_socket("::1", 0) as listener:
        assert address_of("::1", listener) == f"http://[::1]:{listener.getsockname()[1]}"


async def _until_it_answers(http: httpx.AsyncClient) -> None:
    while True:
        try:
            await http.get("/healthz")
        except httpx.ConnectError:
            await asyncio.sleep(0.01)  # bound, and not listening yet
        else:
            return
