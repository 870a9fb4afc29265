"""Percentages that do not follow from the two numbers beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tasks.engines.rules.figures import FRACTION, FRACTION_SLACK, percent_of, value_of
from tasks.engines.rules.prose import NUMBER_WORDS, sentences_of
from tasks.engines.rules.rule import Subject, Violation

_NUMBER: Final = r"[$€£]?\s?(\d[\d,]*(?:\.\d+)?)\s?(%|percent|per cent|thousand|million|billion|bn|k|m)?\b"
_NUMBER_P: Final = _NUMBER.replace(r"\b", r"(?!\w)")
_FROM_TO: Final = re.compile(rf"\bfrom\s+{_NUMBER_P}(?:\s+[a-z]+){{0,2}}\s+to\s+{_NUMBER_P}", re.IGNORECASE)
_TO_FROM: Final = re.compile(
    rf"\bto\s+{_NUMBER_P}(?:\s+[a-z]+){{0,2}},?\s+(?:up |down )?from\s+{_NUMBER_P}", re.IGNORECASE
)
_PERCENT: Final = re.compile(r"(\d+(?:\.(\d+))?)\s?(?:%|percent\b|per cent\b)(?!\s*-?\s*points?)")
_FALL: Final = re.compile(
    r"\b(?:f[ae]ll(?:s|en|ing)?|drop(?:s|ped|ping)?|declin\w+|decreas\w+|reduc\w+|cut(?:s|ting)?|shr[aiu]nk\w*|lower\w*|"
    r"halv\w+|(?:went|goes|go|going|gone|is|are|was|were) down|saving)\b",
    re.IGNORECASE,
)
_RISE: Final = re.compile(
    r"\b(?:r[oi]se(?:s|n)?|rising|gr[eo]w(?:s|n|th|ing)?|increas\w+|climb\w*|gain\w*|jump\w*|surg\w+|"
    r"doubl\w+|tripl\w+|(?:went|goes|go|going|gone|is|are|was|were) up)\b",
    re.IGNORECASE,
)
_NEUTRAL: Final = re.compile(r"\b(?:improv\w+|chang\w+|mov(?:e|es|ed|ing)|went)\b", re.IGNORECASE)
_POINTS: Final = re.compile(
    rf"\b(?:by|of)\s+(\d+(?:\.\d+)?|{'|'.join(NUMBER_WORDS)})\s+(?:percentage\s+)?points?\b", re.IGNORECASE
)
_BY_FRACTION: Final = re.compile(
    rf"\b(?:by|of)\s+(?P<share>{FRACTION})\b|\b(?P<times>doubled|tripled|halved)\b", re.IGNORECASE
)
_TIMES: Final = {"doubled": 100.0, "tripled": 200.0, "halved": 50.0}
_ROUGHLY: Final = re.compile(
    r"\b(?:about|around|roughly|nearly|almost|approximately|some|over|more than|up to|close to)\s*$"
)
_SCALE: Final = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9}
_YEARS: Final = range(1900, 2101)
_NEAR_CHARS: Final = 90


@dataclass(frozen=True, slots=True)
class _Change:
    """Two numbers of a sentence that are said to be before and after."""

    before: float
    after: float
    is_share: bool  # both are percentages, so a stated percentage may mean points
    start: int
    end: int

    @property
    def percent(self) -> float:
        return (self.after - self.before) / self.before * 100


def check_percentages(subject: Subject) -> Iterator[Violation]:
    """A stated percentage, or a stated direction, that "from A to B" contradicts."""
    for start, end in sentences_of(subject.text):
        sentence = subject.text[start:end]
        change = _change_in(sentence)
        if change is not None:
            yield from _contradictions(sentence, start, change)


def _change_in(sentence: str) -> _Change | None:
    if match := _FROM_TO.search(sentence):
        groups = match.groups()
    elif match := _TO_FROM.search(sentence):
        groups = (*match.groups()[2:], *match.groups()[:2])
    else:
        return None
    before, unit_before, after, unit_after = groups
    shares = [unit in ("%", "percent", "per cent") for unit in (unit_before, unit_after)]
    scale = _SCALE.get((unit_after or "").lower(), 1.0)
    first = _value(before) * (_SCALE.get((unit_before or "").lower(), 1.0) if unit_before else scale)
    second = _value(after) * scale
    if first == 0 or (_is_year(first, unit_before) and _is_year(second, unit_after)):
        return None
    return _Change(first, second, any(shares), *match.span())


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def _is_year(value: float, unit: str | None) -> bool:
    return not unit and value in _YEARS


def _contradictions(sentence: str, offset: int, change: _Change) -> Iterator[Violation]:
    falls, rises = bool(_FALL.search(sentence)), bool(_RISE.search(sentence))
    if falls == rises and (falls or not _NEUTRAL.search(sentence)):
        return  # no word of change, or one of each: nobody can say what the number belongs to
    span = (offset + change.start, offset + change.end)
    if (change.percent > 0 and falls) or (change.percent < 0 and rises):
        stated = _stated_percent(sentence, change)
        yield _wrong_direction((span[0], max(span[1], offset + stated.end())) if stated else span, change)
        return
    stated = _stated_percent(sentence, change)
    yield from _contradicted_words(sentence, offset, change)
    if stated is not None and not _fits(stated, sentence, change):
        yield _wrong_percent(
            (min(span[0], offset + stated.start()), max(span[1], offset + stated.end())), stated[1], change
        )


def _contradicted_words(sentence: str, offset: int, change: _Change) -> Iterator[Violation]:
    """ "By a quarter", "doubled", "by three points"."""
    for match in _BY_FRACTION.finditer(sentence):
        said = _TIMES[match["times"].lower()] if match["times"] else percent_of(match["share"])
        near = abs(match.start() - change.start) < _NEAR_CHARS
        if near and abs(abs(change.percent) - said) > max(FRACTION_SLACK, said * 0.08):
            yield _wrong_percent(_joined(match.span(), change, offset), match[0], change)
    points = _POINTS.search(sentence) if change.is_share else None
    if points and abs(abs(change.after - change.before) - value_of(points[1])) > 0.51:
        yield _wrong_percent(_joined(points.span(), change, offset), points[0], change)


def _joined(span: tuple[int, int], change: _Change, offset: int) -> tuple[int, int]:
    return offset + min(span[0], change.start), offset + max(span[1], change.end)


def _stated_percent(sentence: str, change: _Change) -> re.Match[str] | None:
    """The one percentage near the two numbers; None when there are several or none."""
    near = [
        m
        for m in _PERCENT.finditer(sentence)
        if (m.end() <= change.start and change.start - m.end() < _NEAR_CHARS)
        or (m.start() >= change.end and m.start() - change.end < _NEAR_CHARS)
    ]
    return near[0] if len(near) == 1 else None


def _fits(stated: re.Match[str], sentence: str, change: _Change) -> bool:
    value, decimals = float(stated[1]), len(stated[2] or "")
    possible = [abs(change.percent)] + ([abs(change.after - change.before)] if change.is_share else [])
    slack = 0.55 * 10**-decimals
    if _ROUGHLY.search(sentence[: stated.start()]):
        slack = max(slack, 2.5, value * 0.1)
    return any(abs(value - actual) <= slack for actual in possible)


def _wrong_percent(span: tuple[int, int], stated: str, change: _Change) -> Violation:
    actual = f"{abs(change.percent):.1f}".removesuffix(".0")
    return Violation(
        "percentage-arithmetic",
        span,
        "accuracy",
        "major",
        f"The change from {change.before:,g} to {change.after:,g} is {actual} %, not {stated}{' %' if stated[-1].isdigit() else ''}.",
        f"({change.after:,g} - {change.before:,g}) / {change.before:,g} = {change.percent:.1f} %.",
        0.95,
    )


def _wrong_direction(span: tuple[int, int], change: _Change) -> Violation:
    goes = "up" if change.percent > 0 else "down"
    return Violation(
        "percentage-direction",
        span,
        "accuracy",
        "major",
        f"From {change.before:,g} to {change.after:,g} goes {goes}, but the sentence says the opposite.",
        confidence=0.85,
    )
