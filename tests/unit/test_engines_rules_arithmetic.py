"""Percentages and the numbers beside them."""

from __future__ import annotations

import pytest
from engine_subjects import alone, quotes

from tasks.engines.rules.arithmetic import check_percentages


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Costs fell from 420 to 180, a drop of 75%.", "from 420 to 180, a drop of 75%"),
        ("We saw a 50% increase, from 1,000 to 1,200 visitors.", "50% increase, from 1,000 to 1,200"),
        ("Revenue grew from $2 to $3 million, up 40 percent.", "from $2 to $3 million, up 40 percent"),
        ("Sales rose by 12% to 150 from 100.", "12% to 150 from 100"),
        ("The share rose from 40% to 50%, an increase of 15%.", "from 40% to 50%, an increase of 15%"),
        ("The price dropped from 20 to 30 in a year.", "from 20 to 30"),
    ],
)
def test_percentage_is_reported_when_it_contradicts_its_numbers(text: str, quote: str) -> None:
    assert quotes(check_percentages, alone(text)) == [quote]


@pytest.mark.parametrize(
    "text",
    [
        "Costs fell from 420 to 180, a drop of 57%.",
        "Costs fell from 420 to 180, a drop of 57.1%.",
        "Costs fell from 420 to 180, a drop of nearly 60%.",
        "The share rose from 40% to 50%, an increase of 25%.",
        "The share rose from 40% to 50%, an increase of 10%.",
        "The share rose from 40% to 50%, 10 percentage points.",
        "Sales grew by 30% from 2019 to 2023.",
        "Latency improved from 310 ms to 240 ms.",
        "Read from page 3 to page 7; 12% of it is new.",
        "Costs fell from 0 to 10, a drop of 5%.",
        "Costs fell from 100 to 50, while 20% left and 30% stayed.",
        "Profits fell and costs rose from 10 to 20, that is 30%.",
    ],
)
def test_percentage_is_left_alone_when_it_fits_or_nobody_can_say(text: str) -> None:
    assert quotes(check_percentages, alone(text)) == []


def test_message_names_the_right_figure_when_the_percentage_is_wrong() -> None:
    (violation,) = check_percentages(alone("Costs fell from 200 to 150, a drop of 30%."))
    assert "25 %, not 30 %" in violation.message
