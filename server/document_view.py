"""A document as HTTP shows it, which of its findings are to be seen, and how they stand. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tasks.contract.documents import Document, Section
from tasks.contract.events import Usage
from tasks.contract.findings import Anchor, Finding, overlap
from tasks.contract.names import TaskKind
from tasks.contract.states import ENDED, TaskState
from tasks.store.ports import StoredFinding, TaskSummary


def created_json(document: Document) -> dict[str, Any]:
    """The answer to an upload."""
    return {
        "document_id": document.document_id,
        "name": document.name,
        "format": document.format,
        "sections": [_outline(section) for section in document.sections],
        "warnings": list(document.warnings),
    }


def listed_json(document: Document) -> dict[str, Any]:
    """One line of the list of documents."""
    return {
        "document_id": document.document_id,
        "name": document.name,
        "format": document.format,
        "created_at": document.created_at,
        "size_bytes": document.size_bytes,
        "section_count": len(document.sections),
        "warnings": list(document.warnings),
    }


def document_json(
    document: Document, findings: Sequence[StoredFinding], tasks: Sequence[TaskSummary]
) -> dict[str, Any]:
    """The whole document: texts, findings to be seen, each section's latest task, one progress figure.

    ``tasks`` are oldest first.
    """
    reviews = [task for task in tasks if task.kind is TaskKind.ANALYSIS]
    latest = {task.section_id: task for task in reviews}
    return {
        **created_json(document),
        "sections": [_outline(section) | {"text": section.text} for section in document.sections],
        "framework": document.framework.id if document.framework else None,
        "guidelines": document.guidelines,
        "created_at": document.created_at,
        "size_bytes": document.size_bytes,
        "findings": [finding.model_dump(mode="json") for finding in as_they_stand(visible_findings(findings, reviews))],
        "tasks": [_review_json(task) for task in latest.values()],
        "progress": progress_of(list(latest.values())),
        "usage": sum((task.usage for task in tasks if task.usage), Usage()).model_dump(),
        "cost_usd": cost_of(tasks),
    }


def notices_of(tasks: Sequence[TaskSummary]) -> dict[str, str]:
    """What a person must know of the latest review of each section as a whole. ``tasks`` are oldest first."""
    latest = {task.section_id: task.notice for task in tasks if task.kind is TaskKind.ANALYSIS}
    return {section_id: notice for section_id, notice in latest.items() if section_id and notice}


def cost_of(tasks: Sequence[TaskSummary]) -> float | None:
    """What all of the document's tasks have cost so far, in US dollars; None when the price of one that
    used something is not known."""
    costs = [task.cost_usd for task in tasks if task.usage is not None]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


def visible_findings(findings: Sequence[StoredFinding], reviews: Sequence[TaskSummary]) -> list[StoredFinding]:
    """The findings a person should see: all that were judged, those of people, and of the open ones
    those that the section's present review found. Until a section's latest review has succeeded, what earlier ones
    found is shown as well, so that asking again never empties the margin.

    ``reviews`` are the document's analysis tasks, oldest first.
    """
    latest = {task.section_id: task for task in reviews}

    def is_visible(found: StoredFinding) -> bool:
        task = latest.get(found.finding.section_id)
        settled = task is not None and task.state is TaskState.SUCCESS
        is_present = task is not None and found.task_id == task.task_id
        return found.finding.is_own or found.finding.status != "open" or not settled or is_present

    return [found for found in findings if is_visible(found)]


def as_they_stand(found: Sequence[StoredFinding]) -> list[Finding]:
    """The findings, with ``outdated`` instead of ``open`` where an accepted suggestion has changed the
    words that they are about. Worked out when it is asked for, so that taking the acceptance back
    makes them open again, and nothing is ever moved to other words."""
    changed: dict[str, list[Anchor]] = {}
    for finding in (each.finding for each in found):
        if finding.anchor and finding.status == "accepted" and finding.suggestion.kind in ("replace", "delete"):
            changed.setdefault(finding.section_id, []).append(finding.anchor)

    def standing(finding: Finding) -> Finding:
        here = changed.get(finding.section_id, ()) if finding.status == "open" and finding.anchor else ()
        is_outdated = any(finding.anchor and overlap(finding.anchor, anchor) for anchor in here)
        return finding.model_copy(update={"status": "outdated"}) if is_outdated else finding

    return [standing(each.finding) for each in found]


def progress_of(latest: Sequence[TaskSummary]) -> int:
    """The mean over the sections' latest reviews, 0-100; an ended one counts as whole, because
    nothing more will come of it."""
    if not latest:
        return 0
    return round(sum(100 if task.state in ENDED else task.progress for task in latest) / len(latest))


def _review_json(task: TaskSummary) -> dict[str, Any]:
    return {"section_id": task.section_id, "task_id": task.task_id, "state": task.state, "notice": task.notice}


def _outline(section: Section) -> dict[str, Any]:
    return {
        "section_id": section.section_id,
        "title": section.title,
        "level": section.level,
        "chars": section.chars,
        "words": section.words,
    }
