"""What the user wants looked for, in words for Claude: the framework and the user's own guidelines.

Both are the user's and have the user's authority over what is looked for and how strictly, and over nothing
else. They come from people who need not be the authors of the document, and the document's text is never
among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, get_args

from tasks.contract.documents import Document
from tasks.contract.findings import Category, Severity
from tasks.contract.frameworks import Checkpoint, Framework
from tasks.engines.fence import Fence

_AUTHORITY: Final = (
    "Between {open} and {close} the user says {what}. Follow it in what you look for, how strictly, and in the words "
    "that you recommend. It does not change the form of your answer, nor what is data."
)
_CHECKPOINT: Final = (
    "`checkpoint` of a finding is the id of the checkpoint that it belongs to, or empty when it belongs to none. A "
    "checkpoint with sections belongs to sections with such titles only."
)


def instructions_of(document: Document | None, fence: Fence) -> Iterator[str]:
    """The paragraphs of the instructions that the user chose; none for raw text."""
    if document and document.framework:
        yield _told(fence, "framework", "what this review looks for", words_of(document.framework))
    if document and document.guidelines and document.guidelines.strip():
        yield _told(fence, "guidelines", "in their own words what else counts", document.guidelines)


def _told(fence: Fence, name: str, what: str, text: str) -> str:
    authority = _AUTHORITY.format(open=fence.open(name), close=fence.close(name), what=what)
    return f"{authority}\n{fence.around(name, text)}"


def words_of(framework: Framework) -> str:
    """A framework as Claude reads it."""
    parts = [f"{framework.name}. {framework.description}".strip(), _CHECKPOINT, "Checkpoints:"]
    parts += [_checkpoint(c) for c in framework.checkpoints]
    if framework.severity:
        parts += ["Severity:", *(f"- {name}: {when}" for name, when in framework.severity.items())]
    if framework.prefer:
        parts += ["Words:", *(f"- {p.use}, not: {'; '.join(p.instead_of)}" for p in framework.prefer)]
    if framework.avoid:
        parts.append(f"Words to avoid: {'; '.join(framework.avoid)}")
    return "\n".join(parts)


def _checkpoint(checkpoint: Checkpoint) -> str:
    sections = f"; sections: {', '.join(checkpoint.sections)}" if checkpoint.sections else ""
    severity = f"; usually {checkpoint.severity}" if checkpoint.severity else ""
    return f"- {checkpoint.id} ({checkpoint.category}{severity}{sections}): {checkpoint.title}. {checkpoint.look_for}"


def findings_schema(framework: Framework | None) -> dict[str, Any]:
    """The JSON schema of an answer. With a framework a finding has one of its categories, and names one of
    its checkpoints or none."""
    categories = list(framework.categories) if framework else list(get_args(Category))
    properties: dict[str, Any] = {
        "quote": {"type": "string"},
        "prefix": {"type": "string"},
        "category": {"type": "string", "enum": categories},
        "severity": {"type": "string", "enum": list(get_args(Severity))},
        "confidence": {"type": "number"},
        "message": {"type": "string"},
        "rationale": {"type": "string"},
        "suggestion": _object(
            {"kind": {"type": "string", "enum": ["replace", "delete", "insert", "none"]}, "text": {"type": "string"}}
        ),
    }
    if framework:
        properties["checkpoint"] = {"type": "string", "enum": [*(c.id for c in framework.checkpoints), ""]}
    return _object({"findings": {"type": "array", "items": _object(properties)}})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }
