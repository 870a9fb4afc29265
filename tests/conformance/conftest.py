"""The same cases on every store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from conformance.cell import TIMING, Cell
from conformance.clock import CLOCK, ClockedRedisStore

from tasks.contract.timing import Timing
from tasks.store.memory import MemoryStore
from tasks.store.ports import Store

MakeStore = Callable[[Timing], Awaitable[Store]]


@pytest.fixture(params=["memory", "redis"])
async def make_store(request: pytest.FixtureRequest) -> AsyncIterator[MakeStore]:
    """Makes stores with a timing of a case's own."""
    CLOCK.start()
    made: list[Store] = []

    async def make(timing: Timing) -> Store:
        url = None if request.param == "memory" else request.getfixturevalue("redis_url")
        store = ClockedRedisStore(url, timing) if url else MemoryStore(timing, CLOCK)
        made.append(store)
        await store.sweep()  # a fresh store takes itself for one that was away
        return store

    yield make
    for store in made:
        await store.close()


@pytest.fixture
async def store(make_store: MakeStore) -> Store:
    return await make_store(TIMING)


@pytest.fixture
def cell(store: Store) -> Cell:
    return Cell(store)
