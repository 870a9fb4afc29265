"""Things by their id, for their owner. What is unknown and what is another's look exactly the same."""

from __future__ import annotations

from typing import Final

from server.ids import check_id
from server.parts import Parts
from tasks.contract.documents import Document
from tasks.contract.errors import NotFound
from tasks.contract.states import Snapshot
from tasks.contract.submissions import NewTask
from tasks.store.ports import Conversation, TaskStore

NO_EPOCH: Final = -1
"""An epoch that no log has: the store answers it with the snapshot."""


async def snapshot_of(store: TaskStore, owner: str, task_id: str) -> Snapshot:
    """The owner's task as it is now.

    Raises:
        NotFound: unknown, another's, or its id cannot exist.
    """
    reading = await store.read(check_id(task_id), NO_EPOCH, 0)
    if reading is None or reading.owner != owner or reading.snapshot is None:
        raise NotFound
    return reading.snapshot


async def document_of(parts: Parts, owner: str, document_id: str) -> Document:
    """The owner's document with its texts. Raises NotFound as `snapshot_of` does."""
    document = await parts.store.document(check_id(document_id))
    if document is None or document.owner != owner:
        raise NotFound
    return document


async def conversation_of(parts: Parts, owner: str, conversation_id: str) -> Conversation:
    """The owner's conversation with its turns. Raises NotFound as `snapshot_of` does."""
    conversation = await parts.store.conversation(check_id(conversation_id))
    if conversation is None or conversation.owner != owner:
        raise NotFound
    return conversation


async def submission_of(parts: Parts, owner: str, task_id: str) -> NewTask:
    """What was submitted as the owner's task. Raises NotFound as `snapshot_of` does."""
    task = await parts.store.task_input(check_id(task_id))
    if task is None or task.owner != owner:
        raise NotFound
    return task
