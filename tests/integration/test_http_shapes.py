"""Real answers have exactly the shapes that the OpenAPI document promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from http_world import World, finding, running_world
from pydantic import BaseModel

from server.schemas import base, documents, service, tasks
from tasks.contract.events import FindingMade
from tasks.contract.findings import Finding


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path) as running:
        yield running


def assert_shape(model: type[BaseModel], body: dict[str, Any]) -> None:
    """Everything promised is there and valid, and nothing else is."""
    model.model_validate(body)
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    assert required <= set(body) <= set(model.model_fields)


async def test_every_answer_has_the_shape_that_is_promised(world: World) -> None:
    http = world.http
    uploaded = await http.post("/documents", files={"document": ("a.md", b"# One\n\nwords\n")})
    assert_shape(documents.DocumentCreated, uploaded.json())
    document_id = uploaded.json()["document_id"]
    asked = {"document_id": document_id, "section_id": "s1"}
    accepted = (await http.post("/analyze_section", json=asked)).json()
    assert_shape(tasks.TaskAccepted, accepted)
    path = f"/task_status/{accepted['task_id']}"
    assert_shape(tasks.TaskStatus, (await http.get(path)).json())
    admitted = await world.hand.start()
    await world.hand.say(admitted, FindingMade(finding=finding("s1")))
    assert_shape(tasks.TaskStatus, (await http.get(path)).json())
    await world.hand.end(admitted, {"engine": "checker", "model": None})
    assert_shape(tasks.TaskStatus, (await http.get(path, params={"epoch": 0, "since": 0})).json())
    assert_shape(documents.DocumentWhole, (await http.get(f"/documents/{document_id}")).json())
    assert_shape(documents.DocumentList, (await http.get("/documents")).json())
    chat = (await http.post("/chat", json={"document_id": document_id, "message": "Hello?"})).json()
    assert_shape(tasks.TaskAccepted, chat)
    assert_shape(tasks.ConversationWhole, (await http.get(f"/conversations/{chat['conversation_id']}")).json())
    listed = (await http.get(f"/documents/{document_id}/conversations")).json()
    assert_shape(tasks.ConversationList, listed)
    assert_shape(tasks.TasksAccepted, (await http.post("/analyze_document", json={"document_id": document_id})).json())
    assert_shape(tasks.TaskList, (await http.get("/tasks")).json())
    assert_shape(service.QueueStats, (await http.get("/queue_stats")).json())
    history = (await http.get("/queue_stats/history")).json()
    assert_shape(service.QueueHistory, history)
    assert (len(history["minutes"]), history["minutes"][-1]["started"]) == (60, 1)
    own = {"section_id": "s1", "message": "Who says so?", "severity": "minor", "category": "evidence"}
    assert_shape(Finding, (await http.post(f"/documents/{document_id}/findings", json=own)).json())
    assert_shape(service.CostsShown, (await http.get("/costs")).json())
    assert_shape(tasks.DocumentCancelled, (await http.post(f"/documents/{document_id}/cancel")).json())
    assert_shape(tasks.Cancelled, (await http.post(f"/cancel_task/{chat['task_id']}")).json())
    assert_shape(service.KeyCreated, (await http.post("/keys", json={"name": "robot"})).json())
    assert_shape(service.KeyList, (await http.get("/keys")).json())
    assert_shape(service.About, (await http.get("/about")).json())
    assert_shape(service.Readiness, (await http.get("/readyz")).json())
    assert_shape(service.Health, (await http.get("/healthz")).json())
    assert_shape(base.ProblemDocument, (await http.get("/task_status/nope")).json())
