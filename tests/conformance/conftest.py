"""The same cases on every store."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from conformance.cell import TIMING, Cell

from tasks.store.memory import MemoryStore
from tasks.store.ports import Store
from tasks.store.redis_store import RedisStore


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore(TIMING)
        return
    redis_store = RedisStore(request.getfixturevalue("redis_url"), TIMING)
    await redis_store.sweep()  # a fresh store takes itself for one that was away
    yield redis_store
    await redis_store.close()


@pytest.fixture
def cell(store: Store) -> Cell:
    return Cell(store)
