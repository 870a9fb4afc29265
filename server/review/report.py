"""A finished review, printed: for people, as JSON for programs, and as an exit status."""

from __future__ import annotations

import json
from typing import Any, Final, get_args

from server.review.client import Review, SectionReview
from server.review.words import one_line
from tasks.contract.findings import Finding, Severity
from tasks.contract.states import TaskState

SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
"""From the least to the worst."""


def as_json(review: Review) -> str:
    """One JSON value, and the end of its line."""
    value = {
        "document": review.document.model_dump(mode="json", exclude={"sections"}),
        "sections": [_section_json(section) for section in review.sections],
    }
    return json.dumps(value, ensure_ascii=False) + "\n"


def as_text(review: Review) -> str:
    """The findings, grouped by section, in the order of the document."""
    lines = [f"{review.document.name}: {_totals(review)}"]
    for section in review.sections:
        lines += ["", section.section.title or section.section.section_id, *_section_lines(section)]
    return "\n".join(lines) + "\n"


def exit_status(review: Review, fail_on: Severity | None = None) -> int:
    """0 when every section was reviewed and nothing of that severity or worse was found, else 1."""
    if not review.succeeded:
        return 1
    if fail_on is None:
        return 0
    bad = SEVERITIES[SEVERITIES.index(fail_on) :]
    return int(any(finding.severity in bad for finding in _findings(review)))


def _findings(review: Review) -> list[Finding]:
    return [finding for section in review.sections for finding in section.task.findings]


def _totals(review: Review) -> str:
    findings = _findings(review)
    counts = {severity: sum(f.severity == severity for f in findings) for severity in reversed(SEVERITIES)}
    split = ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)
    done = sum(section.task.state is TaskState.SUCCESS for section in review.sections)
    reviewed = f"{done} of {len(review.sections)} sections reviewed"
    return f"{len(findings)} findings ({split}), {reviewed}" if findings else f"no findings, {reviewed}"


def _section_lines(section: SectionReview) -> list[str]:
    task = section.task
    if task.state is not TaskState.SUCCESS:
        return [f"  not reviewed: {(task.error or {}).get('message', task.status)}"]
    if not task.findings:
        return ["  nothing found"]
    return [line for finding in task.findings for line in _finding_lines(finding)]


def _finding_lines(finding: Finding) -> list[str]:
    lines = [f"  [{finding.severity}] {one_line(finding.message)}"]
    if finding.anchor:
        lines.append(f"      “{one_line(finding.anchor.exact)}”")
    suggestion = finding.suggestion
    if suggestion.kind == "delete":
        lines.append("      -> delete it")
    elif suggestion.text:
        lines.append(f"      -> {one_line(suggestion.text)}")
    return lines


def _section_json(section: SectionReview) -> dict[str, Any]:
    value = {
        "section_id": section.section.section_id,
        "title": section.section.title,
        "task_id": section.task.task_id,
        "state": section.task.state.value,
        "findings": [finding.model_dump(mode="json") for finding in section.task.findings],
    }
    return {**value, "error": section.task.error} if section.task.error else value
