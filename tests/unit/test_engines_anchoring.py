"""Quotes and their places."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, strategies as st

from tasks.engines.anchoring import Locator, locate, occurrence_of
from tasks.engines.evened import even_out

TEXT = (
    "The committee’s report — published in May — names three causes. The first cause was the late delivery of steel. "
    "Café owners along the river complained about the noise, the dust and the missing parking spaces. "
    "The first cause was not the only one. In the end the council decided to extend the contract by six months."
)


def test_locate_is_exact_when_the_text_says_it_so() -> None:
    anchor = locate("three causes", TEXT)
    assert anchor is not None
    assert (anchor.method, anchor.exact) == ("exact", "three causes")
    assert TEXT[anchor.start : anchor.end] == anchor.exact
    assert anchor.prefix == TEXT[anchor.start - 32 : anchor.start]
    assert anchor.suffix == TEXT[anchor.end : anchor.end + 32]


@pytest.mark.parametrize(
    ("quote", "exact"),
    [
        ("the committee's report - published", "The committee’s report — published"),
        ("CAFE\u0301 OWNERS  along\nthe river", "Café owners along the river"),
        ("“late delivery of steel”".strip("“”").replace(" ", "\u00a0"), "late delivery of steel"),
    ],
)
def test_locate_evens_out_forms_when_they_differ_only_in_writing(quote: str, exact: str) -> None:
    anchor = locate(quote, TEXT)
    assert anchor is not None
    assert (anchor.method, anchor.exact) == ("normalized", exact)


def test_locate_counts_code_points_when_letters_are_composed_of_several() -> None:
    text = "🙂 cafe\u0301 and ﬁle"
    anchor = locate("café and file", text)
    assert anchor is not None
    assert anchor.exact == "cafe\u0301 and ﬁle"


def test_locate_takes_whole_words_when_the_quote_is_only_alike() -> None:
    anchor = locate("the council has decided to extend the contracts by six month", TEXT)
    assert anchor is not None
    assert anchor.method == "fuzzy"
    assert anchor.exact.startswith("the council decided")
    assert anchor.exact.endswith("six months")


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "   ",
        "Zebras negotiated seventeen lighthouse contracts beneath the observatory.",
        "The second reason was the early arrival of wood.",
        "the council decided to cancel",
        "dredging",
    ],
)
def test_locate_refuses_when_the_text_does_not_say_it(quote: str) -> None:
    assert locate(quote, TEXT) is None


def test_locate_chooses_by_prefix_when_the_quote_stands_twice() -> None:
    first = locate("The first cause was", TEXT)
    second = locate("The first cause was", TEXT, prefix="the missing parking spaces. ")
    assert first is not None
    assert second is not None
    assert first.start < second.start
    assert [occurrence_of(TEXT, a) for a in (first, second)] == [0, 1]


def test_locate_chooses_by_number_when_there_is_no_prefix() -> None:
    second = locate("The first cause was", TEXT, occurrence=1)
    last = locate("The first cause was", TEXT, occurrence=9)
    assert second == last
    assert second is not None
    assert occurrence_of(TEXT, second) == 1


def test_locate_prefers_a_whole_word_when_it_also_stands_inside_another() -> None:
    anchor = locate("art", "The party saw art.")
    assert anchor is not None
    assert anchor.start == 14


def test_locate_finds_most_quotes_when_one_word_is_lost_or_misspelt() -> None:
    chance, locator = random.Random(7), Locator(TEXT)
    sentences = TEXT.split(". ")
    found = [locator.locate(_corrupted(chance.choice(sentences), chance)) for _ in range(100)]
    assert sum(anchor is not None for anchor in found) >= 90


def _corrupted(sentence: str, chance: random.Random) -> str:
    words = sentence.split()
    at = chance.randrange(len(words))
    if chance.random() < 0.5:
        return " ".join(words[:at] + words[at + 1 :])
    letters = list(words[at])
    letters[chance.randrange(len(letters))] = chance.choice("aeinst")
    return " ".join([*words[:at], "".join(letters), *words[at + 1 :]])


@given(st.text(max_size=60), st.text(max_size=12))
def test_anchor_says_what_stands_there_when_any_text_is_searched(text: str, quote: str) -> None:
    anchor = locate(quote, text)
    assert anchor is None or text[anchor.start : anchor.end] == anchor.exact != ""


@given(st.text(min_size=1, max_size=60), st.data())
def test_locate_finds_a_quote_when_it_was_cut_from_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    quote = text[start : data.draw(st.integers(start + 1, len(text)))]
    assert (locate(quote, text) is not None) == bool(quote.strip())


@given(st.text(max_size=80))
def test_even_out_leads_back_to_the_source_when_any_text_is_given(text: str) -> None:
    evened = even_out(text)
    assert len(evened.text) == len(evened.starts) == len(evened.ends)
    assert all(0 <= a < b <= len(text) for a, b in zip(evened.starts, evened.ends, strict=True))
    assert evened.starts == sorted(evened.starts)
