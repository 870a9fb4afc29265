"""A task's state, its events, its list."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from http_world import World, finding, running_world
from processes import WAIT_S

from tasks.contract.events import FindingMade, ProgressMade, TaskStarted, TextAdded


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path) as running:
        yield running


async def status_of(world: World, task_id: str, **query: Any) -> dict[str, Any]:
    answer = await world.http.get(f"/task_status/{task_id}", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def streamed(world: World, task_id: str, last_event_id: str = "") -> list[dict[str, str]]:
    """All messages of a stream until it ends, as fields."""
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    messages = []
    async with asyncio.timeout(WAIT_S), world.http.stream("GET", f"/task_events/{task_id}", headers=headers) as stream:
        text = "".join([part async for part in stream.aiter_text()])
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            messages.append(fields)
    return messages


async def test_a_waiting_task_tells_its_place_and_what_it_waits_for(world: World) -> None:
    await world.review()
    shown = await status_of(world, (await world.review())["task_id"])
    assert (shown["state"], shown["position"], shown["waiting_for"]) == ("PENDING", 2, "worker")
    assert (shown["status"], shown["progress"], shown["result"], shown["error"]) == ("Waiting in line", 0, None, None)


async def test_a_running_task_tells_its_progress_and_waits_for_nothing(world: World) -> None:
    task_id = (await world.review())["task_id"]
    admitted = await world.hand.start()
    await world.hand.say(admitted, TaskStarted(attempt=1, engine="checker"))
    await world.hand.say(admitted, ProgressMade(percent=40, status="Reading page 2"))
    await world.hand.say(admitted, FindingMade(finding=finding("s1")))
    shown = await status_of(world, task_id)
    assert (shown["state"], shown["status"], shown["progress"]) == ("PROGRESS", "Reading page 2", 40)
    assert shown["position"] is shown["waiting_for"] is None
    assert [f["finding_id"] for f in shown["findings"]] == ["f1"]


async def test_a_succeeded_task_carries_its_result_once(world: World) -> None:
    task_id = (await world.review())["task_id"]
    admitted = await world.hand.start()
    await world.hand.say(admitted, FindingMade(finding=finding("s1")))
    await world.hand.end(admitted, {"engine": "checker", "model": None})
    shown = await status_of(world, task_id)
    assert shown["state"] == "SUCCESS"
    assert [f["finding_id"] for f in shown["result"]["findings"]] == ["f1"]
    assert "findings" not in shown


async def test_events_come_with_the_state_when_all_after_the_position_are_there(world: World) -> None:
    task_id = (await world.review())["task_id"]
    first = await status_of(world, task_id)
    await world.hand.end(await world.hand.start(), {"engine": "checker", "model": None})
    shown = await status_of(world, task_id, epoch=first["epoch"], since=first["seq"])
    assert [event["type"] for event in shown["events"]] == ["task_admitted", "task_started", "task_succeeded"]
    assert shown["events"][-1]["seq"] == shown["seq"]
    assert "events" not in await status_of(world, task_id, epoch=first["epoch"] + 1, since=0)
    assert (await status_of(world, task_id, epoch=first["epoch"], since=shown["seq"]))["events"] == []


async def test_a_long_log_is_given_whole(world: World) -> None:
    task_id = (await world.http.post("/chat", json={"message": "Hello?"})).json()["task_id"]
    admitted = await world.hand.start()
    for n in range(700):
        await world.hand.say(admitted, TextAdded(text=f"{n} "))
    epoch = (await status_of(world, task_id))["epoch"]
    events = (await status_of(world, task_id, epoch=epoch, since=1))["events"]
    assert [event["seq"] for event in events] == list(range(2, 703))


async def test_waiting_ends_as_soon_as_there_is_news(world: World) -> None:
    task_id = (await world.review())["task_id"]
    first = await status_of(world, task_id)
    waiting = asyncio.create_task(status_of(world, task_id, epoch=first["epoch"], since=first["seq"], wait=25))
    await _until_watched(world)
    await world.hand.start()
    async with asyncio.timeout(WAIT_S):
        shown = await waiting
    assert [event["type"] for event in shown["events"]] == ["task_admitted"]


async def test_waiting_does_not_wait_for_what_has_happened_or_for_what_never_will(world: World) -> None:
    task_id = (await world.review())["task_id"]
    first = await status_of(world, task_id)
    await world.hand.end(await world.hand.start(), {"engine": "checker", "model": None})
    async with asyncio.timeout(WAIT_S):
        shown = await status_of(world, task_id, epoch=first["epoch"], since=first["seq"], wait=25)
        await status_of(world, task_id, epoch=shown["epoch"], since=shown["seq"], wait=25)
        await status_of(world, task_id, wait=25)


async def test_waiting_ends_with_the_present_state_when_nothing_happens(world: World) -> None:
    task_id = (await world.review())["task_id"]
    assert (await status_of(world, task_id, wait=0.05))["state"] == "PENDING"


async def test_the_same_state_is_not_sent_again(world: World) -> None:
    task_id = (await world.review())["task_id"]
    first = await world.http.get(f"/task_status/{task_id}")
    known = {"If-None-Match": first.headers["ETag"]}
    strong = first.headers["ETag"].removeprefix("W/")
    for given in (first.headers["ETag"], strong, f'"other", {strong}', "*"):
        answer = await world.http.get(f"/task_status/{task_id}", headers={"If-None-Match": given})
        assert (answer.status_code, answer.content) == (304, b""), given
    other = {"If-None-Match": strong.replace("-", "_")}
    assert (await world.http.get(f"/task_status/{task_id}", headers=other)).status_code == 200
    await world.hand.start()
    assert (await world.http.get(f"/task_status/{task_id}", headers=known)).status_code == 200


@pytest.mark.parametrize("query", [{"wait": 26}, {"since": -1}, {"epoch": "x"}])
async def test_a_wrong_query_is_refused(world: World, query: dict[str, Any]) -> None:
    task_id = (await world.review())["task_id"]
    assert (await world.http.get(f"/task_status/{task_id}", params=query)).status_code == 400


@pytest.mark.parametrize("path", ["/task_status/", "/task_events/"])
async def test_unknown_tasks_are_a_404_also_where_the_id_would_name_another_key(world: World, path: str) -> None:
    task_id = (await world.review())["task_id"]
    for name in ("nope", f"{task_id}:log", "x" * 300):
        answer = await world.http.get(path + name)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_stream_gives_every_event_once_in_order_and_ends_after_the_last(world: World) -> None:
    task_id = (await world.review())["task_id"]
    stream = asyncio.create_task(streamed(world, task_id))
    await _until_watched(world)
    admitted = await world.hand.start()
    for percent in range(0, 100, 10):
        await world.hand.say(admitted, ProgressMade(percent=percent, status="Reading"))
    await world.hand.end(admitted, {"engine": "checker", "model": None})
    messages = await stream
    events = [json.loads(message["data"]) for message in messages]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == "task_succeeded"
    assert [m["id"] for m in messages] == [f"{event['epoch']}:{event['seq']}" for event in events]


async def test_a_stream_goes_on_after_the_last_event_that_was_received(world: World) -> None:
    task_id = (await world.review())["task_id"]
    await world.hand.end(await world.hand.start(), {"engine": "checker", "model": None})
    whole = await streamed(world, task_id)
    rest = await streamed(world, task_id, whole[1]["id"])
    assert rest == whole[2:]


async def test_a_stream_from_an_unknown_position_begins_with_the_present_state(world: World) -> None:
    task_id = (await world.review())["task_id"]
    await world.hand.end(await world.hand.start(), {"engine": "checker", "model": None})
    messages = await streamed(world, task_id, "7:3")
    assert [message["event"] for message in messages] == ["task_reset"]
    assert json.loads(messages[0]["data"])["snapshot"]["state"] == "SUCCESS"


async def test_a_stream_of_which_everything_was_received_is_not_begun_again(world: World) -> None:
    task_id = (await world.review())["task_id"]
    await world.hand.end(await world.hand.start(), {"engine": "checker", "model": None})
    last = (await streamed(world, task_id))[-1]["id"]
    answer = await world.http.get(f"/task_events/{task_id}", headers={"Last-Event-ID": last})
    assert answer.status_code == 204


async def test_a_stream_of_a_task_that_is_deleted_says_so_and_ends(world: World) -> None:
    document = await world.document()
    asked = {"document_id": document.document_id, "section_id": "s1"}
    task_id = (await world.http.post("/analyze_section", json=asked)).json()["task_id"]
    stream = asyncio.create_task(streamed(world, task_id))
    await _until_watched(world)
    await world.http.delete(f"/documents/{document.document_id}")
    last = (await stream)[-1]
    assert last.get("event") == "task_reset" or json.loads(last["data"])["type"] == "task_cancelled"


async def test_a_position_that_is_none_is_refused(world: World) -> None:
    task_id = (await world.review())["task_id"]
    answer = await world.http.get(f"/task_events/{task_id}", headers={"Last-Event-ID": "yesterday"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_nobody_is_watched_for_once_the_requests_are_gone(world: World) -> None:
    task_id = (await world.review())["task_id"]
    await status_of(world, task_id, wait=0.02)
    assert not world.store._exchange._feeds.get(f"{{galley}}:events:{task_id}")


async def test_my_tasks_are_listed_by_state_and_document(world: World) -> None:
    document = await world.document()
    await world.review()
    await world.hand.end(await world.hand.start(), None)
    asked = {"document_id": document.document_id, "section_id": "s1"}
    of_document = (await world.http.post("/analyze_section", json=asked)).json()["task_id"]
    dead = (await world.http.get("/tasks", params={"state": "FAILURE"})).json()["tasks"]
    assert [task["error"]["code"] for task in dead] == ["engine_unavailable"]
    listed = (await world.http.get("/tasks", params={"document_id": document.document_id})).json()["tasks"]
    assert [task["task_id"] for task in listed] == [of_document]
    assert (await world.http.get("/tasks", params={"state": "NO"})).status_code == 400


async def _until_watched(world: World) -> None:
    """The store knows when a request has subscribed."""
    async with asyncio.timeout(WAIT_S):
        while not any(":events:" in channel for channel in world.store._exchange._feeds):
            await asyncio.sleep(0)
