"""What a Messages request asks for, its tokens, and which part of it is cached."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import dataclass
from typing import Any

CHARS_PER_TOKEN = 4
MIN_CACHED_TOKENS = 256
_MARKER = re.compile(r"\bmarker-[\w-]+")


def tokens_of(text: str) -> int:
    """An estimate, as good as any without the real tokenizer."""
    return max(1, len(text) // CHARS_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, read. ``blocks`` is its text in the order of the cache: system, then messages."""

    model: str
    stream: bool
    structured: bool
    max_tokens: int
    blocks: tuple[tuple[str, bool], ...]  # text, and whether a cache mark stands on it
    question: str  # the text of the last user message
    schema: dict[str, Any]  # of a finding, in a structured answer; empty: none was given

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(text for text, _ in self.blocks)

    @property
    def markers(self) -> list[str]:
        """Words like ``marker-7`` in the question, so that a test finds its call in the books."""
        return sorted(set(_MARKER.findall(self.question)))


def read_request(body: dict[str, Any]) -> Asked:
    """The request of that body.

    Raises:
        ValueError: with the sentence that the API would answer.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise ValueError("messages: at least one message is required")
    if not body.get("model") or not isinstance(body.get("max_tokens"), int):
        raise ValueError("model and max_tokens: Field required")
    blocks = [*_blocks(body.get("system") or ""), *(b for m in messages for b in _blocks(m["content"]))]
    if any(not text for text, _ in blocks[1:]):
        raise ValueError("messages: text content blocks must be non-empty")
    return Asked(
        model=body["model"],
        stream=bool(body.get("stream")),
        structured=bool((body.get("output_config") or {}).get("format")),
        max_tokens=body["max_tokens"],
        blocks=tuple(blocks),
        schema=_schema_of_finding(body),
        question="\n".join(text for text, _ in _blocks(messages[-1]["content"])),
    )


def _schema_of_finding(body: dict[str, Any]) -> dict[str, Any]:
    schema = ((body.get("output_config") or {}).get("format") or {}).get("schema") or {}
    found: dict[str, Any] = schema.get("properties", {}).get("findings", {}).get("items", {}).get("properties", {})
    return found


def _blocks(content: Any) -> list[tuple[str, bool]]:
    if isinstance(content, str):
        return [(content, False)] if content else []
    return [(b.get("text", json.dumps(b)), "cache_control" in b) for b in content]


@dataclass(frozen=True, slots=True)
class InputCount:
    """The input tokens of one call, as the API's usage splits them."""

    uncached: int
    created: int
    read: int


class PromptCache:
    """Remembers the prefixes that carry a cache mark."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def count(self, asked: Asked) -> InputCount:
        """The call's input, with its longest known prefix as read and its longest marked one as created."""
        marked, read, now = 0, 0, time.monotonic()
        for prefix, tokens in _marked_prefixes(asked):
            marked = tokens
            read = tokens if self._until.get(prefix, 0) > now else read
        total = sum(tokens_of(text) for text, _ in asked.blocks)
        return InputCount(total - max(marked, read), max(0, marked - read), read)

    def remember(self, asked: Asked, ttl_s: float) -> None:
        """From now on its marked prefixes are known."""
        for prefix, _ in _marked_prefixes(asked):
            self._until[prefix] = time.monotonic() + ttl_s


def _marked_prefixes(asked: Asked) -> list[tuple[str, int]]:
    found, total = [], 0
    digest = hashlib.sha256(asked.model.encode())
    for text, mark in asked.blocks:
        digest.update(text.encode())
        total += tokens_of(text)
        if mark and total >= MIN_CACHED_TOKENS:
            found.append((digest.hexdigest(), total))
    return found
