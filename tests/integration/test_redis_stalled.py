"""A store that takes connections and never answers, as one does whose disk or process hangs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from processes import WAIT_S

from tasks.contract.errors import StoreUnavailable
from tasks.contract.timing import Timing
from tasks.store.redis_connection import RedisConnection


class Mute:
    """The store, and how many came."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.came = 0

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        with suppress(ConnectionError):
            await reader.read()
        writer.close()


@pytest.fixture
async def mute(tmp_path: Path) -> AsyncIterator[Mute]:
    mute = Mute(tmp_path / "mute.sock")
    async with await asyncio.start_unix_server(mute.listen, mute.path):
        yield mute


async def test_all_who_ask_are_refused_together_when_the_store_takes_them_and_is_silent(mute: Mute) -> None:
    connection = RedisConnection(f"unix://{mute.path}", Timing())
    async with asyncio.timeout(WAIT_S):
        answers = await asyncio.gather(*(connection.command("PING") for _ in range(100)), return_exceptions=True)
    await connection.close()
    assert {type(answer) for answer in answers} == {StoreUnavailable}
    assert mute.came == 1, "one attempt for all, not one after the other"
