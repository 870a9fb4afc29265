"""The library of scripts in a real store: brought, taken away, and beside that of another release."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import redis

from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tasks.contract.timing import Timing
from tasks.store.redis_scripts import Library
from tasks.store.redis_store import RedisStore

OLD, NEW = Timing(), Timing(lease_ms=31_000)


@pytest.fixture
def control(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
async def old(redis_url: str) -> AsyncIterator[RedisStore]:
    store = RedisStore(redis_url, OLD)
    yield store
    await store.close()


@pytest.fixture
async def new(redis_url: str) -> AsyncIterator[RedisStore]:
    store = RedisStore(redis_url, NEW)
    yield store
    await store.close()


def libraries(control: redis.Redis) -> set[str]:
    return {library[1].decode() for library in control.function_list()}


def loads(control: redis.Redis) -> int:
    stats = control.info("commandstats")
    return int(stats.get("cmdstat_function|load", {"calls": 0})["calls"])


async def works(store: RedisStore, task_id: str) -> bool:
    await store.submit([NewTask(task_id=task_id, kind=TaskKind.CHAT, owner="ann")])
    return await store.position(task_id, TaskKind.CHAT) is not None


async def test_library_is_loaded_once_for_all_connections(
    old: RedisStore, control: redis.Redis, redis_url: str
) -> None:
    control.config_resetstat()
    assert await works(old, "a")
    other = RedisStore(redis_url, OLD)
    assert await works(other, "b")
    await other.close()
    assert libraries(control) == {Library(OLD).name}
    assert loads(control) == 1


async def test_lost_library_is_loaded_again_in_the_midst_of_a_connection(old: RedisStore, control: redis.Redis) -> None:
    assert await works(old, "a")
    control.function_flush()
    assert await works(old, "b")
    assert libraries(control) == {Library(OLD).name}


async def test_release_that_comes_takes_away_the_one_that_is_gone(
    old: RedisStore, new: RedisStore, control: redis.Redis
) -> None:
    assert await works(old, "a")
    await old.close()
    assert await works(new, "b")
    assert libraries(control) == {Library(NEW).name}


async def test_two_releases_work_side_by_side_and_load_nothing_twice(
    old: RedisStore, new: RedisStore, control: redis.Redis
) -> None:
    assert await works(old, "a")
    assert await works(new, "b"), "which takes the old one away"
    assert await works(old, "c"), "which brings it back"
    control.config_resetstat()
    for number in range(3):
        assert await works(old, f"d{number}")
        assert await works(new, f"e{number}")
    assert loads(control) == 0
    assert libraries(control) == {Library(OLD).name, Library(NEW).name}


async def test_library_of_somebody_else_stays(old: RedisStore, control: redis.Redis) -> None:
    control.function_load("#!lua name=theirs\nredis.register_function('theirs', function() return 1 end)")
    assert await works(old, "a")
    assert libraries(control) == {"theirs", Library(OLD).name}


async def test_store_without_room_keeps_the_library_that_it_has(
    old: RedisStore, new: RedisStore, control: redis.Redis
) -> None:
    assert await works(old, "a")
    control.config_set("maxmemory", "1")
    try:
        await new.ping()
        assert libraries(control) == {Library(OLD).name}
        assert await old.position("a", TaskKind.CHAT) == 1
    finally:
        control.config_set("maxmemory", "0")
    assert await works(new, "b")
