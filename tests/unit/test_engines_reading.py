"""Structured answers, read while they stream in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tasks.engines.anchoring import Locator
from tasks.engines.reading import FindingsReader, GivenFinding, draft_of


def given(quote: str = 'a "b" {c} \\ d', **changed: Any) -> dict[str, Any]:
    suggestion = {"kind": "replace", "text": "x } y"}
    whole = {"quote": quote, "category": "tone", "severity": "minor", "confidence": 0.7, "message": "m"}
    return {**whole, "suggestion": suggestion, **changed}


def read(answer: str, size: int) -> tuple[FindingsReader, list[GivenFinding]]:
    reader = FindingsReader()
    return reader, [f for i in range(0, len(answer), size) for f in reader.feed(answer[i : i + size])]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_reader_finds_all_when_the_answer_comes_in_pieces_of_any_size(size: int) -> None:
    answer = json.dumps({"findings": [given(), given("ü \u2014 two"), given("three")]}, indent=size % 3)
    reader, found = read(answer, size)
    assert [f.quote for f in found] == ['a "b" {c} \\ d', "ü \u2014 two", "three"]
    assert reader.complete
    assert reader.broken == 0


def test_reader_gives_a_finding_when_its_last_brace_has_come() -> None:
    reader = FindingsReader()
    answer = json.dumps({"findings": [given(), given("two")]})
    end = answer.index("}}") + 2
    assert reader.feed(answer[: end - 1]) == []
    assert len(reader.feed(answer[end - 1 : end])) == 1
    assert not reader.complete


@pytest.mark.parametrize(
    "broken",
    [
        json.dumps(given(category="astrology")),
        json.dumps(given(message="")),
        '{"quote": "no more"}',
        '{"quote": nonsense}',
    ],
)
def test_reader_drops_one_finding_when_it_is_broken(broken: str) -> None:
    answer = f'{{"findings": [{json.dumps(given("one"))}, {broken}, {json.dumps(given("two"))}]}}'
    reader, found = read(answer, 5)
    assert [f.quote for f in found] == ["one", "two"]
    assert reader.broken == 1


def test_reader_bounds_the_confidence_when_it_is_out_of_range() -> None:
    _, found = read(json.dumps({"findings": [given(confidence=95), given(confidence=-1)]}), 50)
    assert [f.confidence for f in found] == [1.0, 0.0]


@pytest.mark.parametrize("answer", ["", 'I am "sorry', '{"findings": [', '{"findings": [{"quote": "a'])
def test_reader_is_not_complete_when_the_answer_is_no_whole_object(answer: str) -> None:
    reader, found = read(answer, 3)
    assert not reader.complete
    assert found == []


def test_reader_is_complete_when_there_is_nothing_to_find() -> None:
    reader, found = read('{"findings": []}', 4)
    assert reader.complete
    assert found == []


def test_draft_is_refused_when_its_quote_is_not_in_the_text() -> None:
    finding = GivenFinding.model_validate(given("purple elephants dancing on the roof"))
    assert draft_of(finding, Locator("A text about bridges and their costs.")) is None


def test_draft_concerns_the_whole_section_when_it_quotes_nothing() -> None:
    draft = draft_of(GivenFinding.model_validate(given("")), Locator("A text."))
    assert draft is not None
    assert draft.anchor is None
    assert draft.suggestion.kind == "none"  # there is nothing that it could stand in place of
