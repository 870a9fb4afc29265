"""Headings, placeholders, agreement, and what language and dialect a text is in."""

from __future__ import annotations

import pytest
from engine_subjects import alone, document_of, quotes, quotes_in

from tasks.engines.rules.agreement import check_agreement
from tasks.engines.rules.english import is_english
from tasks.engines.rules.headings import check_headings
from tasks.engines.rules.placeholders import check_placeholders
from tasks.engines.rules.variants import is_variant


def test_heading_is_reported_when_it_skips_a_level() -> None:
    document = document_of(("A", 1, ""), ("B", 3, ""), ("C", 1, ""), ("D", 2, ""))
    assert [quotes_in(check_headings, document, i) for i in range(4)] == [[], [None], [], []]


def test_heading_inside_the_text_is_reported_when_it_skips_a_level() -> None:
    assert quotes(check_headings, alone("# One\n\ntext\n\n### Three\n\n## Two")) == ["### Three"]
    assert quotes(check_headings, alone("### Deep from the start\n\n#### Deeper")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Cost: TODO: ask finance. Done.", ["TODO: ask finance"]),
        ("The date is TBD.", ["TBD"]),
        ("FIXME and XXX", ["FIXME", "XXX"]),
        ("See [insert figure here] and <your name>.", ["[insert figure here]", "<your name>"]),
        ("Lorem ipsum dolor", ["Lorem ipsum"]),
        ("Who knows???", ["???"]),
        ("Write a todo list in TODO-app, [see below], 3 < 4 > 2.", []),
    ],
)
def test_placeholder_is_reported_when_it_was_left_over(text: str, found: list[str]) -> None:
    assert quotes(check_placeholders, alone(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The logs was compared.", ["The logs was"]),
        ("It rained. These results is odd, and all doors has locks.", ["These results is", "all doors has"]),
        ("The analysis was done, the bus is late, the news is good, the physics is hard.", []),
        ("One of the logs was lost. The logs were kept. The set of tests was run.", []),
    ],
)
def test_verb_is_reported_when_its_subject_is_plural(text: str, found: list[str]) -> None:
    assert quotes(check_agreement, alone(text)) == found


def test_suggestion_is_the_whole_clause_when_the_verb_is_wrong() -> None:
    (violation,) = check_agreement(alone("The logs was compared."))
    assert violation.suggestion.text == "The logs were"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("About 12,400 customers recieved an error page during the outage.", True),
        ("I should of recieve the the mail.", True),
        ("Der Hund ist auf der Straße und frisst den Kuchen.", False),
        ("C'est la vie et nous sommes contents de le voir.", False),
        ("El informe describe las causas del fallo en el sistema.", False),
        ("Recieved items", None),
    ],
)
def test_language_is_told_when_there_are_words_enough(text: str, answer: bool | None) -> None:
    assert is_english(text) is answer


@pytest.mark.parametrize(
    ("word", "other", "same"),
    [
        ("synchronised", "synchronized", True),
        ("behaviour", "behavior", True),
        ("travelling", "traveling", True),
        ("centre", "center", True),
        ("satelite", "satellite", False),
        ("recieved", "received", False),
    ],
)
def test_spellings_are_variants_when_only_the_dialect_differs(word: str, other: str, same: bool) -> None:
    assert is_variant(word, other) is same
