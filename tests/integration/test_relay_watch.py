from __future__ import annotations

import pytest
from relay_world import World, open_world


@pytest.fixture
async def world():
    async with open_world() as world:
        yield world


async def test_watch_answers_the_whole_short_log_when_the_client_knows_nothing(world: World):
    task = await world.writer.run()
    client = await world.client()
    answer = await client.ask("watch", {"task_id": task})
    assert answer["ok"]
    assert not answer["recovered"]
    assert [e["type"] for e in answer["events"]] == ["task_queued", "task_admitted"]
    assert answer["seq"] == 2


async def test_watch_delivers_each_event_once_and_in_order_when_it_is_followed(world: World):
    task = await world.writer.run()
    client = await world.client()
    await client.ask("watch", {"task_id": task})
    await world.writer.say(task, *"abcdefgh")
    await client.until(lambda: len(client.seqs(task)) == 8)
    assert client.seqs(task) == list(range(3, 11))
