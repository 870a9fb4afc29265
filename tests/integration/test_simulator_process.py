"""The simulator as a process of its own, by plain HTTP."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import httpx
import pytest

ASK = {"model": "m", "max_tokens": 50, "messages": [{"role": "user", "content": "Hello, marker-1"}]}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    command = (sys.executable, "-m", "tests.simulator", "--port", "0", "--rpm", "120", "--burst-s", "1")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": "Bearer k"}, trust_env=False) as client:
        yield client
    process.terminate()
    assert await process.wait() == 0


async def test_simulator_keeps_its_limit_and_its_books_when_it_is_its_own_process(client: httpx.AsyncClient) -> None:
    answers = [await client.post("/v1/messages", json=ASK) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert answers[0].json()["model"] == "simulator:m"
    assert answers[2].headers["retry-after"] == "1"
    books = (await client.get("/control/ledger", params={"ended": 3, "wait": 5})).json()
    assert (books["total"], books["completed"], books["refused_429_unasked"]) == (3, 2, 1)
    assert books["calls"][0]["markers"] == ["marker-1"]


async def test_simulator_does_as_told_when_it_is_controlled(client: httpx.AsyncClient) -> None:
    assert (await client.post("/control", json={"rpm": 0, "queue": ["overloaded"]})).json() == {"ok": True}
    assert [(await client.post("/v1/messages", json=ASK)).status_code for _ in range(4)] == [529, 200, 200, 200]
    assert (await client.post("/control", json={"queue": ["nonsense"]})).status_code == 422
    assert (await client.post("/control/reset")).json() == {"ok": True}
    assert (await client.get("/control/ledger")).json()["total"] == 0


async def test_simulator_refuses_when_no_key_is_sent(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/messages", json=ASK, headers={"Authorization": ""})
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "authentication_error"
