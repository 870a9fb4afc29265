from __future__ import annotations

import json

import pytest

from tests.load.figures import Fact, Figure, Outcome, Target, percentile, shown, table


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (2013.4, "2,013"), (413, "413"), (41.34, "41.3"), (4.2051, "4.21"), (0.31842, "0.318")],
)
def test_a_value_is_shown_with_the_digits_that_say_something(value: float, text: str) -> None:
    assert shown(value) == text


def test_percentile_is_the_smallest_value_that_covers_its_share() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert [percentile(values, share) for share in (0.5, 0.99, 1.0)] == [50, 99, 100]
    assert percentile([7.0], 0.01) == 7.0


def test_a_figure_is_the_median_of_its_runs_and_says_whether_its_target_is_met() -> None:
    assert Figure("p99", "ms", (19.0, 90.0, 18.0), Target(20)).verdict == "met"
    assert Figure("rate", "/s", (1_999.0,), Target(2_000, at_least=True)).verdict == "MISSED"
    assert Figure("rate", "/s", (1.0,)).verdict == ""


def test_table_shows_every_figure_and_every_fact() -> None:
    outcome = Outcome("Title", [Figure("one", "s", (2.0, 4.0, 3.0), Target(6))], [Fact("all there", False)])
    text = table([outcome])
    assert "one" in text
    assert "3.00 s" in text
    assert "≤ 6.00" in text
    assert "UNTRUE  all there" in text


def test_outcome_is_written_as_json_with_its_verdicts() -> None:
    outcome = Outcome("Title", [Figure("one", "s", (7.0,), Target(6))], [Fact("all there", True)])
    read = json.loads(json.dumps(outcome.as_json()))
    assert read["figures"][0]["verdict"] == "MISSED"
    assert read["figures"][0]["runs"] == [7.0]
    assert read["facts"] == [{"words": "all there", "holds": True}]
