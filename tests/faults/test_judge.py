"""The judge of the fault tests finds what it is there to find."""

from __future__ import annotations

from typing import Any

import pytest
from journal import Journal
from judge import judge


def event(seq: int, epoch: int = 1, kind: str = "text_added", **data: Any) -> dict[str, Any]:
    return {"epoch": epoch, "seq": seq, "type": kind, "data": data or {"text": f"{seq} "}}


def status(seq: int, text: str, epoch: int = 1) -> dict[str, Any]:
    return {"epoch": epoch, "seq": seq, "state": "PENDING", "progress": 0, "text": text, "findings": []}


def journal_of(*events: dict[str, Any]) -> Journal:
    journal = Journal("t")
    journal.ask()
    journal.hear_answer({"ok": True, "epoch": 1, "seq": 1, "events": [event(1, kind="task_queued")]})
    for each in events:
        journal.hear_events([each])
    return journal


def test_judge_is_content_when_each_event_came_once_and_the_end_is_the_truth() -> None:
    judge(journal_of(event(2), event(3)), status(3, "2 3 "))


@pytest.mark.parametrize(
    ("events", "truth", "words"),
    [
        ((event(2), event(4)), status(4, "2 4 "), "left a gap"),
        ((event(2), event(2)), status(2, "2 "), "was sent again"),
        ((event(2),), status(3, "2 3 "), "shown up to"),
        ((event(2),), status(2, "other"), "the truth is"),
        ((event(2), event(3, epoch=2)), status(3, "2 3 ", epoch=2), "left a gap"),
    ],
)
def test_judge_objects_when_an_event_is_lost_or_repeated_or_false(
    events: tuple[dict[str, Any], ...], truth: dict[str, Any], words: str
) -> None:
    with pytest.raises(AssertionError, match=words):
        judge(journal_of(*events), truth)


def test_judge_objects_when_a_page_was_reset_where_nothing_was_lost() -> None:
    journal = journal_of(event(2))
    journal.hear_reset({"epoch": 1, "seq": 3, "snapshot": status(3, "2 3 ")})
    judge(journal, status(3, "2 3 "), may_reset=True)
    with pytest.raises(AssertionError, match="where nothing was lost"):
        judge(journal, status(3, "2 3 "))


def test_judge_objects_when_an_event_came_before_the_answer() -> None:
    journal = Journal("t")
    journal.ask()
    journal.hear_events([event(2)])
    journal.hear_answer({"ok": True, "epoch": 1, "seq": 1, "events": [event(1, kind="task_queued")]})
    with pytest.raises(AssertionError, match="before the answer"):
        judge(journal, status(2, "2 "))
