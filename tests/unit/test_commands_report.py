"""A finished review in words, as JSON and as an exit status."""

from __future__ import annotations

import json

import pytest

from server.review.client import Review, SectionInfo, SectionReview, TaskStatus, Uploaded
from server.review.report import as_json, as_text, exit_status
from tasks.contract.findings import Severity

FINDING = {
    "finding_id": "f_1",
    "fingerprint": "1",
    "section_id": "s1",
    "anchor": {"exact": "alot of\nwork", "start": 3, "end": 15},
    "category": "grammar",
    "severity": "minor",
    "message": "“alot” is two words.",
    "suggestion": {"kind": "replace", "text": "a lot of work"},
    "source": {"engine": "checker"},
}
SECTIONS = (SectionInfo(section_id="s1", title="Introduction"), SectionInfo(section_id="s2", title="Method"))
DOCUMENT = Uploaded(document_id="d1", name="plan.md", format="md", sections=SECTIONS)


def success(section_id: str, *findings: dict[str, object]) -> TaskStatus:
    result = {"findings": findings, "engine": "checker", "model": None}
    return TaskStatus.model_validate(
        {"task_id": f"t_{section_id}", "section_id": section_id, "state": "SUCCESS", "result": result}
    )


def failure(section_id: str) -> TaskStatus:
    error = {"code": "worker_lost", "message": "It lost its worker three times.", "retryable": True}
    return TaskStatus.model_validate(
        {"task_id": f"t_{section_id}", "section_id": section_id, "state": "FAILURE", "error": error}
    )


def review(*tasks: TaskStatus) -> Review:
    return Review(DOCUMENT, tuple(SectionReview(section, task) for section, task in zip(SECTIONS, tasks, strict=True)))


def test_text_groups_findings_by_section_with_severity_quote_and_suggestion() -> None:
    assert as_text(review(success("s1", FINDING), success("s2"))) == (
        "plan.md: 1 findings (1 minor), 2 of 2 sections reviewed\n"
        "\n"
        "Introduction\n"
        "  [minor] “alot” is two words.\n"
        "      “alot of work”\n"
        "      -> a lot of work\n"
        "\n"
        "Method\n"
        "  nothing found\n"
    )


def test_text_says_why_when_a_section_was_not_reviewed() -> None:
    text = as_text(review(success("s1"), failure("s2")))
    assert "no findings, 1 of 2 sections reviewed" in text
    assert "  not reviewed: It lost its worker three times.\n" in text


def test_text_holds_no_control_characters_of_the_document() -> None:
    hostile = {**FINDING, "message": "clear \x1b[2J the screen", "anchor": None, "suggestion": {"kind": "delete"}}
    text = as_text(review(success("s1", hostile), success("s2")))
    assert "\x1b" not in text
    assert "-> delete it" in text


def test_json_is_one_value_of_the_interfaces_shape() -> None:
    text = as_json(review(success("s1", FINDING), failure("s2")))
    value = json.loads(text)
    assert text.count("\n") == 1
    assert value["document"] == {"document_id": "d1", "name": "plan.md", "format": "md", "warnings": []}
    first, second = value["sections"]
    assert first.keys() == {"section_id", "title", "task_id", "state", "findings"}
    assert first["findings"][0]["anchor"]["exact"] == "alot of\nwork"
    assert (second["state"], second["findings"], second["error"]["code"]) == ("FAILURE", [], "worker_lost")


@pytest.mark.parametrize(("fail_on", "status"), [(None, 0), ("info", 1), ("minor", 1), ("major", 0), ("critical", 0)])
def test_exit_status_is_1_when_a_finding_is_as_bad_as_named_or_worse(fail_on: Severity | None, status: int) -> None:
    assert exit_status(review(success("s1", FINDING), success("s2")), fail_on) == status


def test_exit_status_is_1_when_a_section_was_not_reviewed() -> None:
    assert exit_status(review(success("s1"), failure("s2"))) == 1
