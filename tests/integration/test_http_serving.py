"""The server as it is started: its own Hypercorn, its own store and engine, in one process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from http_world import LIMIT_S

from server.serving import address_of, listening_socket, serve
from tasks.settings import read_settings


async def test_a_server_on_any_free_port_announces_it_reviews_and_stops(tmp_path: Path) -> None:
    settings = read_settings({"DATA_DIR": str(tmp_path), "USE_CELERY": "false", "PORT": "0"})
    announced, stop = list[str](), asyncio.Event()
    serving = asyncio.create_task(serve(settings, announce=announced.append, stop=stop.wait))
    try:
        transport = httpx.AsyncHTTPTransport()
        async with asyncio.timeout(LIMIT_S):
            while not announced:
                await asyncio.sleep(0)
            async with httpx.AsyncClient(base_url=announced[0], transport=transport, timeout=LIMIT_S) as http:
                await _until_it_answers(http)
                raw = {"section": "Cause", "content": "Errors fell from 420 to 180, a drop of 75%."}
                answer = await http.post("/analyze_section", json=raw)
    finally:
        stop.set()
        await serving
    assert answer.status_code == 200
    assert answer.json()["engine"] == "checker"
    assert any("57" in found["message"] + found["suggestion"]["text"] for found in answer.json()["findings"])


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
