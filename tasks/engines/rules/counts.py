"""The same thing counted twice, with two results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from tasks.contract.documents import Section
from tasks.engines.rules.prose import NUMBER_WORDS, whole_number
from tasks.engines.rules.rule import Subject, Violation

_COUNT: Final = rf"((?<![\d,.])\d[\d,]{{0,14}}|{'|'.join(NUMBER_WORDS)})"
_THING: Final = r"((?:[a-z-]+\s+)??[a-z]{2,}[a-rt-z]s)\b"
_TOTALS: Final = re.compile(
    # only what claims to be all of them: "five users left" and "two users stayed" do not conflict
    rf"\b(?:a total of|in total,?|in all,?|all(?: of the)?|the|our|these|consists? of|comprises?|there (?:are|were)|"
    rf"(?:we|study|team|authors?|survey) "
    rf"(?:interviewed|surveyed|conducted|analy[sz]ed|examined|tested|included|covers?)|"
    rf"sample of|with all)\s+{_COUNT}\s+{_THING}",
    re.IGNORECASE,
)
_PREDICATES: Final = re.compile(
    # the same thing done to differing numbers: "three services were affected", "four services were affected"
    rf"\b{_COUNT}\s+{_THING}\s+(?:were|are|(?:have|had) been)\s+([a-z]+(?:ed|en|wn))\b",
    re.IGNORECASE,
)
_MENTIONS: Final = re.compile(rf"\b{_COUNT}\s+{_THING}", re.IGNORECASE)
_WHOLE: Final = re.compile(
    # what speaks of all of them again, so that an earlier number of them should be the same
    rf"\b(?P<how>a total of|in total,?|in all,?|all(?: of)?(?: the)?|each of the|(?:of )?the|sample of|(?:study|survey) (?:included|covered|covers))\s+{_COUNT}\s+{_THING}",
    re.IGNORECASE,
)
_NARROWED: Final = re.compile(r",?\s+(?:that|which|who|whose|in|of|with|from|for|on|at|above|below|named|called)\b")
_PARTIAL: Final = re.compile(
    r"\b(?:other|others|remaining|first|last|next|another|only|least|most|than|further|additional|more|about|around|"
    r"over|under|nearly|almost|some|of)\s+$",
    re.IGNORECASE,
)
_PART_OF_THEM: Final = frozenset(("more", "other", "further", "additional", "different", "new"))
_UNITS: Final = """
seconds minutes hours days weeks months quarters years decades points times dollars euros pounds miles metres meters
kilometres kilometers percents degrees grams bytes words pages others ways parts sides
"""
_MEASURES: Final = frozenset(_UNITS.split())


class _Count(NamedTuple):
    section_id: str
    title: str
    thing: str
    key: str  # what must agree: the thing, or the thing and what was done to it
    number: int
    start: int
    end: int
    said: str


def check_counts(subject: Subject) -> Iterator[Violation]:
    """A total that differs from the first total of the same thing. The later place is reported."""
    first: dict[str, _Count] = {}
    told: set[int] = set()
    for count in _totals(subject.sections):
        known = first.setdefault(count.key, count)
        if known.number != count.number and count.section_id == subject.section.section_id:
            told.add(count.start)
            yield _conflict(count, known)
    yield from _taken_up_again(subject, told)


def _taken_up_again(subject: Subject, told: set[int]) -> Iterator[Violation]:
    """ "Three students were hired. Each of the four students …": a number taken up again as another one.

    Only where the document has named one number of them before, and this one never: two servers of six
    have been introduced when a text goes on with the two servers.
    """
    for count in _wholes_in(subject.section):
        before = [
            m for m in _mentions(subject.sections) if m.thing == count.thing and _stands_before(m, count, subject)
        ]
        numbers = {m.number for m in before}
        if len(numbers) != 1 or count.number in numbers:
            continue
        first = before[0]
        if count.start not in told:
            yield _conflict(count, first)


def _stands_before(mention: _Count, count: _Count, subject: Subject) -> bool:
    if mention.section_id == count.section_id:
        return mention.start < count.start
    return any(mention.section_id == section.section_id for section in subject.earlier)


@lru_cache(maxsize=4)  # all sections of one document are reviewed one after another
def _mentions(sections: tuple[Section, ...]) -> tuple[_Count, ...]:
    return tuple(count for section in sections for count in _counted_in(section, _MENTIONS, "mention"))


def _wholes_in(section: Section) -> Iterator[_Count]:
    for match in _WHOLE.finditer(section.text):
        how = match["how"].lower().rstrip(",")
        grand = not how.endswith("the") or how.startswith(("all", "each"))
        if not grand and _NARROWED.match(section.text, match.end()):
            continue  # "the two servers in the cellar" are not all of them
        yield from _count_of(section, match, 2, "whole")


def _counted_in(section: Section, pattern: re.Pattern[str], key: str) -> Iterator[_Count]:
    for match in pattern.finditer(section.text):
        yield from _count_of(section, match, 1, key)


def _count_of(section: Section, match: re.Match[str], at: int, key: str) -> Iterator[_Count]:
    """The count whose number is the group numbered ``at``, with its thing in the next one."""
    number, words = whole_number(match[at]), match[at + 1].lower().split()
    if number is None or number < 2 or words[-1] in _MEASURES or words[0] in _PART_OF_THEM:
        return
    start = match.start(at)
    if not _PARTIAL.search(section.text, max(0, start - 14), start):
        span = (start, match.end(at + 1))
        yield _Count(section.section_id, section.title, words[-1], key, number, *span, match[0])


@lru_cache(maxsize=4)  # all sections of one document are reviewed one after another
def _totals(sections: tuple[Section, ...]) -> tuple[_Count, ...]:
    return tuple(count for section in sections for count in _totals_in(section))


def _totals_in(section: Section) -> Iterator[_Count]:
    for pattern in (_TOTALS, _PREDICATES):
        for match in pattern.finditer(section.text):
            number, words = whole_number(match[1]), match[2].lower().split()
            if number is None or number < 2 or words[-1] in _MEASURES or words[0] in _PART_OF_THEM:
                continue
            if _PARTIAL.search(section.text, max(0, match.start() - 14), match.start()):
                continue
            key = " ".join((words[-1], *match.groups()[2:]))
            said, span = match[0], (match.start(1), match.end(2))
            yield _Count(section.section_id, section.title, words[-1], key.lower(), number, *span, said)


def _conflict(count: _Count, known: _Count) -> Violation:
    where = "earlier here" if known.section_id == count.section_id else f"in “{known.title}”"
    return Violation(
        "conflicting-counts",
        (count.start, count.end),
        "consistency",
        "major",
        f"Here it is {count.number} {count.thing}, {where} it is {known.number}.",
        f"The other place says “{known.said}”.",
        0.7,
    )
