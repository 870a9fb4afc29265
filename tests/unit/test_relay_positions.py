from __future__ import annotations

import pytest

from server.relay.positions import Cursor, Pace, Position, Run, joined_runs, parse_arrival, position_after
from tasks.contract.states import TaskState
from tasks.store.ports import Reading


def live_at(epoch: int, seq: int) -> Cursor:
    cursor = Cursor()
    cursor.rewatch(None)
    cursor.finish_reading(Position(epoch, seq), more=False)
    cursor.answer()
    return cursor


def arrival(epoch: int, seq: int, event: str = "{}") -> Run:
    """A run of one event."""
    run = parse_arrival(f"{epoch}:{seq}:{event}")
    assert run is not None
    return run


def reading(*events: str, seq: int = 9) -> Reading:
    return Reading("ann", 1, seq, TaskState.PROGRESS, events=events)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ('1:2:{"a":":"}', Run(Position(1, 1), Position(1, 2), ('{"a":":"}',))),
        ("3:40:", Run(Position(3, 39), Position(3, 40), ())),
        ("", None),
        ("1:2", None),
        ("x:2:{}", None),
        ("1:-2:{}", None),
    ],
)
def test_arrival_is_parsed_when_it_has_two_numbers_and_a_colon(payload, expected):
    assert parse_arrival(payload) == expected


def test_cursor_takes_an_event_when_it_is_the_next():
    assert live_at(1, 5).takes(arrival(1, 6))


@pytest.mark.parametrize("number", [(1, 5), (1, 1), (0, 99)])
def test_cursor_drops_an_event_and_stays_live_when_it_is_not_newer(number):
    cursor = live_at(1, 5)
    assert not cursor.takes(arrival(*number))
    assert cursor.pace is Pace.LIVE


@pytest.mark.parametrize("late", [arrival(1, 7), arrival(2, 6), arrival(1, 6, event="")])
def test_cursor_falls_behind_when_a_gap_a_new_epoch_or_a_doorbell_arrives(late):
    cursor = live_at(1, 5)
    assert not cursor.takes(late)
    assert cursor.pace is Pace.BEHIND


def test_events_that_arrive_together_are_one_run_up_to_a_gap_a_doorbell_or_an_epoch():
    numbers = [(1, 6, "a"), (1, 7, "b"), (1, 9, "c"), (1, 10, ""), (1, 11, "d"), (2, 12, "e")]
    runs = joined_runs([arrival(*number) for number in numbers])
    assert [(run.before.seq, run.last, run.events) for run in runs] == [
        (5, (1, 7), ("a", "b")),
        (8, (1, 9), ("c",)),
        (9, (1, 10), ()),
        (10, (1, 11), ("d",)),
        (11, (2, 12), ("e",)),
    ]


def test_cursor_takes_a_run_whole_or_reads_what_it_misses_of_it():
    run = Run(Position(1, 5), Position(1, 8), ("6", "7", "8"))
    assert live_at(1, 5).takes(run)
    amid, ahead = live_at(1, 6), live_at(1, 8)
    assert not amid.takes(run)
    assert amid.pace is Pace.BEHIND
    assert not ahead.takes(run)
    assert ahead.pace is Pace.LIVE


def test_cursor_holds_everything_back_when_its_watch_is_unanswered():
    cursor = live_at(1, 5)
    cursor.rewatch(Position(1, 5))
    assert not cursor.takes(arrival(1, 6))
    cursor.audit(Position(1, 5), Position(1, 7))
    assert cursor.pace is Pace.UNANSWERED


def test_cursor_is_behind_after_the_answer_when_something_came_while_its_log_was_read():
    cursor = Cursor()
    cursor.rewatch(None)
    assert not cursor.takes(arrival(1, 3))
    cursor.finish_reading(Position(1, 2), more=False)
    cursor.answer()
    assert cursor.pace is Pace.BEHIND


def test_cursor_is_live_after_the_answer_when_the_reading_held_what_came_meanwhile():
    cursor = Cursor()
    cursor.rewatch(None)
    assert not cursor.takes(arrival(1, 3))
    cursor.finish_reading(Position(1, 3), more=False)
    cursor.answer()
    assert cursor.pace is Pace.LIVE


def test_cursor_is_behind_after_the_answer_when_there_are_more_pages():
    cursor = Cursor()
    cursor.rewatch(None)
    cursor.finish_reading(Position(1, 300), more=True)
    cursor.answer()
    assert cursor.pace is Pace.BEHIND


@pytest.mark.parametrize("number", [Position(1, 6), Position(1, 4), Position(2, 5), None])
def test_audit_makes_a_cursor_read_when_the_number_differs(number):
    cursor = live_at(1, 5)
    cursor.audit(Position(1, 5), number)
    assert cursor.pace is Pace.BEHIND


def test_audit_leaves_a_cursor_live_when_the_number_is_the_same():
    cursor = live_at(1, 5)
    cursor.audit(Position(1, 5), Position(1, 5))
    assert cursor.pace is Pace.LIVE


def test_audit_leaves_a_cursor_live_when_its_events_came_while_the_store_was_asked():
    cursor = live_at(1, 5)
    cursor.sent(Position(1, 7))
    cursor.audit(Position(1, 5), Position(1, 6))
    assert cursor.pace is Pace.LIVE


def test_audit_is_remembered_when_the_watch_is_unanswered():
    cursor = Cursor()
    cursor.rewatch(None)
    cursor.audit(None, Position(1, 4))
    cursor.finish_reading(Position(1, 3), more=False)
    cursor.answer()
    assert cursor.pace is Pace.BEHIND


def test_reading_is_worthless_when_a_later_one_has_begun_or_the_watch_has_ended():
    cursor = live_at(1, 5)
    first = cursor.begin_reading()
    second = cursor.begin_reading()
    assert not cursor.is_current(first)
    assert cursor.is_current(second)
    cursor.retire()
    assert not cursor.is_current(second)


def test_position_after_a_reading_counts_its_events_when_it_holds_events():
    assert position_after(reading("a", "b"), Position(1, 4)) == Position(1, 6)
    assert position_after(reading("a", "b"), None) == Position(1, 2)


def test_position_after_a_reading_is_the_newest_number_when_it_holds_a_snapshot():
    assert position_after(Reading("ann", 2, 40, TaskState.PROGRESS), Position(1, 57)) == Position(2, 40)
