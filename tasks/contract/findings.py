"""A finding: one piece of feedback, anchored to a quote of its section."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

CONTEXT_CHARS: Final = 32
"""How much of the text before and after a quote its anchor remembers."""
PERSON: Final = "person"
"""The engine of a finding that somebody made by hand."""

Category = Literal["grammar", "clarity", "structure", "consistency", "evidence", "accuracy", "tone", "risk"]
Severity = Literal["info", "minor", "major", "critical"]
FindingStatus = Literal["open", "accepted", "rejected", "outdated"]
Method = Literal["exact", "normalized", "fuzzy"]


class FrozenModel(BaseModel):
    """Base of the values here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Anchor(FrozenModel):
    """Where a finding's quote stands. Offsets are code points of the section's text, end exclusive."""

    exact: str
    prefix: str = ""
    suffix: str = ""
    start: int
    end: int
    method: Method = "exact"


class Suggestion(FrozenModel):
    """What to do with the quoted text."""

    kind: Literal["replace", "delete", "insert", "none"] = "none"
    text: str = ""


class Rule(FrozenModel):
    """The rule behind a finding."""

    id: str
    url: str | None = None


class CheckpointName(FrozenModel):
    """The checkpoint of the review's framework that a finding belongs to."""

    id: str
    title: str


class Source(FrozenModel):
    """Which engine said it."""

    engine: str
    model: str | None = None
    prompt_version: str | None = None


class Finding(FrozenModel):
    """One piece of feedback. ``anchor`` is None when it concerns the whole section."""

    finding_id: str
    fingerprint: str
    section_id: str
    anchor: Anchor | None = None
    category: Category
    severity: Severity
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    message: str
    rationale: str = ""
    suggestion: Suggestion = Suggestion()
    rule: Rule | None = None
    checkpoint: CheckpointName | None = None
    source: Source
    status: FindingStatus = "open"
    version: int = 1

    @property
    def is_own(self) -> bool:
        """Whether a person made it; no review takes such a one away."""
        return self.source.engine == PERSON


def anchor_at(text: str, start: int, end: int, method: Method = "exact") -> Anchor:
    """The anchor of ``text[start:end]`` (code points, end exclusive) with its surroundings."""
    return Anchor(
        exact=text[start:end],
        prefix=text[max(0, start - CONTEXT_CHARS) : start],
        suffix=text[end : end + CONTEXT_CHARS],
        start=start,
        end=end,
        method=method,
    )


def overlap(one: Anchor, other: Anchor) -> bool:
    """Whether two quotes of a section share a character."""
    return one.start < other.end and other.start < one.end


def normalize_quote(quote: str) -> str:
    """A quote with compatibility forms, case and white space evened out, for comparing only."""
    return " ".join(unicodedata.normalize("NFKC", quote).casefold().split())


def fingerprint_of(section_id: str, quote: str, occurrence: int, category: str) -> str:
    """What makes two findings the same: place and category, never the wording of the message.

    ``occurrence`` counts equal quotes of the section from 0.
    """
    parts = "\x1f".join((section_id, normalize_quote(quote), str(occurrence), category))
    return hashlib.sha256(parts.encode()).hexdigest()[:24]


def finding_id_of(document_id: str | None, fingerprint: str) -> str:
    """The finding's id within its document: a second review that finds the same gives the same id."""
    return "f_" + hashlib.sha256(f"{document_id or ''}\x1f{fingerprint}".encode()).hexdigest()[:20]


def judge(finding: Finding, status: FindingStatus, replacement: str | None) -> Finding:
    """The finding with a person's decision, one version on. ``replacement`` is what to write instead
    of the quote; None leaves the engine's suggestion."""
    suggestion = finding.suggestion if replacement is None else Suggestion(kind="replace", text=replacement)
    return finding.model_copy(update={"status": status, "suggestion": suggestion, "version": finding.version + 1})
