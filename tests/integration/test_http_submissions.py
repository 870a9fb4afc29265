"""What is submitted, and what is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from http_world import World, running_world

from tasks.contract.errors import StoreUnavailable
from tasks.contract.states import TaskState


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path) as running:
        yield running


async def test_a_raw_section_is_accepted_with_its_place_and_where_to_look(world: World) -> None:
    await world.hand.announce(slots=0)
    first = await world.http.post("/analyze_section", json={"section": "Intro", "content": "Some words."})
    second = await world.http.post("/analyze_section", json={"section": "Intro", "content": "Other words."})
    body = second.json()
    assert first.status_code == second.status_code == 202
    assert body["status"] == "processing"
    assert body["state"] == "PENDING"
    assert body["position"] == 2
    assert second.headers["Location"] == f"/task_status/{body['task_id']}"
    kept = await world.store.task_input(body["task_id"])
    assert kept is not None
    assert kept.input == {"section": "Intro", "content": "Other words.", "fresh": False}


async def test_the_estimate_is_null_while_no_worker_is_up(world: World) -> None:
    assert (await world.review())["eta_s"] is None


async def test_a_section_of_a_document_is_accepted_and_linked_to_it(world: World) -> None:
    document = await world.document()
    asked = {"document_id": document.document_id, "section_id": "s2", "priority": 3, "fresh": True}
    answer = await world.http.post("/analyze_section", json=asked)
    kept = await world.store.task_input(answer.json()["task_id"])
    assert kept is not None
    assert (kept.section_id, kept.priority, kept.input) == ("s2", 3, {"fresh": True})


@pytest.mark.parametrize(
    ("document_id", "section_id"), [("d1", "s9"), ("nope", "s1"), ("theirs", "s1"), ("d1:findings", "s1")]
)
async def test_unknown_and_foreign_sections_are_the_same_404(world: World, document_id: str, section_id: str) -> None:
    await world.document()
    theirs = await world.document(owner="somebody else")
    asked = {"document_id": theirs.document_id if document_id == "theirs" else document_id, "section_id": section_id}
    answer = await world.http.post("/analyze_section", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_whole_document_becomes_one_task_a_section_in_order(world: World) -> None:
    document = await world.document(sections=3)
    answer = await world.http.post("/analyze_document", json={"document_id": document.document_id})
    assert answer.status_code == 202
    assert [task["section_id"] for task in answer.json()["tasks"]] == ["s1", "s2", "s3"]


async def test_named_sections_are_taken_once_and_in_the_documents_order(world: World) -> None:
    document = await world.document(sections=3)
    asked = {"document_id": document.document_id, "section_ids": ["s3", "s1", "s3"]}
    answer = await world.http.post("/analyze_document", json=asked)
    assert [task["section_id"] for task in answer.json()["tasks"]] == ["s1", "s3"]


async def test_the_connection_test_takes_an_empty_body(world: World) -> None:
    assert (await world.http.post("/test_connection")).status_code == 202
    assert (await world.http.post("/test_connection", json={})).status_code == 202


async def test_a_chat_begins_a_conversation_and_goes_on_with_it(world: World) -> None:
    document = await world.document()
    about = {"document_id": document.document_id, "message": "What is this?"}
    first = (await world.http.post("/chat", json=about)).json()
    follow_up = {"conversation_id": first["conversation_id"], "message": "And why?"}
    second = (await world.http.post("/chat", json=follow_up)).json()
    assert second["conversation_id"] == first["conversation_id"]
    kept = await world.store.task_input(second["task_id"])
    assert kept is not None
    assert kept.document_id == document.document_id
    listed = (await world.http.get(f"/documents/{document.document_id}/conversations")).json()["conversations"]
    assert [c["conversation_id"] for c in listed] == [first["conversation_id"]]
    turns = (await world.http.get(f"/conversations/{first['conversation_id']}")).json()["turns"]
    assert [turn["message"] for turn in turns] == ["What is this?", "And why?"]


async def test_a_conversation_cannot_move_to_another_document(world: World) -> None:
    document, other = await world.document(), await world.document()
    about = {"document_id": document.document_id, "message": "What is this?"}
    first = (await world.http.post("/chat", json=about)).json()
    moved = {"document_id": other.document_id, "conversation_id": first["conversation_id"], "message": "And this?"}
    assert (await world.http.post("/chat", json=moved)).json()["code"] == "bad_request"


async def test_a_conversation_that_is_unknown_is_a_404(world: World) -> None:
    answer = await world.http.post("/chat", json={"conversation_id": "c_nope", "message": "Hello?"})
    assert (answer.status_code, (await world.http.get("/conversations/c_nope")).status_code) == (404, 404)


async def test_a_chat_about_a_section_needs_its_document(world: World) -> None:
    answer = await world.http.post("/chat", json={"section_id": "s1", "message": "Hello?"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_the_same_key_and_content_gets_the_very_same_answer_and_makes_one_task(world: World) -> None:
    asked, headers = {"section": "T", "content": "words"}, {"Idempotency-Key": "k-1"}
    first = await world.http.post("/analyze_section", json=asked, headers=headers)
    await world.review("something else in line")
    again = await world.http.post("/analyze_section", content=b'{"content":"words",\n"section":"T"}', headers=headers)
    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert again.headers["Location"] == first.headers["Location"]
    listed = (await world.http.get("/tasks")).json()["tasks"]
    assert len(listed) == 2


async def test_equal_requests_at_once_get_the_very_same_answer(world: World) -> None:
    asked, headers = {"message": "Hello?"}, {"Idempotency-Key": "k-1"}
    answers = await asyncio.gather(*(world.http.post("/chat", json=asked, headers=headers) for _ in range(8)))
    assert len({answer.text for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {202}


async def test_a_request_that_died_before_it_was_answered_is_answered_for_from_its_task(world: World) -> None:
    asked, headers = {"message": "Hello?"}, {"Idempotency-Key": "k-1"}
    first = await world.http.post("/chat", json=asked, headers=headers)
    world.store._answered["local", "k-1"].answer = None  # as if the process had died before it recorded
    again = await world.http.post("/chat", json=asked, headers=headers)
    for name in ("task_id", "conversation_id", "state", "status"):
        assert again.json()[name] == first.json()[name]


@pytest.mark.parametrize(
    ("path", "asked"), [("/analyze_section", {"section": "T", "content": "other"}), ("/chat", {"message": "words"})]
)
async def test_the_same_key_for_other_content_is_refused(world: World, path: str, asked: dict[str, str]) -> None:
    headers = {"Idempotency-Key": "k-1"}
    await world.http.post("/analyze_section", json={"section": "T", "content": "words"}, headers=headers)
    answer = await world.http.post(path, json=asked, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_refused_request_does_not_use_its_key_up(world: World) -> None:
    headers = {"Idempotency-Key": "k-1"}
    assert (await world.http.post("/chat", json={"message": ""}, headers=headers)).status_code == 400
    assert (await world.http.post("/chat", json={"message": "Hello?"}, headers=headers)).status_code == 202


async def test_a_key_that_is_no_key_is_refused(world: World) -> None:
    answer = await world.http.post("/chat", json={"message": "Hello?"}, headers={"Idempotency-Key": "two words"})
    assert answer.json()["code"] == "bad_request"


async def test_a_failed_task_can_be_sent_again_as_a_new_one(world: World) -> None:
    task_id = (await world.review())["task_id"]
    await world.hand.end(await world.hand.start(), None)
    answer = await world.http.post(f"/retry_task/{task_id}")
    assert answer.status_code == 202
    again = await world.store.task_input(answer.json()["task_id"])
    first = await world.store.task_input(task_id)
    assert again is not None
    assert first is not None
    assert again.task_id != first.task_id
    assert again.input == first.input


async def test_a_running_task_cannot_be_sent_again(world: World) -> None:
    task_id = (await world.review())["task_id"]
    answer = await world.http.post(f"/retry_task/{task_id}")
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "not_ended", "PENDING")
    assert (await world.http.post("/retry_task/nope")).status_code == 404


async def test_a_store_that_may_have_taken_it_is_a_503_with_a_time_and_nothing_runs_twice(world: World) -> None:
    world.store.away = StoreUnavailable("The store does not answer.")
    answer = await world.http.post("/analyze_section", json={"section": "T", "content": "words"})
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert world.runtime.inline_tasks == []


async def test_a_store_that_was_never_reached_lets_work_without_a_document_run_here(world: World) -> None:
    world.store.away = StoreUnavailable("The store cannot be reached.", not_sent=True)
    answer = await world.http.post("/test_connection")
    assert (answer.status_code, answer.json()["engine"]) == (200, "checker")
    assert len(world.runtime.inline_tasks) == 1


async def test_a_store_that_was_never_reached_is_a_503_for_work_on_a_document(world: World) -> None:
    document = await world.document()
    world.store.away = StoreUnavailable("The store cannot be reached.", not_sent=True)
    asked = {"document_id": document.document_id, "section_id": "s1"}
    assert (await world.http.post("/analyze_section", json=asked)).status_code == 503
    assert world.runtime.inline_tasks == []


async def test_a_task_that_is_stopped_stays_stopped(world: World) -> None:
    task_id = (await world.review())["task_id"]
    for _ in range(2):
        answer = await world.http.post(f"/cancel_task/{task_id}")
        assert (answer.status_code, answer.json()) == (200, {"cancelled": True, "state": "REVOKED"})


async def test_a_task_that_has_ended_otherwise_cannot_be_stopped(world: World) -> None:
    task_id = (await world.review())["task_id"]
    await world.hand.end(await world.hand.start(), {"engine": "checker", "model": None})
    answer = await world.http.post(f"/cancel_task/{task_id}")
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "already_ended", "SUCCESS")


async def test_stopping_a_document_stops_what_has_not_ended(world: World) -> None:
    document = await world.document(sections=3)
    tasks = (await world.http.post("/analyze_document", json={"document_id": document.document_id})).json()["tasks"]
    await world.hand.end(await world.hand.start(), {"engine": "checker", "model": None})
    answer = await world.http.post(f"/documents/{document.document_id}/cancel")
    assert answer.json()["task_ids"] == [task["task_id"] for task in tasks[1:]]
    states = [task.state for task in await world.store.document_tasks(document.document_id)]
    assert states == [TaskState.SUCCESS, TaskState.REVOKED, TaskState.REVOKED]


@pytest.mark.parametrize("wrong", [{"fresh": "yes"}, {"fresh": 1}, {"priority": "3"}])
async def test_a_type_that_is_not_the_documented_one_is_refused(world: World, wrong: dict[str, object]) -> None:
    answer = await world.http.post("/analyze_section", json={"section": "Intro", "content": "Some words."} | wrong)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (400, next(iter(wrong)))
