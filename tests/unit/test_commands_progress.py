"""What is said while a review runs, where nobody sees a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from server.review.client import SectionInfo, TaskStatus, Uploaded
from server.review.progress import shown_progress, title_of, words_of

SECTION = SectionInfo(section_id="s1", title="Introduction")
DOCUMENT = Uploaded(document_id="d1", name="plan.md", format="md", sections=(SECTION,))


def status(**fields: Any) -> TaskStatus:
    return TaskStatus.model_validate({"task_id": "t1", "section_id": "s1", **fields})


def test_each_change_is_one_line_on_standard_error_and_never_said_twice(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress(DOCUMENT) as on_news:
        on_news(status(state="PENDING", status="Waiting in line", position=2, eta_s=9))
        on_news(status(state="PROGRESS", status="Reading", progress=10))
        on_news(status(state="PROGRESS", status="Reading", progress=10))
        on_news(status(state="SUCCESS", status="Done", progress=100))
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "Introduction: 0 % Waiting in line, place 2, about 9 s",
        "Introduction: 10 % Reading",
        "Introduction: 100 % Done",
    ]


def test_finding_is_said_when_its_event_comes(capsys: pytest.CaptureFixture[str]) -> None:
    finding = {
        "finding_id": "f_1",
        "fingerprint": "1",
        "section_id": "s1",
        "category": "grammar",
        "severity": "minor",
        "message": "Two\nwords.",
        "source": {"engine": "checker"},
    }
    event = {"task_id": "t1", "epoch": 1, "seq": 4, "at": 0, "type": "finding_made", "data": {"finding": finding}}
    with shown_progress(DOCUMENT) as on_news:
        on_news(status(state="PROGRESS", status="Reading", progress=10, events=[event]))
    assert capsys.readouterr().err.splitlines()[0] == "Introduction: minor: Two words."


def test_words_of_a_failure_say_why() -> None:
    error = {"code": "refused", "message": "Claude refused.", "retryable": False}
    assert words_of(status(state="FAILURE", status="Failed", error=error)) == "Failed: Claude refused."


def test_title_is_cut_to_one_line_and_is_the_id_when_there_is_none() -> None:
    assert len(title_of(SectionInfo(section_id="s1", title="x" * 200))) == 40
    assert title_of(SectionInfo(section_id="s1", title="")) == "s1"
