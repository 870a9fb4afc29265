"""Agreement, common slips and long-winded phrases: what is found, what it should be, and what is left alone."""

from __future__ import annotations

import pytest
from engine_subjects import alone, quotes

from tasks.engines.rules.agreement import check_agreement
from tasks.engines.rules.usage import check_usage
from tasks.engines.rules.wordiness import check_wordiness


def corrected(rule: object, text: str) -> str:
    for violation in reversed(list(rule(alone(text)))):  # type: ignore[operator]
        start, end = violation.span
        text = text[:start] + violation.suggestion.text + text[end:]
    return text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("The doors was open.", "The doors were open."),
        ("The machine have a fault.", "The machine has a fault."),
        ("Nobody were there.", "Nobody was there."),
        ("Each of the doors are locked.", "Each of the doors is locked."),
        ("Two of them was late.", "Two of them were late."),
        ("There is several ways.", "There are several ways."),
        ("The colour of the walls are pale.", "The colour of the walls is pale."),
        ("A lamp that do not burn is useless.", "A lamp that does not burn is useless."),
        ("The list contain the names.", "The list contains the names."),
        ("The visitors wants a map.", "The visitors want a map."),
    ],
)
def test_subject_and_verb_are_made_to_agree(wrong: str, right: str) -> None:
    assert corrected(check_agreement, wrong) == right


@pytest.mark.parametrize(
    "text",
    [
        "The staff are away, and the police have come. A number of people were there.",
        "The news is good. The series was long. These are the ones who were late.",
        "The number of the rooms is known. One of the reasons that are given is weak.",
        "Should it have been closed? Nobody knows what the people that have left want.",
        "The design review team want a say. The test results in the table are old.",
    ],
)
def test_agreement_is_left_alone_when_it_is_right_or_could_be(text: str) -> None:
    assert quotes(check_agreement, alone(text)) == []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("It must not to be wet.", "It must not be wet."),
        ("It did not worked.", "It did not work."),
        ("The file was send by mail.", "The file was sent by mail."),
        ("It has went well.", "It has gone well."),
        ("He is older then the others.", "He is older than the others."),
        ("It took longer and cost more as planned.", "It took longer and cost more than planned."),
        ("Less errors were seen.", "Fewer errors were seen."),
        ("We use it since three weeks.", "We use it for three weeks."),
        ("The most of them agree.", "Most of them agree."),
        ("We met in Tuesday.", "We met on Tuesday."),
        ("One of the door is locked.", "One of the doors is locked."),
        ("Every files is read.", "Every file is read."),
    ],
)
def test_slips_are_corrected(wrong: str, right: str) -> None:
    assert corrected(check_usage, wrong) == right


@pytest.mark.parametrize(
    "text",
    [
        "He will, as far as he can, to this day. She did need it. It was not built of wood.",
        "Make the most of them. Since two days ago. Less than half is less useless business.",
        "It's what was said. Its important role. One of the people is late. They then left.",
    ],
)
def test_slips_are_not_seen_where_there_are_none(text: str) -> None:
    assert quotes(check_usage, alone(text)) == []


def test_long_winded_phrases_are_shortened_and_fillers_at_the_beginning_only_named() -> None:
    assert corrected(check_wordiness, "Due to the fact that it rained, we met prior to noon.") == (
        "Because it rained, we met before noon."
    )
    (violation,) = check_wordiness(alone("Needless to say, it rained."))
    assert violation.suggestion.kind == "none"
