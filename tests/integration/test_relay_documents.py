"""Watching a document: its tasks now, and those to come."""

from __future__ import annotations

import asyncio

import pytest
from relay_world import World, open_store, open_world

from server.relay.bounds import Bounds


@pytest.fixture(params=["memory", "redis"])
async def world(request):
    async with open_store(request) as store, open_world(store) as world:
        await world.add_document("d1")
        yield world


async def test_watch_document_answers_for_each_task_when_positions_are_given(world: World):
    old, new = await world.writer.run(document_id="d1"), await world.writer.run(document_id="d1")
    await world.writer.say(old, "a")
    at = await world.at(old, 2)
    client = await world.client()
    answer = await client.ask(
        "watch_document", {"document_id": "d1", "positions": {old: [at["epoch"], 2], "gone": [1, 1]}}
    )
    assert answer["ok"]
    assert answer["tasks"][old]["recovered"]
    assert [e["seq"] for e in answer["tasks"][old]["events"]] == [3]
    assert [e["seq"] for e in answer["tasks"][new]["events"]] == [1, 2]
    assert answer["tasks"]["gone"] == {"ok": False, "code": "not_found"}
    await world.writer.say(new, "b")
    await client.until(lambda: client.seqs(new) == [3])


async def test_later_task_is_told_from_its_first_event_when_its_document_is_watched(world: World):
    client = await world.client()
    assert (await client.ask("watch_document", {"document_id": "d1"}))["tasks"] == {}
    task = await world.writer.run(document_id="d1")
    await world.writer.say(task, *"abc")
    await client.until(lambda: client.seqs(task)[-1:] == [5])
    assert client.seqs(task) == [1, 2, 3, 4, 5]


async def test_later_task_is_told_when_it_was_created_before_the_subscription_stood(world: World):
    client = await world.client()
    asking = asyncio.create_task(client.ask("watch_document", {"document_id": "d1"}))
    tasks = [await world.writer.run(document_id="d1") for _ in range(5)]
    answered = (await asking)["tasks"]

    def told(task: str) -> list[int]:
        return [event["seq"] for event in answered.get(task, {}).get("events", [])] + client.seqs(task)

    await client.until(lambda: all(told(task) == [1, 2] for task in tasks))


async def test_watch_document_is_not_found_when_it_is_unknown_or_anothers(world: World):
    await world.add_document("d2", owner="bob")
    client = await world.client()
    for document_id in ("d2", "nothing"):
        answer = await client.ask("watch_document", {"document_id": document_id})
        assert answer == {"ok": False, "code": "not_found"}


async def test_unwatch_document_keeps_what_is_watched_by_itself_when_it_ends(world: World):
    both, document_only = await world.writer.run(document_id="d1"), await world.writer.run(document_id="d1")
    client = await world.client()
    await client.ask("watch_document", {"document_id": "d1"})
    await client.ask("watch", {"task_id": both})
    assert await client.ask("unwatch_document", {"document_id": "d1"}) == {"ok": True}
    later = await world.writer.run(document_id="d1")
    await world.writer.say(document_only, "a")
    await world.writer.say(both, "b")
    await client.until(lambda: client.seqs(both))
    assert client.seqs(document_only) == client.seqs(later) == []


async def test_history_follows_as_events_when_the_answer_cannot_carry_it():
    async with open_world(bounds=Bounds(answer_bytes=1_000)) as world:
        await world.add_document("d1")
        tasks = [await world.writer.run(document_id="d1") for _ in range(10)]
        for task in tasks:
            await world.writer.say(task, "x" * 300)
        client = await world.client()
        answer = await client.ask("watch_document", {"document_id": "d1"})
        empty = [task for task in tasks if not answer["tasks"][task]["events"]]
        assert len(empty) >= 8
        for task in empty:
            await client.until(lambda task=task: client.seqs(task) == [1, 2, 3])


async def test_document_events_come_after_the_answer_when_tasks_are_created_meanwhile(world: World):
    raw = await world.raw()
    await raw.connect()
    for ack_id in range(10):
        await raw.ask(ack_id, "watch_document", {"document_id": "d1"})
        task = await world.writer.run(document_id="d1")
        first = len(raw.frames)
        answer = await raw.answer(ack_id)
        told_before = [frame for frame in raw.frames[first:-1] if f'"{task}"' in frame]
        if task not in answer["tasks"]:
            assert told_before == []
            await raw.until(lambda frame, task=task: f'"{task}"' in frame)
        await raw.ask(100 + ack_id, "unwatch_document", {"document_id": "d1"})
        await raw.answer(100 + ack_id)
