"""Things that are counted twice."""

from __future__ import annotations

import pytest
from engine_subjects import alone, document_of, quotes, quotes_in

from tasks.engines.rules.counts import check_counts


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("We interviewed twelve participants. All 14 participants agreed.", "14 participants"),
        ("Three services were affected. In all, four services were affected by it.", "four services"),
        ("The study covers 1,200 households. A total of 1,300 households answered.", "1,300 households"),
    ],
)
def test_count_is_reported_when_it_differs_from_the_first(text: str, quote: str) -> None:
    assert quotes(check_counts, alone(text)) == [quote]


@pytest.mark.parametrize(
    "text",
    [
        "We interviewed twelve participants. All 12 participants agreed.",
        "Five users complained. Two users left.",
        "The three phases took long. The first two phases were short.",
        "There are 10 days of work. There are 20 days of rest.",
        "Three services were affected. Two more services were affected later.",
        "Three services were affected. The other two services were affected later.",
    ],
)
def test_count_is_left_alone_when_both_can_be_true(text: str) -> None:
    assert quotes(check_counts, alone(text)) == []


def test_conflict_is_reported_in_the_later_section_when_two_sections_disagree() -> None:
    document = document_of(("A", 1, "There were nine workshops."), ("B", 1, "All eight workshops were full."))
    assert quotes_in(check_counts, document, 0) == []
    assert quotes_in(check_counts, document, 1) == ["eight workshops"]


def test_a_number_is_reported_when_it_is_taken_up_again_as_another() -> None:
    assert quotes(check_counts, alone("Three nurses were hired. Each of the four nurses works at night.")) == [
        "four nurses"
    ]
    assert quotes(check_counts, alone("Nine gates protect it. All ten gates are old.")) == ["ten gates"]


def test_a_number_is_left_alone_when_only_some_of_them_are_meant() -> None:
    text = "Six servers failed. The two servers in the cellar burned; two servers were sold. The two servers came back."
    assert quotes(check_counts, alone(text)) == []
