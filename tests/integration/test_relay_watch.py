from __future__ import annotations

import asyncio
import itertools
import json

import pytest
from processes import WAIT_S
from relay_world import RawClient, World, open_store, open_world

from server.follow import Follower


@pytest.fixture(params=["memory", "redis"])
async def world(request):
    async with open_store(request) as store, open_world(store) as world:
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


async def test_watch_answers_only_what_is_new_when_the_client_has_a_position(world: World):
    task = await world.writer.run()
    await world.writer.say(task, "a", "b")
    client = await world.client()
    answer = await client.ask("watch", {"task_id": task, **await world.at(task, 2)})
    assert answer["recovered"]
    assert [e["seq"] for e in answer["events"]] == [3, 4]
    assert answer["seq"] == 4


async def test_watch_answers_the_snapshot_when_the_position_is_of_another_epoch(world: World):
    task = await world.writer.run()
    await world.writer.say(task, "hello")
    client = await world.client()
    answer = await client.ask("watch", {"task_id": task, "epoch": 0, "seq": 2})
    assert not answer["recovered"]
    assert answer["snapshot"]["text"] == "hello"
    assert answer["seq"] == 3
    await world.writer.say(task, "!")
    await client.until(lambda: client.seqs(task) == [4])


async def test_watch_gives_the_rest_as_events_when_there_is_more_than_a_page(world: World):
    task = await world.writer.run()
    await world.writer.say(task, *(str(n) for n in range(350)))
    client = await world.client()
    answer = await client.ask("watch", {"task_id": task, **await world.at(task, 1)})
    assert len(answer["events"]) == 300
    assert answer["seq"] == 301
    await client.until(lambda: client.seqs(task)[-1:] == [352])
    assert client.seqs(task) == list(range(302, 353))


async def test_answer_comes_before_any_event_when_events_are_written_meanwhile(world: World):
    task = await world.writer.run()
    raw = await world.raw()
    await raw.connect()

    async def write() -> None:
        for n in itertools.count():
            await world.writer.say(task, str(n))
            await asyncio.sleep(0)

    writing = asyncio.create_task(write())
    seen = 0
    for ack_id in itertools.count():
        # on a slow machine many rounds may pass in which each event comes with an answer
        if ack_id >= 40 and any("task_events" in frame for frame in raw.frames):
            break
        first = len(raw.frames)
        await raw.ask(ack_id, "watch", {"task_id": task, **await world.at(task, seen)})
        seen = (await raw.answer(ack_id))["seq"]
        await raw.ask(1_000_000 + ack_id, "unwatch", {"task_id": task})
        await raw.answer(1_000_000 + ack_id)
        answered = next(i for i, frame in enumerate(raw.frames) if frame.startswith(f"43{ack_id}["))
        assert not any("task_events" in frame for frame in raw.frames[first:answered])
    writing.cancel()


async def test_watch_repeated_on_one_socket_leaves_no_gap_when_events_are_written_meanwhile(world: World):
    task = await world.writer.run()
    raw = await world.raw()
    await raw.connect()
    rules = Follower()

    async def write() -> None:
        for n in range(150):
            await world.writer.say(task, str(n))
            await asyncio.sleep(0)

    writing = asyncio.create_task(write())
    for ack_id in range(30):
        rules.lose()
        await raw.ask(ack_id, "watch", {"task_id": task, **position(rules)})
        await raw.answer(ack_id)
        replay(rules, raw)
        assert not rules.lost
    await writing
    async with asyncio.timeout(WAIT_S):
        while rules.at is None or rules.at[1] < 152:
            await raw.until(lambda frame: True)
            replay(rules, raw)
            assert not rules.lost


def position(rules: Follower) -> dict[str, int]:
    return {"epoch": rules.at[0], "seq": rules.at[1]} if rules.at else {}


def replay(rules: Follower, raw: RawClient) -> None:
    """Give the frames that came to the client's rules; events it has seen before a watch are held."""
    for frame in raw.frames:
        kind, payload = frame[:2], frame[frame.find("[") :]
        if kind == "43":
            rules.take("answer", json.loads(payload)[0])
        elif kind == "42":
            rules.take(*json.loads(payload))
    raw.frames.clear()


async def test_watch_is_not_found_when_the_task_is_unknown_or_anothers(world: World):
    task = await world.writer.run(owner="bob")
    client = await world.client("ann")
    refused = {"ok": False, "code": "not_found"}
    assert await client.ask("watch", {"task_id": "nothing"}) == refused
    assert await client.ask("watch", {"task_id": task}) == refused
    await world.writer.say(task, "secret")
    own = await world.writer.run(owner="ann")
    await client.ask("watch", {"task_id": own})
    await world.writer.say(own, "mine")
    await client.until(lambda: client.seqs(own))
    assert client.events(task) == []


@pytest.mark.parametrize(
    ("command", "payload"),
    [
        ("watch", None),
        ("watch", {"task_id": 1}),
        ("watch_document", {"document_id": "d", "positions": [1]}),
        ("unwatch", "t"),
        ("unheard_of", {}),
        ("connect", {"token": "bob"}),
        ("disconnect", "reason"),
    ],
)
async def test_command_is_a_bad_request_when_it_is_malformed_or_none_of_ours(world: World, command, payload):
    raw = await world.raw()
    await raw.connect()
    await raw.ask(1, command, payload)
    assert await raw.answer(1) == {"ok": False, "code": "bad_request"}
    await raw.ask(2, "watch_queue")
    assert await raw.answer(2) == {"ok": True}


async def test_unwatch_ends_the_events_when_it_is_answered(world: World):
    left, kept = await world.writer.run(), await world.writer.run()
    client = await world.client()
    for task in (left, kept):
        await client.ask("watch", {"task_id": task})
    assert await client.ask("unwatch", {"task_id": left}) == {"ok": True}
    await world.writer.say(left, "a")
    await world.writer.say(kept, "b")
    await client.until(lambda: client.seqs(kept))
    assert client.seqs(left) == []


async def test_reset_says_that_the_task_is_gone_when_its_document_is_deleted(world: World):
    await world.add_document("d1")
    task = await world.writer.run(document_id="d1")
    client = await world.client()
    await client.ask("watch", {"task_id": task})
    await world.store.delete_document("d1")
    await client.until(lambda: [r for r in client.of("task_reset") if r["snapshot"] is None])


async def test_watch_without_an_answer_is_followed_all_the_same_when_no_ack_was_asked(world: World):
    task = await world.writer.run()
    client = await world.client()
    await client.sio.emit("watch", {"task_id": task, **await world.at(task, 2)})
    await client.ask("unwatch_queue")
    await world.writer.say(task, "a")
    await client.until(lambda: client.seqs(task) == [3])


async def test_many_clients_of_one_task_get_the_same_when_it_is_written(world: World):
    task = await world.writer.run()
    clients = [await world.client() for _ in range(20)]
    for client in clients:
        await client.ask("watch", {"task_id": task})
    await world.writer.say(task, *(str(n) for n in range(50)))
    for client in clients:
        await client.until(lambda client=client: client.seqs(task)[-1:] == [52])
        assert client.seqs(task) == list(range(3, 53))
