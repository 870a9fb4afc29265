"""Chats: one turn asked, and what was said before."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, Response
from quart_schema import document_headers, document_request, document_response

from server.answers import json_response
from server.ids import new_id
from server.incoming import asking_owner, read_body, who_asks
from server.owned import NO_EPOCH, conversation_of
from server.parts import parts
from server.routes.analyses import asking
from server.schemas.requests import SubmissionHeaders
from server.schemas.tasks import ConversationList, ConversationWhole, TaskAccepted, TaskResult
from server.submitting import promptly, submit_one
from tasks.contract.errors import BadRequest, NotFound
from tasks.contract.names import TaskKind
from tasks.contract.submissions import MAX_DOCUMENT_CHARS, Chat, NewTask
from tasks.store.ports import Conversation

blueprint = Blueprint("conversations", __name__)


@blueprint.post("/chat")
@document_headers(SubmissionHeaders)
@document_request(Chat)
@document_response(TaskAccepted, 202)
@document_response(TaskResult, 200)
async def chat() -> Response:
    """Ask about a document, or go on with a conversation."""
    asker = await who_asks()
    wanted, raw = await read_body(Chat)
    task = await _turn_of(asker.owner, wanted)
    return (await submit_one(parts(), task, asking(asker, raw))).response()


@blueprint.get("/documents/<document_id>/conversations")
@document_response(ConversationList)
async def list_conversations(document_id: str) -> Response:
    """The chats of a document, oldest first."""
    await parts().documents.of(await asking_owner(), document_id)
    found = await parts().store.conversations(document_id)
    return json_response({"conversations": [_listed(conversation) for conversation in found]})


@blueprint.get("/conversations/<conversation_id>")
@document_response(ConversationWhole)
async def read_conversation(conversation_id: str) -> Response:
    """One chat with its turns, oldest first."""
    owner = await asking_owner()
    conversation = await conversation_of(parts(), owner, conversation_id)
    turns = [await _turn_json(task_id) for task_id in conversation.task_ids]
    return json_response({**_listed(conversation), "turns": [turn for turn in turns if turn is not None]})


async def _turn_of(owner: str, wanted: Chat) -> NewTask:
    """Raises NotFound for what is not the owner's, BadRequest for what does not belong together."""
    document_id, shared_chars = wanted.document_id, 0
    async with promptly():
        if wanted.conversation_id is not None:
            document_id = _document_of(wanted, await conversation_of(parts(), owner, wanted.conversation_id))
        if document_id is not None:
            known = await parts().documents.of(owner, document_id)
            shared_chars = min(known.chars, MAX_DOCUMENT_CHARS)
            if wanted.section_id is not None and wanted.section_id not in known.section_chars:
                raise NotFound
        elif wanted.section_id is not None:
            raise BadRequest("section_id needs the document_id that it belongs to. Send both.")
    return NewTask(
        task_id=new_id("t"),
        kind=TaskKind.CHAT,
        owner=owner,
        document_id=document_id,
        section_id=wanted.section_id,
        conversation_id=wanted.conversation_id or new_id("c"),
        input_chars=len(wanted.message),
        shared_chars=shared_chars,
        asked_engine=wanted.engine,
        input={"message": wanted.message},
    )


def _document_of(wanted: Chat, conversation: Conversation) -> str | None:
    if wanted.document_id is not None and wanted.document_id != conversation.document_id:
        raise BadRequest("This conversation is about another document. Leave conversation_id out to begin a new one.")
    return conversation.document_id


def _listed(conversation: Conversation) -> dict[str, Any]:
    return {
        "conversation_id": conversation.conversation_id,
        "document_id": conversation.document_id,
        "created_at": conversation.created_at,
    }


async def _turn_json(task_id: str) -> dict[str, Any] | None:
    """One turn; None when its task was kept for long enough and is gone."""
    submission = await parts().store.task_input(task_id)
    reading = await parts().store.read(task_id, NO_EPOCH, 0)
    if submission is None or reading is None or reading.snapshot is None:
        return None
    snapshot = reading.snapshot
    return {
        "task_id": task_id,
        "message": submission.input.get("message", ""),
        "section_id": snapshot.section_id,
        "state": snapshot.state,
        "answer": snapshot.text,
        "citations": (snapshot.result or {}).get("citations", []),
        "engine": snapshot.engine,
        "model": snapshot.model,
        "error": snapshot.error.model_dump() if snapshot.error else None,
        "created_at": snapshot.created_at,
    }
