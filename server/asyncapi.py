"""The AsyncAPI document of the socket, made from the same models that write the events."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from server.openapi import VERSION
from server.schemas.service import QueueStats
from tasks.contract.events import EVENT_TYPES, Event, EventData
from tasks.contract.states import Snapshot

_REF: Final = "#/components/schemas/{model}"
_ID: Final = {"type": "string"}
_NULLABLE_MS: Final = {"type": ["integer", "null"], "description": "Milliseconds since the Unix epoch"}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REF.format(model=name)}


_INTEGER: Final = {"type": "integer"}
_OK: Final = _object(("ok",), ok={"type": "boolean"}, code=_ID)
_NUMBERED: Final = {"epoch": _INTEGER, "seq": _INTEGER}
_WATCHED: Final = _object(
    ("ok",),
    ok={"type": "boolean"},
    code=_ID,
    **_NUMBERED,
    recovered={"type": "boolean", "description": "Everything after the given position is in `events`"},
    events={"type": "array", "items": _ref("Event")},
    snapshot=_ref("Snapshot"),
)
_POSITIONS: Final = {"type": "object", "additionalProperties": {"type": "array", "prefixItems": [_INTEGER, _INTEGER]}}

# What a client may send: payload and acknowledgement.
_FROM_CLIENT: Final[dict[str, tuple[str, dict[str, Any], dict[str, Any]]]] = {
    "watch": ("Follow one task, from a position", _object(("task_id",), task_id=_ID, **_NUMBERED), _WATCHED),
    "watch_document": (
        "Follow all tasks of a document, also those created later",
        _object(("document_id",), document_id=_ID, positions=_POSITIONS),
        _object(("ok",), ok={"type": "boolean"}, code=_ID, tasks={"type": "object", "additionalProperties": _WATCHED}),
    ),
    "unwatch": ("Stop following a task", _object(("task_id",), task_id=_ID), _OK),
    "unwatch_document": ("Stop following a document", _object(("document_id",), document_id=_ID), _OK),
    "watch_queue": ("Receive queue_stats", {"type": "object"}, _OK),
    "unwatch_queue": ("Receive no more queue_stats", {"type": "object"}, _OK),
}

# What the server sends.
_FROM_SERVER: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "task_events": ("One or more events of one task, in order", {"type": "array", "items": _ref("Event")}),
    "task_reset": (
        "Forget what is shown of the task and show this; null: the task is gone",
        _object(
            ("task_id", "epoch", "seq", "snapshot"),
            task_id=_ID,
            **_NUMBERED,
            snapshot={"oneOf": [_ref("Snapshot"), {"type": "null"}]},
        ),
    ),
    "queue_update": (
        "Where a waiting task stands",
        _object(
            ("task_id", "position", "about", "eta_s", "waiting_for", "reopens_at"),
            task_id=_ID,
            position=_INTEGER,
            about={"type": "boolean", "description": "The position is an estimate"},
            eta_s={"type": ["integer", "null"]},
            waiting_for={"enum": ["turn", "budget", "worker", "engine"]},
            reopens_at=_NULLABLE_MS,
        ),
    ),
    "queue_stats": (
        "As GET /queue_stats; again when it changed, at most once a second",
        _ref("QueueStats"),
    ),
    "service_status": (
        "Whether the server reaches its store; told when that changes, and after connect when it does not",
        _object(("store",), store={"enum": ["up", "away"]}),
    ),
}


@cache
def asyncapi_document() -> dict[str, Any]:
    """The document, AsyncAPI 3.0."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Galley, live",
            "version": VERSION,
            "description": (
                "Socket.IO, default namespace, WebSocket transport only, same origin. Connect with the session"
                " cookie or with `auth: {token}`. No event of a task is sent before the answer to its watch."
                " Every event of a task reaches a watcher once and in order, or a task_reset says that older"
                " history is gone."
            ),
        },
        "channels": {"socket": {"address": "/socket.io/", "messages": _messages()}},
        "operations": _operations(),
        "components": {"schemas": _schemas()},
    }


def _messages() -> dict[str, Any]:
    asked = [(name, words, payload) for name, (words, payload, _) in _FROM_CLIENT.items()]
    acks = [(f"{name}_ack", f"The answer to {name}", ack) for name, (_, _, ack) in _FROM_CLIENT.items()]
    told = [(name, words, payload) for name, (words, payload) in _FROM_SERVER.items()]
    return {name: {"name": name, "summary": words, "payload": payload} for name, words, payload in asked + acks + told}


def _operations() -> dict[str, Any]:
    channel = {"$ref": "#/channels/socket"}
    received = {
        name: {
            "action": "receive",
            "channel": channel,
            "messages": [_message(name)],
            "reply": {"channel": channel, "messages": [_message(f"{name}_ack")]},
        }
        for name in _FROM_CLIENT
    }
    sent = {name: {"action": "send", "channel": channel, "messages": [_message(name)]} for name in _FROM_SERVER}
    return received | sent


def _message(name: str) -> dict[str, str]:
    return {"$ref": f"#/channels/socket/messages/{name}"}


def _schemas() -> dict[str, Any]:
    """The envelope, whose data is one of the known events', and all that these refer to."""
    models: list[type[BaseModel]] = [Snapshot, QueueStats, *EVENT_TYPES.values()]
    _, made = models_json_schema([(model, "serialization") for model in models], ref_template=_REF)
    schemas: dict[str, Any] = made["$defs"]
    envelope = Event.model_json_schema(ref_template=_REF)
    envelope["properties"]["type"] = {"type": "string", "examples": sorted(EVENT_TYPES)}
    envelope["properties"]["data"] = {
        "anyOf": [_ref(model.__name__) for model in EVENT_TYPES.values()],
        "description": "By `type`. Readers ignore types and members that they do not know, and count their numbers.",
    }
    for model in EVENT_TYPES.values():
        schemas[model.__name__]["x-event-type"] = event_type_of(model)
    return schemas | {"Event": envelope}


def event_type_of(model: type[EventData]) -> str:
    """The name on the wire."""
    return model.type
