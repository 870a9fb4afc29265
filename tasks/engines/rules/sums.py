"""Totals that their parts do not add up to, and durations that two times of day contradict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import Final

from tasks.engines.rules.figures import MAX_SENTENCE_CHARS, NUMBER, is_rough, spoken, value_of
from tasks.engines.rules.prose import NUMBER_WORDS, sentences_of
from tasks.engines.rules.rule import Subject, Violation

_TOTAL_AFTER: Final = re.compile(
    rf"(?P<total>{NUMBER})(?:\s*[a-z%€$]+)?\s+(?:altogether|in total|in all|together|all told|in sum)\b", re.IGNORECASE
)
_TOTAL_NAMED: Final = re.compile(
    rf"\b(?:a total of|totall?ing|adding up to|adds? up to|(?:which|that|this) makes|makes|summing to|the sum is|in total)\s+"
    rf"(?P<total>{NUMBER})(?!\s*[a-z%]*\s+(?:to|and)\s+\d)",
    re.IGNORECASE,
)
_PART: Final = re.compile(rf"(?<![\w.,/-])(?P<part>{NUMBER})(?P<unit>\s?%|\s?[a-zA-Z]+)?")
_NO_PART_UNITS: Final = frozenset(("am", "pm", "o", "th", "st", "nd", "rd", "years", "year", "times"))
_NOT_COUNTED: Final = re.compile(
    r"\b(?:in|week|day|year|since|by|of|until|version|page|table|figure|section)\s*$", re.IGNORECASE
)
_YEARS: Final = range(1900, 2101)
_NEARLY: Final = (0.6, 1.67)
"""A sum that is further off was hardly meant to be one."""
_TAKES_UP: Final = re.compile(r"(?:This|That|These|Together,? (?:this|they|these))\s+(?:makes?|is|are|adds?)\b")
_DAY_MINUTES: Final = 24 * 60

_WORD_NUMBER: Final = "|".join(NUMBER_WORDS)
_TIME: Final = r"([01]?\d|2[0-4])[:.]([0-5]\d)"
_AMOUNT: Final = rf"(?P<n>\d+|an?|{_WORD_NUMBER}|half an)(?P<half>\s+and a half)?\s+(?P<unit>minutes?|hours?)(?P<after>\s+and a half)?"
_FROM_UNTIL: Final = (
    re.compile(rf"\b{_AMOUNT},?\s+\(?(?:from|between)\s+{_TIME}\s+(?:to|until|till|and|–|-)\s+{_TIME}", re.IGNORECASE),
    re.compile(
        rf"\b(?:from|between)\s+{_TIME}\s+(?:to|until|till|and|–|-)\s+{_TIME}\s*(?:,\s*(?:that is |or |which is )?|\(){_AMOUNT}(?=[\s.,;)])",
        re.IGNORECASE,
    ),
)
_LATER_ACROSS: Final = re.compile(
    rf"{_TIME}(?=[^\d])(?:[^:;\d]|\d(?!\d?[:.]\d)){{1,160}}?\b{_TIME},?\s+{_AMOUNT}\s+later\b", re.IGNORECASE
)


def check_sums(subject: Subject) -> Iterator[Violation]:
    """Wrong totals and wrong durations."""
    before = 0
    for at, end in sentences_of(subject.text):
        # "This makes nine" adds up what the sentence before it said
        start = before if _TAKES_UP.match(subject.text, at) else at
        before = at
        if end - start > MAX_SENTENCE_CHARS:
            continue
        sentence = subject.text[start:end]
        if "|" not in sentence:  # the cells of a table's row are no sum
            yield from _totals(sentence, start)
        yield from _durations(sentence, start)
    yield from _waits(subject.text)


def _totals(sentence: str, offset: int) -> Iterator[Violation]:
    for pattern in (_TOTAL_AFTER, _TOTAL_NAMED):
        match = pattern.search(sentence)
        if match and not is_rough(sentence, match.start("total")):
            placed = _parts(sentence, 0, match.start())
            parts = [(value, unit) for value, unit, _ in placed]
            total, unit = value_of(match["total"]), _unit_after(sentence, match.end("total"))
            if len(parts) < 2:
                return
            if abs(prod(value for value, _ in parts) - total) < 0.005:
                return  # "30 drippers at 2 litres, 60 litres in total"
            for wanted in _readings(parts, unit):
                if len(wanted) >= 2 and abs(sum(wanted) - total) < 0.005:
                    return
            readings = _readings(parts, unit)[:4]  # all of the total's unit, or without one
            counted = next((r for r in readings if len(r) >= 2 and _is_nearly(sum(r), total)), None)
            if counted:
                first = next(place for value, _, place in placed if value == counted[0])
                message = f"The parts add up to {spoken(sum(counted))}, not {spoken(total)}."
                yield Violation(
                    "sum-total", (offset + first, offset + match.end()), "accuracy", "major", message, "", 0.85
                )
            return


def _is_nearly(counted: float, total: float) -> bool:
    return total > 0 and _NEARLY[0] < counted / total < _NEARLY[1]


def _readings(parts: list[tuple[float, str]], unit: str) -> list[list[float]]:
    """What could be the parts: those of the total's unit, those that name none with them, or all; and the
    same less the first, which may be an earlier total."""
    same = [value for value, u in parts if u == unit]
    loose = [value for value, u in parts if u in (unit, "")]
    every = [value for value, _ in parts]
    found = [same, loose, every] if unit else [every]
    return [reading[skip:] for reading in found for skip in (0, 1) if len(reading) - skip >= 2] or [[]]


def _parts(sentence: str, start: int, end: int) -> list[tuple[float, str, int]]:
    """The numbers that could be added: value, unit, where."""
    found = []
    for match in _PART.finditer(sentence, start, end):
        value, unit = value_of(match["part"]), (match["unit"] or "").strip().lower()
        is_year = value in _YEARS and "," not in match["part"] and not unit
        if is_year or unit in _NO_PART_UNITS or sentence[match.end() : match.end() + 1] == ":":
            continue
        if _NOT_COUNTED.search(sentence, max(0, match.start() - 10), match.start()):
            continue
        found.append((value, unit, match.start("part")))
    return found


def _unit_after(sentence: str, at: int) -> str:
    match = re.compile(r"\s?(%|[a-zA-Z]+)").match(sentence, at)
    unit = match[1].lower() if match else ""
    return "" if unit in ("altogether", "in", "together", "all") else unit


def _durations(sentence: str, offset: int) -> Iterator[Violation]:
    for pattern in _FROM_UNTIL:
        for match in pattern.finditer(sentence):
            yield from _wrong_duration(match, offset)


def _waits(text: str) -> Iterator[Violation]:
    """ "At 14:05 … at 14:20, five minutes later", within a paragraph."""
    for match in _LATER_ACROSS.finditer(text):
        if "\n\n" not in match[0]:
            yield from _wrong_duration(match, 0)


def _wrong_duration(match: re.Match[str], offset: int) -> Iterator[Violation]:
    times = re.findall(_TIME, match[0])
    (h1, m1), (h2, m2) = ((int(hour), int(minute)) for hour, minute in (times[0], times[-1]))
    actual = (h2 * 60 + m2 - h1 * 60 - m1) % _DAY_MINUTES
    if actual == 0 or abs(_minutes(match) - actual) <= max(1.0, 0.05 * actual):
        return
    if is_rough(match.string, match.start("n")):
        return
    hours, minutes = divmod(actual, 60)
    said = " ".join(p for p in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if p)
    message = f"From {h1:02}:{m1:02} to {h2:02}:{m2:02} it is {said}."
    span = (offset + match.start(), offset + match.end())
    yield Violation("sum-duration", span, "accuracy", "major", message, "", 0.85)


def _minutes(match: re.Match[str]) -> float:
    said = match["n"].lower()
    if said == "half an":
        count = 0.5
    elif said in ("a", "an"):
        count = 1.0
    else:
        count = value_of(said)
    if match["half"] or match["after"]:
        count += 0.5
    return count * (60 if match["unit"].lower().startswith("hour") else 1)
