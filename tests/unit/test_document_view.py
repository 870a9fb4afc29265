"""Which findings of a document are to be seen, and how far it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from server.document_view import cost_of, progress_of, visible_findings
from tasks.contract.events import Usage
from tasks.contract.findings import Finding, Source
from tasks.contract.names import TaskKind
from tasks.contract.states import TaskState
from tasks.store.ports import StoredFinding, TaskSummary


def review(task_id: str, state: TaskState, progress: int = 0, section_id: str = "s1") -> TaskSummary:
    return TaskSummary(task_id, TaskKind.ANALYSIS, state, "d1", section_id, progress, 0, None, None)


def found(name: str, task_id: str | None, status: Any = "open", section_id: str = "s1") -> StoredFinding:
    finding = Finding(
        finding_id=name,
        fingerprint=name,
        section_id=section_id,
        category="clarity",
        severity="minor",
        message="m",
        source=Source(engine="checker"),
        status=status,
    )
    return StoredFinding(finding, task_id)


def names(findings: list[StoredFinding]) -> list[str]:
    return [f.finding.finding_id for f in findings]


def test_an_open_finding_is_hidden_when_a_later_review_succeeded_without_it() -> None:
    reviews = [review("t1", TaskState.SUCCESS), review("t2", TaskState.SUCCESS)]
    assert names(visible_findings([found("old", "t1"), found("new", "t2")], reviews)) == ["new"]


def test_a_judged_finding_stays_in_sight_whatever_later_reviews_find() -> None:
    reviews = [review("t1", TaskState.SUCCESS), review("t2", TaskState.SUCCESS)]
    judged = [found("yes", "t1", "accepted"), found("no", "t1", "rejected"), found("gone", "t1", "outdated")]
    assert names(visible_findings(judged, reviews)) == ["yes", "no", "gone"]


def test_earlier_findings_stay_in_sight_until_the_new_review_has_succeeded() -> None:
    for state in (TaskState.PENDING, TaskState.PROGRESS, TaskState.RETRY, TaskState.FAILURE, TaskState.REVOKED):
        reviews = [review("t1", TaskState.SUCCESS), review("t2", state)]
        assert names(visible_findings([found("old", "t1"), found("new", "t2")], reviews)) == ["old", "new"]


def test_a_review_of_another_section_hides_nothing() -> None:
    reviews = [review("t1", TaskState.SUCCESS), review("t2", TaskState.SUCCESS, section_id="s2")]
    assert names(visible_findings([found("f", "t1")], reviews)) == ["f"]


def test_progress_is_the_mean_and_counts_what_has_ended_as_whole() -> None:
    latest = [
        review("t1", TaskState.SUCCESS, 100),
        review("t2", TaskState.PROGRESS, 40),
        review("t3", TaskState.PENDING),
    ]
    assert progress_of(latest) == 47
    assert progress_of([review("t1", TaskState.FAILURE, 30)]) == 100
    assert progress_of([]) == 0


def test_a_documents_cost_is_that_of_all_its_tasks_and_unknown_when_one_is() -> None:
    def spent(cost: float | None) -> TaskSummary:
        return replace(review("t", TaskState.SUCCESS), usage=Usage(input_tokens=1), cost_usd=cost)

    waiting = review("t", TaskState.PENDING)
    assert cost_of([waiting]) == 0
    assert cost_of([waiting, spent(0.25), spent(0.5)]) == 0.75
    assert cost_of([spent(0.25), spent(None)]) is None
