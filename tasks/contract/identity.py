"""What makes two reviews the same: all that Claude is sent and rules look at, but not who asks, nor under which name.

The owner and the model are told apart by the store, which knows both.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from tasks.contract.documents import Document, Section
from tasks.contract.frameworks import digest_of_instructions

PROMPT_VERSION: Final = "3"
"""Counts the wordings of what Claude is asked; an answer to another wording is another answer."""
RULES_VERSION: Final = "2"
"""Counts the states of the checker's rules likewise; those about hidden text speak in every review."""


def identity_of_document(document: Document) -> str:
    """A digest of all texts with their headings, and of what the review looks for."""
    sections = [(s.section_id, s.title, s.level, s.text, _hidden_in(s)) for s in document.sections]
    return _digest(
        PROMPT_VERSION, RULES_VERSION, sections, digest_of_instructions(document.framework, document.guidelines)
    )


def _hidden_in(section: Section) -> list[dict[str, Any]]:
    """What is hidden is told by rules, and so changes the answer, although Claude is not sent it."""
    return [each.model_dump() for each in section.hidden]


def identity_of_section(document_identity: str, section_id: str) -> str:
    """The identity of a review of one section of a document."""
    return _digest(document_identity, section_id)


def identity_of_text(title: str, text: str) -> str:
    """The identity of a review of raw text."""
    return _digest(PROMPT_VERSION, RULES_VERSION, title, text)


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
