"""A minute's figures from its counts."""

from __future__ import annotations

import pytest

from tasks.store.history import minute_of, wait_of, wait_step


@pytest.mark.parametrize("waited_ms", [100, 180, 1_000, 47_000, 3_600_000, 86_400_000])
def test_a_wait_is_told_within_an_eighth(waited_ms: int) -> None:
    assert wait_of(wait_step(waited_ms)) == pytest.approx(waited_ms, rel=0.125)


def test_waits_too_short_to_be_felt_are_one_step() -> None:
    assert (wait_step(0), wait_step(99), wait_of(0)) == (0, 0, 50)


def test_percentiles_are_of_the_starts_and_not_of_the_steps() -> None:
    fast, slow = wait_step(200), wait_step(60_000)
    minute = minute_of(0, {f"wait:{fast}": 90, f"wait:{slow}": 10, "started": 100})
    assert (minute.wait_median_ms, minute.wait_p95_ms, minute.started) == (wait_of(fast), wait_of(slow), 100)


def test_the_share_is_that_of_the_scarcest_budget_and_never_negative() -> None:
    assert minute_of(0, {"share:requests:m": 0.2, "share:input:m": 0.75}).share == 0.75
    assert minute_of(0, {"share:requests:m": -0.1}).share == 0.0
    assert minute_of(0, {}).share == 0.0
