"""Places in line and the queue's figures."""

from __future__ import annotations

import pytest
from relay_world import World, open_store, open_world

from tasks.contract.names import TaskKind
from tasks.store.ports import WorkerCard


@pytest.fixture(params=["memory", "redis"])
async def world(request):
    async with open_store(request) as store, open_world(store) as world:
        yield world


async def test_waiting_task_is_told_its_place_when_the_line_moves(world: World):
    first, second = await world.writer.submit(), await world.writer.submit()
    client = await world.client()
    await client.ask("watch", {"task_id": second})
    await client.until(lambda: client.of("queue_update"))
    told = client.of("queue_update")[0]
    assert told["task_id"] == second
    assert told["position"] == 2
    assert told["waiting_for"] == "worker"
    assert told.keys() == {"task_id", "position", "about", "eta_s", "waiting_for", "reopens_at"}
    await world.store.cancel(first)
    await client.until(lambda: client.of("queue_update")[-1]["position"] == 1)


async def test_place_is_told_again_when_another_client_begins_to_watch(world: World):
    task = await world.writer.submit()
    for _ in range(2):
        client = await world.client()
        await client.ask("watch", {"task_id": task})
        await client.until(lambda client=client: client.of("queue_update"))


async def test_nothing_is_told_when_the_task_runs(world: World):
    task = await world.writer.submit()
    client = await world.client()
    await client.ask("watch", {"task_id": task})
    await client.until(lambda: client.of("queue_update"))
    await world.store.announce(WorkerCard("w1", tuple(TaskKind), 1, "checker"))
    await world.store.admit()
    await client.until(lambda: client.seqs(task) == [2])
    assert not world.relay._audience.tasks[task].may_wait


async def test_figures_are_told_once_and_on_change_when_they_are_watched(world: World):
    client = await world.client()
    assert await client.ask("watch_queue") == {"ok": True}
    await client.until(lambda: client.of("queue_stats"))
    assert client.of("queue_stats")[0]["total_pending"] == 0
    await world.writer.submit()
    await client.until(lambda: client.of("queue_stats")[-1]["total_pending"] == 1)
    assert await client.ask("unwatch_queue") == {"ok": True}
