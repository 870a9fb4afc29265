"""From what an engine noticed to a finding of the contract."""

from __future__ import annotations

from dataclasses import dataclass, field

from tasks.contract.findings import (
    Anchor,
    Category,
    CheckpointName,
    Finding,
    Rule,
    Severity,
    Source,
    Suggestion,
    finding_id_of,
    fingerprint_of,
)
from tasks.engines.anchoring import occurrence_of


@dataclass(frozen=True, slots=True)
class Draft:
    """What was noticed, before it has an identity. ``anchor`` None: it concerns the whole section."""

    category: Category
    severity: Severity
    message: str
    anchor: Anchor | None = None
    confidence: float = 1.0
    rationale: str = ""
    suggestion: Suggestion = field(default_factory=Suggestion)
    rule: Rule | None = None
    checkpoint: CheckpointName | None = None


def build_finding(
    draft: Draft, *, section_id: str, text: str, document_id: str | None, source: Source, ordinal: int = 0
) -> Finding:
    """The finding of a section whose text is ``text``.

    Its fingerprint is its place and category, never its wording. What concerns the whole section has
    no place: it is told apart by its rule and by ``ordinal``, the number of such findings of its
    category before it.
    """
    anchor = draft.anchor
    quote = anchor.exact if anchor else (draft.rule.id if draft.rule else "")
    occurrence = occurrence_of(text, anchor) if anchor else ordinal
    fingerprint = fingerprint_of(section_id, quote, occurrence, draft.category)
    return Finding(
        finding_id=finding_id_of(document_id, fingerprint),
        fingerprint=fingerprint,
        section_id=section_id,
        anchor=anchor,
        category=draft.category,
        severity=draft.severity,
        confidence=min(1.0, max(0.0, draft.confidence)),
        message=draft.message,
        rationale=draft.rationale,
        suggestion=draft.suggestion,
        rule=draft.rule,
        checkpoint=draft.checkpoint,
        source=source,
    )
