"""``USE_CELERY=false``: a POST answers with the result itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from http_world import World, running_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path, obedient=True, USE_CELERY="false") as running:
        yield running


async def test_a_post_answers_with_the_result_itself(world: World) -> None:
    answer = await world.http.post("/analyze_section", json={"section": "T", "content": "words"})
    assert answer.status_code == 200
    assert answer.json() == {"findings": [], "engine": "checker", "model": None}


@pytest.mark.parametrize("preference", ["respond-async", "wait=10, Respond-Async; foo=bar"])
async def test_who_does_not_want_to_wait_gets_the_task(world: World, preference: str) -> None:
    answer = await world.http.post("/test_connection", headers={"Prefer": preference})
    assert answer.status_code == 202
    assert (await world.http.get(answer.headers["Location"])).status_code == 200


async def test_a_task_that_fails_is_a_problem_with_its_own_code(world: World) -> None:
    answer = await world.http.post("/analyze_section", json={"section": "fail", "content": "words"})
    assert (answer.status_code, answer.json()["code"]) == (502, "engine_unavailable")
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_the_same_key_gets_the_same_result_and_runs_once(world: World) -> None:
    asked, headers = {"section": "T", "content": "words"}, {"Idempotency-Key": "k-1"}
    posts = (world.http.post("/analyze_section", json=asked, headers=headers) for _ in range(3))
    answers = await asyncio.gather(*posts)
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert len((await world.http.get("/tasks")).json()["tasks"]) == 1


async def test_a_failure_is_not_remembered_so_the_same_key_may_try_again(world: World) -> None:
    asked, headers = {"section": "fail", "content": "words"}, {"Idempotency-Key": "k-1"}
    for _ in range(2):
        assert (await world.http.post("/analyze_section", json=asked, headers=headers)).status_code == 502
    assert len((await world.http.get("/tasks")).json()["tasks"]) == 2


async def test_a_whole_document_is_always_accepted_as_tasks(world: World) -> None:
    document = await world.document()
    answer = await world.http.post("/analyze_document", json={"document_id": document.document_id})
    assert answer.status_code == 202


async def test_the_figures_name_the_mode(world: World) -> None:
    assert (await world.http.get("/queue_stats")).json()["mode"] == "in_process"
