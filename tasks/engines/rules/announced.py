"""Numbers that announce a list of another length: "three reasons: a, b, c and d"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tasks.engines.rules.prose import NUMBER_WORDS, whole_number
from tasks.engines.rules.rule import Subject, Violation

_SMALL: Final = "|".join(word for word, number in NUMBER_WORDS.items() if 2 <= number <= 12)
_ANNOUNCED: Final = re.compile(
    rf"\b(?P<number>{_SMALL}|[2-9])\s+(?P<thing>[a-z]+(?:\s+[a-z]+){{0,5}}?)\s*(?P<mark>:|\s+–)\s+(?P<list>[^.:;?!\n]{{1,300}})(?=[.;\n]|$)",
    re.IGNORECASE,
)
_INLINE_SUM: Final = re.compile(
    rf"\b(?P<number>{_SMALL}|[2-9])\s+(?P<thing>[a-z]+s|people)(?:\s+(?:in|over|on|within)\s+\w+\s+[a-z]+)?\s*[:,]\s+(?P<list>(?:{_SMALL}|one|[1-9])\s+[a-z]+(?:\s+[a-z\d]+){{0,3}}?"
    rf"(?:,\s+(?:{_SMALL}|one|[1-9])\s+[a-z]+(?:\s+[a-z\d]+){{0,3}}?){{0,8}},?\s+and\s+(?:{_SMALL}|one|[1-9])\s+[a-z][^.;:\n]{{0,40}})(?=[.;\n]|$)",
    re.IGNORECASE,
)
_ABOVE: Final = re.compile(
    rf"\b(?:the|these|those)\s+(?P<number>{_SMALL}|[2-9])\s+(?P<thing>[a-z]+s)\s+(?:above|listed above)\b",
    re.IGNORECASE,
)
_BELOW: Final = re.compile(
    rf"\b(?P<number>{_SMALL}|[2-9])\s+(?P<thing>[a-z]+(?:\s+[a-z]+){{0,4}}?)\s*:[ ]*\n+(?P<items>(?:[ ]*(?:[-*•]|\d+[.)])[ ][^\n]*\n?)+)",
    re.IGNORECASE,
)
_ITEM: Final = re.compile(r"^[ ]*(?:[-*•]|\d+[.)])[ ]", re.MULTILINE)
_RUN_OF_ITEMS: Final = re.compile(r"(?:^[ ]*(?:[-*•]|\d+[.)])[ ][^\n]*\n?)+", re.MULTILINE)
_COUNTED: Final = re.compile(rf"(?:{_SMALL}|one|[1-9])\b", re.IGNORECASE)
_MASS: Final = frozenset(
    ("minutes", "hours", "days", "weeks", "months", "years", "times", "percent", "euros", "dollars")
)
_PARTIAL: Final = re.compile(
    r"\b(?:than|least|most|about|around|over|under|only|another|other|first|last|nearly|some)\s+$", re.IGNORECASE
)
_MOST_WORDS: Final = 6  # an item that is longer is a clause, whose commas count nothing


def check_announced(subject: Subject) -> Iterator[Violation]:
    """Lists that are longer or shorter than they are said to be."""
    text = subject.text
    for match in _ANNOUNCED.finditer(text):
        if not _PARTIAL.search(text, max(0, match.start() - 10), match.start()):
            yield from _in_words(match)
    for match in _INLINE_SUM.finditer(text):
        yield from _summed(match)
    for match in _BELOW.finditer(text):
        yield from _counted(match, len(_ITEM.findall(match["items"])), match.end("thing"))
    runs = list(_RUN_OF_ITEMS.finditer(text))
    for match in _ABOVE.finditer(text):
        before = [run for run in runs if run.end() <= match.start()]
        if before:
            yield from _counted(match, len(_ITEM.findall(before[-1][0])), match.end())


def _in_words(match: re.Match[str]) -> Iterator[Violation]:
    items = _items(match["list"])
    if items is None or all(_COUNTED.match(item) for item in items):
        return
    if match["thing"].split()[-1].lower() in _MASS and match["thing"].lower() != "times":
        return
    if not re.search(r"s\b|people|children|men|women|criteria|species|series", match["thing"], re.IGNORECASE):
        return
    yield from _counted(match, len(items), match.end("list"))


def _items(listed: str) -> list[str] | None:
    """The parts of "a, b and c"; None when it is no such list."""
    parts = [
        part.strip() for part in re.split(r",\s*(?:and|or)\s+|,\s+|\s+(?:and|or)\s+", listed.strip()) if part.strip()
    ]
    last_joined = re.search(r"(?:,|\s)\s*(?:and|or)\s+[^,]+$", listed) is not None
    ands = len(re.findall(r"\s(?:and|or)\s", listed))
    if not last_joined or ands > 1 or len(parts) < 2 or any(len(part.split()) > _MOST_WORDS for part in parts):
        return None
    return parts


def _summed(match: re.Match[str]) -> Iterator[Violation]:
    """ "six chargers: two on level one and three on level two"."""
    starts = re.findall(rf"(?:^|,\s+(?:and\s+)?|\band\s+)({_SMALL}|one|[1-9])\b", match["list"], re.IGNORECASE)
    numbers = [whole_number(start) or 0 for start in starts]
    if len(numbers) >= 2 and match["thing"].lower() not in ("times", "percent"):
        yield from _counted(match, sum(numbers), match.end("list"))


def _counted(match: re.Match[str], actual: int, end: int) -> Iterator[Violation]:
    said = whole_number(match["number"])
    if said is not None and said != actual and actual >= 2:
        message = f"“{match['number']} {match['thing']}” are announced, and {actual} are given."
        yield Violation("announced-number", (match.start(), end), "consistency", "major", message, "", 0.85)
