"""Tasks: their state, their events, their list; stopped, and sent again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from quart import Blueprint, Response, request
from quart_schema import document_headers, document_querystring, document_response

from server.answers import JSON, json_response
from server.event_stream import position_of, stream_events
from server.ids import check_id, new_id
from server.incoming import asking_owner, cursor_of, has_already, read_body, read_query, who_asks
from server.owned import snapshot_of, submission_of
from server.parts import parts
from server.routes.analyses import asking
from server.schemas.requests import ConditionHeaders, IdempotencyHeaders, StatusQuery, StreamHeaders, TasksQuery
from server.schemas.tasks import Cancelled, DocumentCancelled, TaskAccepted, TaskList, TaskStatus
from server.submitting import submit_again
from server.task_view import etag_of, place_in_line, summary_json, task_json
from server.task_waiting import events_up_to, until_news
from tasks.contract.errors import AlreadyEnded, NotEnded, NotFound
from tasks.contract.states import ENDED, Snapshot, TaskState
from tasks.contract.submissions import TestConnection

blueprint = Blueprint("tasks", __name__)

_PAGE: Final = 50
_CAN_BE_SENT_AGAIN: Final = frozenset({TaskState.FAILURE, TaskState.REVOKED})


@blueprint.get("/task_status/<task_id>")
@document_headers(ConditionHeaders)
@document_querystring(StatusQuery)
@document_response(TaskStatus)
async def task_status(task_id: str) -> Response:
    """A task as it stands; with `wait`, as soon as there is news of it."""
    owner, query = await asking_owner(), read_query(StatusQuery)
    snapshot = await _looked_at(owner, task_id, query)
    place = await place_in_line(parts().queue, snapshot)
    etag = etag_of(snapshot, place)
    if has_already(etag):
        return Response(b"", 304, {"ETag": etag})
    events = None
    if query.epoch is not None:
        events = await events_up_to(parts().store, snapshot, query.epoch, query.since)
    return Response(task_json(snapshot, place, events), 200, {"ETag": etag, "Cache-Control": "no-cache"}, JSON)


async def _looked_at(owner: str, task_id: str, query: StatusQuery) -> Snapshot:
    snapshot = await snapshot_of(parts().store, owner, task_id)
    seen = (query.epoch, query.since) if query.epoch is not None else (snapshot.epoch, snapshot.seq)
    if not query.wait or seen != (snapshot.epoch, snapshot.seq) or snapshot.state in ENDED:
        return snapshot
    return await until_news(parts().store, parts().news, owner, task_id, seen=seen, wait_s=query.wait)


@blueprint.get("/task_events/<task_id>")
@document_headers(StreamHeaders)
async def task_events(task_id: str) -> Response:
    """A task's events as Server-Sent Events; the stream ends after the last one."""
    snapshot = await snapshot_of(parts().store, await asking_owner(), task_id)
    position = position_of(request.headers.get("Last-Event-ID"))
    if snapshot.state in ENDED and (position.epoch, position.seq) == (snapshot.epoch, snapshot.seq):
        return Response(b"", 204)  # the only answer that keeps an EventSource from connecting again
    stream: AsyncIterator[str] = stream_events(parts().store, parts().news, task_id, position)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(stream, 200, headers, content_type="text/event-stream; charset=utf-8")


@blueprint.get("/tasks")
@document_querystring(TasksQuery)
@document_response(TaskList)
async def list_tasks() -> Response:
    """My tasks, newest first; `state=FAILURE` are the dead letters."""
    owner, query = await asking_owner(), read_query(TasksQuery)
    found, cursor = await parts().store.list_tasks(
        owner, state=query.state, document_id=query.document_id, before=cursor_of(query.cursor), count=_PAGE
    )
    return json_response({"tasks": [summary_json(t) for t in found], "cursor": str(cursor) if cursor else None})


@blueprint.post("/cancel_task/<task_id>")
@document_response(Cancelled)
async def cancel_task(task_id: str) -> Response:
    """Stop a waiting or running task. Twice is the same; after another end it is a 409."""
    await snapshot_of(parts().store, await asking_owner(), task_id)
    state = await parts().store.cancel(task_id)
    if state is None:
        raise NotFound
    if state is not TaskState.REVOKED:
        raise AlreadyEnded(f"The task has already ended as {state}. Look at it with GET /task_status.", state=state)
    return json_response({"cancelled": True, "state": state})


@blueprint.post("/documents/<document_id>/cancel")
@document_response(DocumentCancelled)
async def cancel_document(document_id: str) -> Response:
    """Stop all tasks of a document that have not ended."""
    await parts().documents.of(await asking_owner(), document_id)
    open_tasks = [t for t in await parts().store.document_tasks(document_id) if t.state not in ENDED]
    stopped = [t.task_id for t in open_tasks if await parts().store.cancel(t.task_id) is TaskState.REVOKED]
    return json_response({"cancelled": True, "state": TaskState.REVOKED, "task_ids": stopped})


@blueprint.post("/retry_task/<task_id>")
@document_headers(IdempotencyHeaders)
@document_response(TaskAccepted, 202)
async def retry_task(task_id: str) -> Response:
    """Send a failed or stopped task again, as a new task."""
    asker = await who_asks()
    _, raw = await read_body(TestConnection)
    submission = await submission_of(parts(), asker.owner, check_id(task_id))
    snapshot = await snapshot_of(parts().store, asker.owner, task_id)
    if snapshot.state not in _CAN_BE_SENT_AGAIN:
        raise NotEnded(
            f"The task is {snapshot.state}; only a failed or stopped one can be sent again.", state=snapshot.state
        )
    again = submission.model_copy(update={"task_id": new_id("t")})
    answer = await submit_again(parts(), again, asking(asker, raw))
    await parts().store.note_sent_again(task_id, again.task_id)
    return answer.response()
