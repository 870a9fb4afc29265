"""The Redis store's other half: documents, findings, conversations, keys."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from tasks.contract.documents import Document
from tasks.contract.errors import VersionConflict
from tasks.contract.findings import Finding, FindingStatus, judge
from tasks.contract.names import key
from tasks.contract.timing import Timing
from tasks.store.ports import ApiKey, Conversation, StoredFinding, TaskSummary
from tasks.store.reading import without_texts
from tasks.store.redis_codec import SUMMARY_FIELDS, pairs, summary_of
from tasks.store.redis_connection import RedisConnection


class RedisDocuments:
    """`DocumentStore` on Redis. Single commands where one is enough, scripts where more must be true
    together."""

    def __init__(self, connection: RedisConnection, timing: Timing) -> None:
        self._redis = connection
        self._timing = timing

    async def add_document(self, document: Document) -> None:
        """See `DocumentStore.add_document`. The list entry comes last, so that a listed document is
        always there; a repeat writes the same again."""
        kept, listed = key("document", document.document_id), key("owner_documents", document.owner)
        fields = ("owner", document.owner, "json", document.model_dump_json())
        line = without_texts(document).model_dump_json()
        ttl = self._timing.retention_ms
        await self._redis.command("HSET", kept, *fields, "listed", line)
        await self._redis.commands(
            [
                ("PEXPIRE", kept, ttl),
                ("ZADD", listed, "NX", document.created_at, document.document_id),
                ("PEXPIRE", listed, ttl),
            ]
        )

    async def document(self, document_id: str) -> Document | None:
        """See `DocumentStore.document`."""
        raw = await self._redis.command("HGET", key("document", document_id), "json")
        return Document.model_validate_json(raw) if raw is not None else None

    async def list_documents(
        self, owner: str, *, before: int | None, count: int
    ) -> tuple[tuple[Document, ...], int | None]:
        """See `DocumentStore.list_documents`. The cursor is ``created_at``."""
        most = "+inf" if before is None else f"({before}"
        listed = key("owner_documents", owner)
        ids = await self._redis.command("ZREVRANGEBYSCORE", listed, most, "-inf", "LIMIT", 0, count + 1)
        page = [i.decode() for i in ids[:count]]
        lines = await self._redis.commands([("HGET", key("document", i), "listed") for i in page])
        found = tuple(Document.model_validate_json(line) for line in lines if line is not None)
        return found, found[-1].created_at if len(ids) > count and found else None

    async def delete_document(self, document_id: str) -> bool:
        """See `DocumentStore.delete_document`."""
        owner = await self._redis.command("HGET", key("document", document_id), "owner")
        if owner is None:
            return False
        return bool(await self._redis.run("delete_document", document_id, owner))

    async def findings(self, document_id: str) -> tuple[StoredFinding, ...]:
        """See `DocumentStore.findings`, in the order of the text."""
        found, found_by = await self._redis.commands(
            [("HGETALL", key(name, document_id)) for name in ("document_findings", "document_found_by")]
        )
        finders = pairs(found_by)
        return tuple(
            StoredFinding(Finding.model_validate_json(text), finders.get(i)) for i, text in pairs(found).items()
        )

    async def set_finding(
        self, document_id: str, finding_id: str, version: int, status: FindingStatus, replacement: str | None
    ) -> Finding | None:
        """See `DocumentStore.set_finding`."""
        raw = await self._redis.command("HGET", key("document_findings", document_id), finding_id)
        if raw is None:
            return None
        judged = judge(Finding.model_validate_json(raw).model_copy(update={"version": version}), status, replacement)
        args = (document_id, finding_id, version, judged.model_dump_json())
        return judged if _did(await self._redis.run("set_finding", *args)) else None

    async def add_finding(self, document_id: str, finding: Finding) -> Finding | None:
        """See `DocumentStore.add_finding`."""
        kept = await self._redis.run("add_finding", document_id, finding.finding_id, finding.model_dump_json())
        return Finding.model_validate_json(kept) if kept is not None else None

    async def delete_finding(self, document_id: str, finding_id: str, version: int | None) -> bool:
        """See `DocumentStore.delete_finding`."""
        seen = "" if version is None else version
        answer = await self._redis.run("delete_finding", document_id, finding_id, seen)
        return _did(answer)

    async def document_tasks(self, document_id: str) -> tuple[TaskSummary, ...]:
        """See `DocumentStore.document_tasks`."""
        ids = await self._redis.command("ZRANGE", key("document_tasks", document_id), 0, -1)
        return tuple(summary_of(row) for row in await self.summaries(ids) if row[0] is not None)

    async def summaries(self, task_ids: Sequence[bytes]) -> list[list[bytes | None]]:
        """`SUMMARY_FIELDS` of each task; all None for one that is gone."""
        return await self._redis.commands([("HMGET", key("task", i.decode()), *SUMMARY_FIELDS) for i in task_ids])

    async def conversations(self, document_id: str) -> tuple[Conversation, ...]:
        """See `DocumentStore.conversations`."""
        ids = await self._redis.command("ZRANGE", key("document_conversations", document_id), 0, -1)
        rows = await self._redis.commands([("HGETALL", key("conversation", i.decode())) for i in ids])
        return tuple(_conversation(i.decode(), pairs(row)) for i, row in zip(ids, rows, strict=True) if row)

    async def conversation(self, conversation_id: str) -> Conversation | None:
        """See `DocumentStore.conversation`."""
        row, turns = await self._redis.commands(
            [
                ("HGETALL", key("conversation", conversation_id)),
                ("LRANGE", key("conversation_turns", conversation_id), 0, -1),
            ]
        )
        if not row:
            return None
        return replace(_conversation(conversation_id, pairs(row)), task_ids=tuple(t.decode() for t in turns))

    async def add_key(self, key_: ApiKey, secret_sha256: str) -> None:
        """See `DocumentStore.add_key`."""
        text = json.dumps({**asdict(key_), "secret_sha256": secret_sha256})
        await self._redis.command("SET", key("api_key", secret_sha256), text)
        await self._redis.command("HSET", key("owner_keys", key_.owner), key_.key_id, text)

    async def list_keys(self, owner: str) -> tuple[ApiKey, ...]:
        """See `DocumentStore.list_keys`."""
        values = await self._redis.command("HVALS", key("owner_keys", owner))
        return tuple(sorted((_api_key(value) for value in values), key=lambda k: k.created_at))

    async def delete_key(self, owner: str, key_id: str) -> bool:
        """See `DocumentStore.delete_key`. The secret goes first, so that no half-deleted key works."""
        raw = await self._redis.command("HGET", key("owner_keys", owner), key_id)
        if raw is None:
            return False
        await self._redis.command("DEL", key("api_key", json.loads(raw)["secret_sha256"]))
        await self._redis.command("HDEL", key("owner_keys", owner), key_id)
        return True

    async def key_by_hash(self, secret_sha256: str) -> ApiKey | None:
        """See `DocumentStore.key_by_hash`."""
        raw = await self._redis.command("GET", key("api_key", secret_sha256))
        return _api_key(raw) if raw is not None else None


def _did(answer: bytes | None) -> bool:
    """What a script made of a change to a finding. False: unknown.

    Raises:
        VersionConflict: the finding has another version than the caller saw.
    """
    if answer is not None and answer != b"ok":
        raise VersionConflict("The finding was changed meanwhile; look at it again.", version=int(answer))
    return answer is not None


def _conversation(conversation_id: str, row: dict[str, str]) -> Conversation:
    return Conversation(conversation_id, row["owner"], row.get("document_id") or None, int(row["created_at"]))


def _api_key(raw: bytes) -> ApiKey:
    fields: dict[str, Any] = json.loads(raw)
    return ApiKey(fields["key_id"], fields["name"], fields["owner"], fields["created_at"], fields.get("weight", 1))
