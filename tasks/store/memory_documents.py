"""The memory store's other half: documents, findings, conversations, keys."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Protocol, cast

from tasks.contract.documents import Document
from tasks.contract.errors import VersionConflict
from tasks.contract.findings import Finding, FindingStatus, judge
from tasks.contract.states import TaskState
from tasks.contract.submissions import NewTask
from tasks.store.ports import ApiKey, Conversation, StoredFinding, TaskSummary
from tasks.store.reading import without_texts


class _Tasks(Protocol):
    """What this half needs of the other."""

    async def cancel(self, task_id: str) -> TaskState | None: ...
    def summary(self, task_id: str) -> TaskSummary: ...
    def forget(self, task_id: str) -> None: ...


class MemoryDocuments:
    """`DocumentStore` in dictionaries; they keep the order in which things were added."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._findings: dict[str, dict[str, Finding]] = defaultdict(dict)
        self._found_by: dict[str, dict[str, str]] = defaultdict(dict)
        self._document_tasks: dict[str, list[str]] = defaultdict(list)
        self._conversations: dict[str, Conversation] = {}
        self._keys: dict[str, ApiKey] = {}

    @property
    def _other_half(self) -> _Tasks:
        return cast(_Tasks, self)

    def link_task(self, new: NewTask, created_at: int) -> None:
        """Enter a new task with its document and conversation."""
        if new.document_id:
            self._document_tasks[new.document_id].append(new.task_id)
        if new.conversation_id:
            known = self._conversations.get(new.conversation_id) or Conversation(
                new.conversation_id, new.owner, new.document_id, created_at
            )
            turns = (*known.task_ids, new.task_id)
            self._conversations[new.conversation_id] = replace(known, task_ids=turns)

    def unlink_task(self, new: NewTask) -> None:
        """Take a forgotten task off its document."""
        if new.document_id and new.task_id in self._document_tasks[new.document_id]:
            self._document_tasks[new.document_id].remove(new.task_id)

    def forget_conversation(self, conversation_id: str | None) -> None:
        """Remove a conversation, if there is one of that id."""
        self._conversations.pop(conversation_id or "", None)

    def add_found(self, document_id: str, finding: Finding, task_id: str) -> None:
        """Enter a finding; one that was judged before keeps its judgement."""
        if document_id in self._documents:
            self._findings[document_id].setdefault(finding.finding_id, finding)
            self._found_by[document_id][finding.finding_id] = task_id

    async def add_document(self, document: Document) -> None:
        """See `DocumentStore.add_document`."""
        self._documents.setdefault(document.document_id, document)

    def has_document(self, document_id: str) -> bool:
        """Whether it is there and was not deleted."""
        return document_id in self._documents

    async def document(self, document_id: str) -> Document | None:
        """See `DocumentStore.document`."""
        return self._documents.get(document_id)

    async def list_documents(
        self, owner: str, *, before: int | None, count: int
    ) -> tuple[tuple[Document, ...], int | None]:
        """See `DocumentStore.list_documents`. The cursor is ``created_at``."""
        mine = [d for d in self._documents.values() if d.owner == owner and (before is None or d.created_at < before)]
        page = sorted(mine, key=lambda d: d.created_at, reverse=True)[:count]
        cursor = page[-1].created_at if len(page) < len(mine) else None
        return tuple(without_texts(d) for d in page), cursor

    async def delete_document(self, document_id: str) -> bool:
        """See `DocumentStore.delete_document`."""
        if self._documents.pop(document_id, None) is None:
            return False
        for task_id in tuple(self._document_tasks[document_id]):
            await self._other_half.cancel(task_id)
            self._other_half.forget(task_id)
        for of_document in (self._findings, self._found_by, self._document_tasks):
            cast(dict[str, object], of_document).pop(document_id, None)
        self._conversations = {k: c for k, c in self._conversations.items() if c.document_id != document_id}
        return True

    async def findings(self, document_id: str) -> tuple[StoredFinding, ...]:
        """See `DocumentStore.findings`."""
        found_by = self._found_by[document_id]
        return tuple(StoredFinding(f, found_by.get(i)) for i, f in self._findings[document_id].items())

    async def set_finding(
        self, document_id: str, finding_id: str, version: int, status: FindingStatus, replacement: str | None
    ) -> Finding | None:
        """See `DocumentStore.set_finding`."""
        finding = self._seen(document_id, finding_id, version)
        if finding is None:
            return None
        self._findings[document_id][finding_id] = judged = judge(finding, status, replacement)
        return judged

    async def add_finding(self, document_id: str, finding: Finding) -> Finding | None:
        """See `DocumentStore.add_finding`."""
        if document_id not in self._documents:
            return None
        return self._findings[document_id].setdefault(finding.finding_id, finding)

    async def delete_finding(self, document_id: str, finding_id: str, version: int | None) -> bool:
        """See `DocumentStore.delete_finding`."""
        if self._seen(document_id, finding_id, version) is None:
            return False
        del self._findings[document_id][finding_id]
        self._found_by[document_id].pop(finding_id, None)
        return True

    def _seen(self, document_id: str, finding_id: str, version: int | None) -> Finding | None:
        """The finding, if it still has that version."""
        finding = self._findings[document_id].get(finding_id)
        if finding is not None and version not in (None, finding.version):
            raise VersionConflict("The finding was changed meanwhile; look at it again.", version=finding.version)
        return finding

    async def document_tasks(self, document_id: str) -> tuple[TaskSummary, ...]:
        """See `DocumentStore.document_tasks`."""
        return tuple(self._other_half.summary(task_id) for task_id in self._document_tasks[document_id])

    async def conversations(self, document_id: str) -> tuple[Conversation, ...]:
        """See `DocumentStore.conversations`."""
        mine = [c for c in self._conversations.values() if c.document_id == document_id]
        return tuple(replace(c, task_ids=()) for c in mine)

    async def conversation(self, conversation_id: str) -> Conversation | None:
        """See `DocumentStore.conversation`."""
        return self._conversations.get(conversation_id)

    async def add_key(self, key: ApiKey, secret_sha256: str) -> None:
        """See `DocumentStore.add_key`."""
        self._keys[secret_sha256] = key

    async def list_keys(self, owner: str) -> tuple[ApiKey, ...]:
        """See `DocumentStore.list_keys`."""
        return tuple(k for k in self._keys.values() if k.owner == owner)

    async def delete_key(self, owner: str, key_id: str) -> bool:
        """See `DocumentStore.delete_key`."""
        found = [s for s, k in self._keys.items() if k.owner == owner and k.key_id == key_id]
        for secret_sha256 in found:
            del self._keys[secret_sha256]
        return bool(found)

    async def key_by_hash(self, secret_sha256: str) -> ApiKey | None:
        """See `DocumentStore.key_by_hash`."""
        return self._keys.get(secret_sha256)
