"""The estimate of a wait, from figures of the queue."""

from __future__ import annotations

from typing import Any

from server.queue_view import estimate_s
from tasks.store.ports import KindStats, WaitingFor

NOW = 1_000_000


def kind(**more: Any) -> KindStats:
    given = {
        **{"waiting": 9, "reserved": 0, "active": 4, "parked": 0, "slots": 4, "free": 0, "oldest_at": NOW},
        **{"run_ms": 8_000, "step_ms": 2_000.0, "inflow": 0.0, "limit_per_minute": None, "allowed_per_minute": None},
        **{"waiting_for": WaitingFor.TURN, "reopens_at": None},
    }
    return KindStats(**{**given, **more})


def test_line_is_expected_to_move_as_it_moved() -> None:
    assert [estimate_s(place, place, kind(), NOW) for place in (1, 2, 5)] == [0, 2, 8]


def test_those_who_come_count_as_far_as_they_come() -> None:
    estimates = [estimate_s(5, 11, kind(inflow=inflow), NOW) for inflow in (0.0, 0.5, 1.0, 3.0)]
    assert estimates == [8, 14, 20, 20]


def test_line_moves_no_faster_than_the_limits_allow_for_long() -> None:
    assert estimate_s(5, 5, kind(step_ms=3.0, allowed_per_minute=60), NOW) == 4
    assert estimate_s(5, 5, kind(step_ms=None, run_ms=None, slots=100, allowed_per_minute=60), NOW) == 4


def test_line_that_has_not_moved_is_told_by_slots() -> None:
    assert estimate_s(5, 5, kind(step_ms=None), NOW) == 10


def test_closed_budget_is_waited_for_and_nobody_starts_without_slots() -> None:
    assert estimate_s(2, 2, kind(waiting_for=WaitingFor.BUDGET, reopens_at=NOW + 30_000), NOW) == 32
    assert estimate_s(2, 2, kind(slots=0), NOW) is None
    assert estimate_s(2, 2, kind(free=3), NOW) == 0
