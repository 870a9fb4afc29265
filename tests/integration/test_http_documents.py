"""Documents, their findings, and who may see them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from http_world import World, finding, running_world

from tasks.contract.events import FindingMade

REPORT = b"# Summary\n\nErrors fell from 420 to 180.\n\n## Cause\n\nNobody looked.\n"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path) as running:
        yield running


async def upload(world: World, data: bytes = REPORT, key: str | None = None, **fields: str) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await world.http.post("/documents", files={"document": ("report.md", data)}, data=fields, headers=headers)


async def found_in(world: World, section_id: str = "s1") -> tuple[str, dict[str, Any]]:
    """A document in which a review has found something; its id and the finding."""
    document = await world.document()
    await world.http.post("/analyze_section", json={"document_id": document.document_id, "section_id": section_id})
    admitted = await world.hand.start()
    await world.hand.say(admitted, FindingMade(finding=finding(section_id)))
    await world.hand.end(admitted, {"engine": "checker", "model": None})
    shown = (await world.http.get(f"/documents/{document.document_id}")).json()
    return document.document_id, shown["findings"][0]


async def test_an_uploaded_document_is_split_into_sections_and_its_original_is_kept(world: World) -> None:
    answer = await upload(world, framework="incident-report", guidelines="Be brief.")
    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/documents/{body['document_id']}"
    assert [section["title"] for section in body["sections"]] == ["Summary", "Cause"]
    assert "text" not in body["sections"][0]
    kept = list((world.data_dir / "originals").iterdir())
    assert [path.read_bytes() for path in kept] == [REPORT]
    whole = (await world.http.get(answer.headers["Location"])).json()
    assert (whole["framework"], whole["guidelines"]) == ("incident-report", "Be brief.")
    assert "420" in whole["sections"][0]["text"]


async def test_the_same_upload_with_the_same_key_is_one_document(world: World) -> None:
    first = await upload(world, key="k-1")
    again = await upload(world, key="k-1")
    assert (again.status_code, again.text) == (201, first.text)
    assert (await upload(world, b"# Other\n\nwords\n", key="k-1")).json()["code"] == "idempotency_key_reused"
    assert len((await world.http.get("/documents")).json()["documents"]) == 1


async def test_equal_uploads_at_once_make_one_document(world: World) -> None:
    answers = await asyncio.gather(*(upload(world, key="k-1") for _ in range(3)))
    assert len({answer.text for answer in answers}) == 1
    assert len((await world.http.get("/documents")).json()["documents"]) == 1


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("report.exe", b"MZ", 415, "unsupported_format"),
        ("report.md", b"", 422, "unreadable_document"),
        ("report.md", b"x" * (20 * 2**20 + 1), 413, "too_large"),
        ("report.md", b"x" * (24 * 2**20), 413, "too_large"),
    ],
)
async def test_a_file_that_cannot_be_taken_is_told_why(
    world: World, name: str, data: bytes, status: int, code: str
) -> None:
    answer = await world.http.post("/documents", files={"document": (name, data)})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_form_without_a_file_is_told_what_to_send(world: World) -> None:
    answer = await world.http.post("/documents", data={"document": "no file"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert "document" in answer.json()["detail"]


async def test_a_form_with_two_documents_or_an_unknown_field_is_refused(world: World) -> None:
    file = ("document", ("a.md", REPORT))
    for files, data in (
        ([file, file], {}),
        ([file], {"guideline": "Be brief."}),
        ([file, ("policy", ("p", b"x"))], {}),
    ):
        answer = await world.http.post("/documents", files=files, data=data)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert (await world.http.get("/documents")).json()["documents"] == []


async def test_guidelines_beyond_their_limit_are_refused_with_the_limit(world: World) -> None:
    answer = await upload(world, guidelines="x" * 50_001)
    assert answer.status_code == 400
    assert "50,000" in answer.json()["detail"]


async def test_a_framework_and_guidelines_may_come_as_files(world: World) -> None:
    policy = b"id: policy\nname: P\ncheckpoints:\n- {id: a, title: A, look_for: x, category: tone}\n"
    files = {"document": ("a.md", REPORT), "framework": ("p.yaml", policy), "guidelines": ("g.txt", b"Be brief.")}
    answer = await world.http.post("/documents", files=files)
    whole = (await world.http.get(answer.headers["Location"])).json()
    assert (whole["framework"], whole["guidelines"]) == ("policy", "Be brief.")
    latin = await world.http.post("/documents", files=files | {"guidelines": ("g.txt", b"\xff\xfe")})
    assert (latin.status_code, latin.json()["code"]) == (400, "bad_request")


async def test_frameworks_are_listed_with_the_default_first(world: World) -> None:
    listed = (await world.http.get("/frameworks")).json()["frameworks"]
    assert [framework["id"] for framework in listed] == ["general", "incident-report"]
    assert listed[0]["checkpoints"][0]["title"]
    whole = (await world.http.get((await upload(world)).headers["Location"])).json()
    assert whole["framework"] == "general"


@pytest.mark.parametrize(
    ("given", "code"), [("nope", "unknown_framework"), ("id: x", "invalid_framework"), ("a: *b", "invalid_framework")]
)
async def test_a_framework_that_cannot_be_used_is_told_why(world: World, given: str, code: str) -> None:
    answer = await upload(world, framework=given)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["known" if code == "unknown_framework" else "detail"]


async def test_documents_are_listed_newest_first_in_pages(world: World) -> None:
    for _ in range(51):
        await world.document()
        await asyncio.sleep(0.001)  # the memory store's cursor is a time in ms
    first = (await world.http.get("/documents")).json()
    second = (await world.http.get("/documents", params={"cursor": first["cursor"]})).json()
    names = [document["document_id"] for document in first["documents"] + second["documents"]]
    assert names == [f"d{n}" for n in range(51, 0, -1)]
    assert second["cursor"] is None
    assert (await world.http.get("/documents", params={"cursor": "x"})).status_code == 400


async def test_unknown_and_foreign_documents_are_the_very_same_404(world: World) -> None:
    theirs = (await world.document(owner="somebody else")).document_id
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/conversations"), ("POST", "/cancel")):
        answers = [await world.http.request(method, f"/documents/{name}{path}") for name in (theirs, "nope", "a:b")]
        bodies = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in answers]
        assert bodies[0] == bodies[1] == bodies[2]
        assert bodies[0]["code"] == "not_found"
    assert await world.store.document(theirs) is not None


async def test_a_deleted_document_is_gone_with_its_tasks_and_its_original(world: World) -> None:
    document_id = (await upload(world)).json()["document_id"]
    asked = {"document_id": document_id, "section_id": "s1"}
    task_id = (await world.http.post("/analyze_section", json=asked)).json()["task_id"]
    assert (await world.http.delete(f"/documents/{document_id}")).status_code == 204
    for path in (f"/documents/{document_id}", f"/task_status/{task_id}"):
        assert (await world.http.get(path)).status_code == 404
    assert (await world.http.post("/analyze_section", json=asked)).status_code == 404
    assert list((world.data_dir / "originals").iterdir()) == []


async def test_all_of_mine_can_be_deleted_and_nothing_of_others(world: World) -> None:
    for _ in range(3):
        await world.document()
    raw = await world.http.post("/analyze_section", json={"section": "S", "content": "A text of mine."})
    question = (await world.http.post("/chat", json={"message": "Are you there?"})).json()
    theirs = await world.document(owner="somebody else")
    assert (await world.http.delete("/documents")).status_code == 204
    assert (await world.http.get("/documents")).json()["documents"] == []
    assert (await world.http.get("/tasks")).json()["tasks"] == []
    for path in (raw.headers["Location"], f"/conversations/{question['conversation_id']}"):
        assert (await world.http.get(path)).status_code == 404
    assert await world.store.document(theirs.document_id) is not None


async def test_a_document_shows_its_findings_its_latest_tasks_and_its_progress(world: World) -> None:
    document_id, made = await found_in(world)
    shown = (await world.http.get(f"/documents/{document_id}")).json()
    assert made["message"] == "Unclear."
    assert [(task["section_id"], task["state"]) for task in shown["tasks"]] == [("s1", "SUCCESS")]
    assert shown["progress"] == 100


async def test_a_finding_is_judged_by_the_version_that_was_seen(world: World) -> None:
    document_id, made = await found_in(world)
    path, seen = f"/documents/{document_id}/findings/{made['finding_id']}", {"If-Match": f'"{made["version"]}"'}
    answer = await world.http.patch(path, json={"status": "accepted", "replacement": "Better."}, headers=seen)
    assert answer.status_code == 200
    assert answer.json()["status"] == "accepted"
    assert answer.json()["suggestion"]["text"] == "Better."
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
    late = await world.http.patch(path, json={"status": "rejected"}, headers=seen)
    assert (late.status_code, late.json()["version"]) == (412, answer.json()["version"])


async def test_a_judgement_without_a_version_is_refused(world: World) -> None:
    document_id, made = await found_in(world)
    path = f"/documents/{document_id}/findings/{made['finding_id']}"
    assert (await world.http.patch(path, json={"status": "accepted"})).status_code == 428
    assert (await world.http.patch(path, json={"status": "accepted"}, headers={"If-Match": "*"})).status_code == 400
    assert (await world.http.patch(path, json={"status": "outdated"}, headers={"If-Match": "1"})).status_code == 400


async def test_an_unknown_finding_is_a_404(world: World) -> None:
    document = await world.document()
    path = f"/documents/{document.document_id}/findings/nope"
    assert (await world.http.patch(path, json={"status": "open"}, headers={"If-Match": "1"})).status_code == 404
