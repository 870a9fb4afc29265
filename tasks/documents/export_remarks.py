"""What an export says of a finding, in words that every format shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from tasks.contract.findings import Finding, Rule, Source

ExportFormat = Literal["docx", "md", "json", "csv"]
Selection = Literal["accepted", "all"]
Form = Literal["docx", "md", "applied"]
"""What can be written into an uploaded file: Word comments, footnotes in Markdown, accepted suggestions carried out."""

_PRODUCT: Final = "Galley"
_REPORTS: Final = frozenset({"json", "csv"})
"""Formats that carry each finding's status, so that a rejected one cannot be taken for advice."""


@dataclass(frozen=True)
class Remark:
    """A finding to be exported. ``made_at_ms`` is when it was made, in ms since the Unix epoch."""

    finding: Finding
    made_at_ms: int


@dataclass(frozen=True)
class Applied:
    """A new file; its text is UTF-8. ``left_out`` counts accepted suggestions that could not be carried out,
    because another one had changed the same words or the words are not there."""

    data: bytes
    applied: int = 0
    left_out: int = 0


def select_remarks(remarks: tuple[Remark, ...], selection: Selection, fmt: ExportFormat) -> tuple[Remark, ...]:
    """The accepted ones; or all, of which comments and footnotes leave out what a person has rejected."""
    if selection == "accepted":
        return tuple(remark for remark in remarks if remark.finding.status == "accepted")
    return tuple(remark for remark in remarks if fmt in _REPORTS or remark.finding.status != "rejected")


def as_remarks(notices: Mapping[str, str], made_at_ms: int) -> tuple[Remark, ...]:
    """What is to be known of the reviews of sections, by their ids, as remarks on the whole sections."""
    fixed: dict[str, Any] = {"category": "structure", "severity": "info", "rule": Rule(id="notice")}
    return tuple(
        Remark(
            Finding(
                finding_id=f"notice-{section_id}",
                fingerprint=f"notice-{section_id}",
                section_id=section_id,
                message=notice,
                source=Source(engine="checker"),
                **fixed,
            ),
            made_at_ms,
        )
        for section_id, notice in notices.items()
    )


def by_section(remarks: Iterable[Remark]) -> dict[str, list[Remark]]:
    """The remarks of each section, in the order given."""
    sections: dict[str, list[Remark]] = {}
    for remark in remarks:
        sections.setdefault(remark.finding.section_id, []).append(remark)
    return sections


def author_of(finding: Finding) -> str:
    """Who said it, by name: the engine, with its model if it has one."""
    source = finding.source
    if source.engine == "checker":
        return f"{_PRODUCT} · built-in checker"
    if finding.is_own:
        return "Reviewer"
    engine = "Claude" if source.engine == "claude" else source.engine
    return f"{_PRODUCT} · {engine} {source.model or ''}".strip()


def headline_of(finding: Finding) -> str:
    """Category and severity, and the decision if there is one."""
    decided = [] if finding.status == "open" else [finding.status]
    return " · ".join([finding.category.capitalize(), finding.severity, *decided])


def body_of(finding: Finding) -> list[str]:
    """The finding as paragraphs: message, rationale, suggestion, checkpoint, rule."""
    checkpoint = f"Checkpoint: {finding.checkpoint.title}" if finding.checkpoint else ""
    said = [finding.message, finding.rationale, _advice_of(finding), checkpoint, _rule_of(finding)]
    return [paragraph.strip() for paragraph in said if paragraph.strip()]


def _advice_of(finding: Finding) -> str:
    match finding.suggestion.kind:
        case "replace":
            return f"Suggested instead: {finding.suggestion.text}"
        case "insert":
            return f"Suggested to add: {finding.suggestion.text}"
        case "delete":
            return "Suggested: delete this."
    return ""


def _rule_of(finding: Finding) -> str:
    if finding.rule is None:
        return ""
    return f"Rule: {finding.rule.id} {finding.rule.url or ''}".strip()
