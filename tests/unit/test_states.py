"""What events do to a snapshot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from tasks.contract.errors import TaskError
from tasks.contract.events import EVENT_TYPES, Event, EventData, Usage, data_of
from tasks.contract.findings import Finding, Source, fingerprint_of, judge
from tasks.contract.names import TaskKind
from tasks.contract.states import ENDED, STATUS_WORDS, Snapshot, TaskState, effect_of, fold


def _event(seq: int, type_: str, **data: Any) -> Event:
    return Event(task_id="t", epoch=7, seq=seq, at=1000 + seq, type=type_, data=data)


def _finding(number: int = 1) -> dict[str, Any]:
    found = Finding(
        finding_id=f"f{number}",
        fingerprint=f"p{number}",
        section_id="s1",
        category="clarity",
        severity="minor",
        message="m",
        source=Source(engine="checker"),
    )
    return found.model_dump(mode="json")


def _folded(*events: Event) -> Snapshot:
    snapshot = fold(events)
    assert snapshot is not None
    return snapshot


QUEUED = _event(1, "task_queued", kind="chat", document_id="d", section_id="s", reason="submitted")
ADMITTED = _event(2, "task_admitted", attempt=1)
STARTED = _event(3, "task_started", attempt=1, engine="claude", model="m")


def test_fold_of_nothing_is_nothing() -> None:
    assert fold([]) is None


def test_fold_takes_what_the_task_is_from_its_first_event() -> None:
    snapshot = _folded(QUEUED)
    assert (snapshot.kind, snapshot.document_id, snapshot.section_id) == (TaskKind.CHAT, "d", "s")
    assert (snapshot.epoch, snapshot.seq, snapshot.created_at, snapshot.state) == (7, 1, 1001, TaskState.PENDING)


def test_started_of_a_later_attempt_clears_the_text_and_keeps_findings() -> None:
    snapshot = _folded(
        QUEUED,
        ADMITTED,
        STARTED,
        _event(4, "text_added", text="half an ans"),
        _event(5, "finding_made", finding=_finding()),
        _event(6, "task_queued", kind="chat", reason="worker_lost"),
        _event(7, "task_admitted", attempt=2),
        _event(8, "task_started", attempt=2, engine="claude", model="m"),
        _event(9, "text_added", text="whole"),
    )
    assert (snapshot.text, [f.finding_id for f in snapshot.findings], snapshot.attempt) == ("whole", ["f1"], 2)


def test_status_is_the_running_step_only_while_it_runs() -> None:
    step = _event(4, "progress_made", percent=40, status="Reading tables")
    assert _folded(QUEUED).status == STATUS_WORDS[TaskState.PENDING]
    assert _folded(QUEUED, ADMITTED).status == STATUS_WORDS[TaskState.PROGRESS]
    assert _folded(QUEUED, ADMITTED, STARTED, step).status == "Reading tables"
    done = _folded(QUEUED, ADMITTED, STARTED, step, _event(5, "task_succeeded", result={}))
    assert (done.status, done.progress) == (STATUS_WORDS[TaskState.SUCCESS], 100)


def test_result_of_each_kind_has_the_interfaces_shape() -> None:
    end = _event(9, "task_succeeded", result={"engine": "e", "model": None})
    text = _event(4, "text_added", text="answer")
    found = _event(5, "finding_made", finding=_finding())
    assert _folded(QUEUED, STARTED, text, end).result == {"engine": "e", "model": None, "answer": "answer"}
    analysis = _folded(_event(1, "task_queued", kind="analysis"), found, end).result
    assert analysis is not None
    assert [f["finding_id"] for f in analysis["findings"]] == ["f1"]
    assert _folded(_event(1, "task_queued", kind="test"), end).result == {"engine": "e", "model": None}
    assert _folded(QUEUED, STARTED, text).result is None


def test_retrying_says_until_when_and_the_next_queueing_clears_it() -> None:
    waiting = _folded(QUEUED, ADMITTED, _event(3, "task_retrying", reason="overloaded", retry_at=5000))
    assert (waiting.state, waiting.reason, waiting.retry_at) == (TaskState.RETRY, "overloaded", 5000)
    again = fold([_event(4, "task_queued", kind="chat", reason="retried")], onto=waiting)
    assert again is not None
    assert (again.state, again.retry_at) == (TaskState.PENDING, None)


def test_restored_replaces_findings_and_text() -> None:
    before = _folded(
        QUEUED, STARTED, _event(4, "text_added", text="old"), _event(5, "finding_made", finding=_finding())
    )
    memory = before.model_copy(update={"text": "all of it", "findings": (Finding(**_finding(2)),), "progress": 60})
    after = fold([_event(6, "task_restored", snapshot=memory.model_dump(mode="json"))], onto=before)
    assert after is not None
    assert (after.text, [f.finding_id for f in after.findings], after.progress) == ("all of it", ["f2"], 60)
    assert (after.seq, after.state) == (6, before.state)


def test_unknown_types_and_fields_count_their_number_and_change_nothing_else() -> None:
    newer = _event(3, "task_blessed", by="someone")
    extra = _event(4, "progress_made", percent=5, status="s", colour="green")
    snapshot = _folded(QUEUED, ADMITTED, newer, extra)
    assert (snapshot.seq, snapshot.progress, snapshot.state) == (4, 5, TaskState.PROGRESS)


def test_ends_are_three_and_nothing_else_is_one() -> None:
    assert {TaskState.SUCCESS, TaskState.FAILURE, TaskState.REVOKED} == ENDED
    failed = _folded(QUEUED, _event(2, "task_failed", error={"code": "c", "message": "m", "retryable": False}))
    assert failed.error == TaskError(code="c", message="m", retryable=False)
    assert _folded(QUEUED, _event(2, "task_cancelled")).ended_at == 1002


def test_every_event_type_has_an_effect() -> None:
    samples: dict[str, dict[str, Any]] = {
        "task_queued": {"kind": "test"},
        "task_admitted": {"attempt": 1},
        "task_started": {"attempt": 1, "engine": "e"},
        "progress_made": {"percent": 1, "status": "s"},
        "finding_made": {"finding": _finding()},
        "text_added": {"text": "t"},
        "usage_reported": {"usage": Usage()},
        "task_retrying": {"reason": "r", "retry_at": 1},
        "task_restored": {"snapshot": _folded(QUEUED).model_dump(mode="json")},
        "task_succeeded": {"result": {}},
        "task_failed": {"error": {"code": "c", "message": "m", "retryable": True}},
        "task_cancelled": {},
    }
    assert samples.keys() == EVENT_TYPES.keys()
    for name, fields in samples.items():
        effect_of(EVENT_TYPES[name](**fields))


def test_writers_are_strict_about_fields() -> None:
    with pytest.raises(ValueError, match="colour"):
        EVENT_TYPES["progress_made"](percent=1, status="s", colour="green")
    with pytest.raises(TypeError, match="no effect"):
        effect_of(EventData())
    assert data_of(_event(1, "progress_made", percent="much", status="s")) is None


@given(st.lists(st.sampled_from(["text_added", "finding_made", "progress_made", "task_blessed"]), max_size=12))
def test_fold_in_two_parts_is_the_fold_of_the_whole(types: list[str]) -> None:
    data: dict[str, dict[str, Any]] = {
        "text_added": {"text": "ü"},
        "finding_made": {"finding": _finding()},
        "progress_made": {"percent": 3, "status": "s"},
        "task_blessed": {},
    }
    events = [QUEUED, *(_event(n, name, **data[name]) for n, name in enumerate(types, 2))]
    for cut in range(len(events)):
        first = fold(events[:cut])
        assert fold(events[cut:], onto=first) == fold(events)


def test_fingerprint_ignores_case_spacing_and_wording_but_not_the_place() -> None:
    base = fingerprint_of("s1", "A  Drop", 0, "accuracy")
    assert base == fingerprint_of("s1", "a drop", 0, "accuracy")
    others = {fingerprint_of("s2", "a drop", 0, "accuracy"), fingerprint_of("s1", "a drop", 1, "accuracy")}
    assert base not in others | {fingerprint_of("s1", "a drop", 0, "clarity")}


def test_judging_counts_a_version_on_and_takes_a_replacement() -> None:
    finding = Finding(**_finding())
    kept, changed = judge(finding, "rejected", None), judge(finding, "accepted", "new")
    assert (kept.status, kept.version, kept.suggestion) == ("rejected", 2, finding.suggestion)
    assert (changed.suggestion.kind, changed.suggestion.text) == ("replace", "new")
