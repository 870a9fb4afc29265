"""Long sentences, repeated sentences, and where sentences end."""

from __future__ import annotations

from engine_subjects import alone, document_of, quotes, quotes_in

from tasks.engines.rules.prose import sentences_of
from tasks.engines.rules.sentences import check_length, check_repetition

LONG = "The plan " + "and the next plan " * 12 + "failed."


def test_sentence_is_reported_when_it_is_too_long() -> None:
    assert quotes(check_length, alone(f"Short one. {LONG} Another short one.")) == [LONG]


def test_length_is_left_alone_when_it_is_a_table_or_several_sentences() -> None:
    assert quotes(check_length, alone(" | ".join(["cell"] * 60))) == []
    assert quotes(check_length, alone("This is a short sentence. " * 20)) == []
    assert quotes(check_length, alone("\n".join(["- an item of a list without an end"] * 20))) == []


def test_severity_grows_when_the_sentence_does() -> None:
    severities = [next(iter(check_length(alone("word " * n + "end.")))).severity for n in (45, 75)]
    assert severities == ["minor", "major"]


def test_sentence_is_reported_when_it_stands_twice() -> None:
    text = "The engineer was paged at 09:14. She came. The engineer was  paged at 09:14."
    assert quotes(check_repetition, alone(text)) == ["The engineer was  paged at 09:14."]


def test_sentence_is_reported_in_the_later_section_when_two_sections_say_it() -> None:
    said = "The engineer was paged at nine in the morning."
    document = document_of(("A", 1, said), ("B", 1, f"Again. {said}"))
    assert quotes_in(check_repetition, document, 0) == []
    assert quotes_in(check_repetition, document, 1) == [said]


def test_repetition_is_left_alone_when_the_sentence_is_short() -> None:
    assert quotes(check_repetition, alone("That is true. But no. That is true.")) == []


def test_sentences_end_where_a_reader_ends_them_when_dots_mean_other_things() -> None:
    text = "Dr. Smith paid 3.5 million, e.g. In May. He left (at last). “Really?” she asked.\n- one item\n- two"
    assert [text[a:b] for a, b in sentences_of(text)] == [
        "Dr. Smith paid 3.5 million, e.g. In May.",
        "He left (at last).",
        "“Really?” she asked.",
        "- one item",
        "- two",
    ]
