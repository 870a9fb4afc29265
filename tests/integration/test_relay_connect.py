"""Who gets in, how many, and what happens to those who say nothing or too much."""

from __future__ import annotations

import asyncio
import json
import logging

import httpx
import pytest
import socketio
from processes import WAIT_S
from relay_world import Client, RawClient, World, open_world

from server.relay.bounds import Bounds

TIGHT = Bounds(
    sockets_per_owner=2,
    tasks_per_socket=3,
    documents_per_socket=1,
    messages_per_s=20,
    message_bytes=2_000,
    connect_s=0.3,
)


@pytest.fixture
async def world():
    async with open_world(bounds=TIGHT) as world:
        yield world


async def refusal_of(world: World, auth: dict[str, str] | None) -> dict:
    client, reasons = Client(), []
    client.sio.on("connect_error", reasons.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.sio.connect(world.url, auth=auth, transports=["websocket"], wait_timeout=WAIT_S)
    return reasons[0]


async def test_connect_is_refused_with_a_code_when_there_is_no_owner(world: World):
    reason = await refusal_of(world, None)
    assert reason["data"] == {"code": "unauthorized", "retryable": False}


async def test_connect_is_refused_when_the_owner_has_too_many_sockets(world: World):
    first = await world.client()
    await world.client()
    assert (await refusal_of(world, {"token": "ann"}))["data"] == {"code": "too_many", "retryable": True}
    await world.client("bob")
    await first.sio.disconnect()
    async with asyncio.timeout(WAIT_S):
        while len(world.relay._audience.links) > 2:
            await asyncio.sleep(0)
    await world.client()


async def test_socket_is_closed_when_it_never_connects(world: World):
    raw = await world.raw()
    await raw.until_closed()


async def test_socket_is_closed_when_it_was_refused_and_stays(world: World):
    raw = await world.raw()
    await raw.socket.send_str("40")
    assert "unauthorized" in await raw.until(lambda frame: frame.startswith("44"))
    await raw.until_closed()


async def test_socket_is_closed_when_it_leaves_the_namespace(world: World):
    raw = await world.raw()
    await raw.connect()
    await raw.socket.send_str("41")
    await raw.until_closed()


async def test_socket_gets_nothing_when_it_was_refused(world: World):
    task = await world.writer.run()
    raw = await world.raw()
    await raw.socket.send_str("40")
    await raw.ask(1, "watch", {"task_id": task})
    await world.writer.say(task, "a")
    with pytest.raises(ConnectionResetError):
        await raw.until(lambda frame: "task" in frame)


async def test_socket_is_closed_when_a_message_is_too_large(world: World):
    raw = await world.raw()
    await raw.connect()
    await raw.ask(1, "watch", {"task_id": "x" * 3_000})
    await raw.until_closed()


@pytest.mark.parametrize(
    "packet", ["", "9", "4", "42", "42[", "42[]", "42{}", "4x", "44{}", "40{bad", "420" + "[" * 5_000, b"\x00"]
)
async def test_socket_is_closed_and_nothing_of_it_is_logged_when_a_packet_is_no_socket_io(
    world: World, packet: str | bytes, caplog: pytest.LogCaptureFixture
):
    raw = await world.raw()
    await raw.connect()
    send = raw.socket.send_bytes if isinstance(packet, bytes) else raw.socket.send_str
    await send(packet)  # type: ignore[operator]
    await raw.until_closed()
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_key_of_a_program_is_not_logged_when_it_connects(world: World, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    await world.client("gk_a_key_of_a_program")
    assert "gk_a_key_of_a_program" not in caplog.text


async def test_messages_are_slowed_down_and_none_is_lost_when_they_come_too_fast(world: World):
    raw = await world.raw()
    await raw.connect()
    began = asyncio.get_running_loop().time()
    for ack_id in range(40):
        await raw.ask(ack_id, "unwatch_queue")
    await raw.answer(39)
    assert sum(frame.startswith("43") for frame in raw.frames) == 40
    assert asyncio.get_running_loop().time() - began > 0.5


async def test_watch_is_refused_when_the_socket_watches_as_many_tasks_as_it_may(world: World):
    tasks = [await world.writer.run() for _ in range(4)]
    client = await world.client()
    answers = [await client.ask("watch", {"task_id": task}) for task in tasks]
    assert [answer["ok"] for answer in answers] == [True, True, True, False]
    assert answers[3]["code"] == "too_many"
    assert (await client.ask("watch", {"task_id": tasks[0]}))["ok"]


async def test_watch_document_is_refused_when_the_socket_watches_as_many_as_it_may(world: World):
    await world.add_document("d1")
    await world.add_document("d2")
    client = await world.client()
    assert (await client.ask("watch_document", {"document_id": "d1"}))["ok"]
    assert await client.ask("watch_document", {"document_id": "d2"}) == {"ok": False, "code": "too_many"}
    await client.ask("unwatch_document", {"document_id": "d1"})
    assert (await client.ask("watch_document", {"document_id": "d2"}))["ok"]


async def test_everything_else_goes_to_the_http_app_when_the_relay_wraps_it(world: World):
    async with httpx.AsyncClient() as http:
        for path in ("/", "/socket.io/?EIO=4&transport=polling"):
            assert (await http.get(world.url + path)).text == "the HTTP app"


async def test_nothing_is_kept_of_a_socket_when_it_is_gone(world: World):
    await world.add_document("d1")
    task = await world.writer.run(document_id="d1")
    raw = await RawClient.open(world.url)
    await raw.connect()
    await raw.ask(1, "watch", {"task_id": task})
    await raw.ask(2, "watch_document", {"document_id": "d1"})
    await raw.answer(2)
    await raw.close()
    audience = world.relay._audience
    async with asyncio.timeout(WAIT_S):
        while audience.links:
            await asyncio.sleep(0)
    assert not audience.tasks
    assert not audience.documents
    assert not audience.channels()
    assert not world.relay._sockets_of
    assert not world.relay._wire.environ


async def test_clients_see_the_connection_end_without_a_farewell_when_the_relay_stops(world: World):
    raw = await world.raw()
    await raw.connect()
    await world.relay.stop()
    await raw.until_closed()
    assert not any(frame.startswith(("41", "1")) for frame in raw.frames), json.dumps(raw.frames)
