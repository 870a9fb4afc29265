"""The relay over a real Valkey whose connections are cut."""

from __future__ import annotations

import asyncio

import pytest
import redis
from relay_world import Client, World, open_world

from tasks.contract.timing import Timing
from tasks.store.redis_store import RedisStore


@pytest.fixture
async def store(redis_url: str):
    store = RedisStore(redis_url, Timing())
    await store.sweep()
    yield store
    await store.close()


@pytest.fixture
async def world(store: RedisStore):
    async with open_world(store) as world:
        yield world


async def test_every_event_arrives_once_when_subscriptions_are_cut_again_and_again(world: World, redis_url: str):
    tasks = [await world.writer.run() for _ in range(5)]
    clients = [await world.client() for _ in range(4)]
    for client in clients:
        for task in tasks:
            await client.ask("watch", {"task_id": task})
    cut = 0
    with redis.Redis.from_url(redis_url) as control:
        for number in range(60):
            for task in tasks:
                await world.writer.say(task, str(number))
            if number % 10 == 5:
                cut += control.client_kill_filter(_type="pubsub")
            await asyncio.sleep(0)
    for client in clients:
        for task in tasks:
            await client.until(lambda client=client, task=task: client.seqs(task)[-1:] == [62])
            assert client.seqs(task) == list(range(3, 63))
            assert client.of("task_reset") == []
    assert cut >= 1


async def test_later_task_arrives_when_the_subscription_was_cut_as_it_was_created(world: World, redis_url: str):
    await world.add_document("d1")
    client = await world.client()
    await client.ask("watch_document", {"document_id": "d1"})
    first = await world.writer.run(document_id="d1")
    await client.until(lambda: client.seqs(first) == [1, 2])
    with redis.Redis.from_url(redis_url) as control:
        assert control.client_kill_filter(_type="pubsub") >= 1
    second = await world.writer.run(document_id="d1")
    await client.until(lambda: client.seqs(second) == [1, 2])


async def test_watchers_get_one_reset_and_then_events_when_the_store_has_a_new_generation(
    world: World, store: RedisStore, redis_url: str
):
    task = await world.writer.run()
    await world.writer.say(task, "before")
    client = await world.client()
    before = await client.ask("watch", {"task_id": task})
    with redis.Redis.from_url(redis_url) as control:
        control.hset("{galley}:generation", "run_id", "another server")
        control.client_kill_filter(_type="normal", skipme=True)
    await world.writer.say(task, "after", "that")
    await client.until(lambda: position_of(client)[1] == 5)
    assert position_of(client)[0] > before["epoch"]
    assert len(client.of("task_reset")) == 1


def position_of(client: Client) -> tuple[int, int]:
    """Where the last thing that was told leaves the client."""
    for name, payload in reversed(client.told):
        if name in ("task_reset", "task_events"):
            last = payload if name == "task_reset" else payload[-1]
            return last["epoch"], last["seq"]
    return 0, 0
