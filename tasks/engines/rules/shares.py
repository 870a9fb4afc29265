"""Percentages that two counts of the same sentence contradict: shares, and differences without "from … to"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tasks.engines.rules.figures import (
    FRACTION,
    FRACTION_SLACK,
    MAX_SENTENCE_CHARS,
    NUMBER,
    PERCENT,
    fits,
    is_rough,
    percent_of,
    spoken,
    value_of,
)
from tasks.engines.rules.prose import NUMBER_WORDS, sentences_of
from tasks.engines.rules.rule import Subject, Violation

_SMALL: Final = "|".join(word for word, number in NUMBER_WORDS.items() if 0 < number <= 20)
_OR: Final = rf"\s*(?:\(\s*|,\s*)(?:or |that is |which is |i\.e\.,? |an? (?:rate|share) of )?{PERCENT}(?!\s*(?:more|less|above|below|higher|lower|points?))"
_PART_OF_WHOLE: Final = (
    # "40 of 90 bookings a week are not used, or 55%"
    re.compile(
        rf"(?P<part>{NUMBER}|\b(?:{_SMALL}))\s+(?:out\s+)?of\s+(?:the\s+|all\s+)?(?P<whole>{NUMBER}|\b(?:{_SMALL})\b)"
        rf"(?!\s*%)[^.;()%\d]{{0,60}}?{_OR}",
        re.IGNORECASE,
    ),
    # "Of 250 employees, 200 answered the survey (75%)"
    re.compile(
        rf"\b[Oo]f\s+(?:the\s+|all\s+)?(?P<whole>{NUMBER})(?!\s*%)[^.;()%\d]{{1,60}}?,?\s+(?P<part>{NUMBER})(?!\s*%)"
        rf"[^.;()%\d]{{0,60}}?{_OR}"
    ),
    # "The garage has 320 spaces, of which 80 (20%) are reserved"
    re.compile(
        rf"(?P<whole>{NUMBER})(?!\s*%)[^.;()%\d]{{1,40}}?,?\s+of\s+(?:which|them|these|whom)\s+(?P<part>{NUMBER})(?!\s*%)"
        rf"[^.;()%\d]{{0,40}}?{_OR}"
    ),
)
_IN_WORDS: Final = rf"(?:,\s*(?:or |that is |which is )?(?:about )?|\s*\()(?P<share>{FRACTION})(?:\s+of\s+(?:them|all|the total))?(?=\s*[.;,)]|\s*$)"
_SHARE_IN_WORDS: Final = (
    # "2,400 nights, of which 600 were free, a third of them"
    re.compile(
        rf"(?P<whole>{NUMBER})(?!\s*%)[^.;()%\d]{{1,40}}?,?\s+of\s+(?:which|them|these|whom)\s+(?P<part>{NUMBER})(?!\s*%)"
        rf"[^.;()%\d]{{0,40}}?{_IN_WORDS}",
        re.IGNORECASE,
    ),
    # "Of the 40 moorings 10 were empty, a third"
    re.compile(
        rf"\bof\s+(?:the\s+|all\s+)?(?P<whole>{NUMBER})(?!\s*%)[^.;()%\d]{{1,60}}?,?\s+(?P<part>{NUMBER})(?!\s*%)"
        rf"[^.;()%\d]{{0,60}}?{_IN_WORDS}",
        re.IGNORECASE,
    ),
    # "Half of the 90 members, that is 50"
    re.compile(
        rf"(?P<share>{FRACTION})\s+of\s+(?:the\s+|all\s+|our\s+)?(?P<whole>{NUMBER})(?!\s*%)[^.;()%\d]{{1,40}}?,\s*"
        rf"(?:that is|or|which is)\s+(?P<part>{NUMBER})(?!\s*%)",
        re.IGNORECASE,
    ),
)
_RISE: Final = r"increase|rise|growth|gain|improvement|jump|surge|plus"
_FALL: Final = r"decrease|fall|drop|reduction|decline|saving|cut|minus"
_CHANGE: Final = re.compile(
    # "900 calls in week 20 and 1,080 in week 21, an increase of 18%"
    rf"(?P<before>{NUMBER})(?!\s*%)[^.;%]{{1,60}}?\b(?:and|then|but)\s+(?P<after>{NUMBER})(?!\s*%)[^.;%]{{0,40}}?,\s+"
    rf"(?:which is |that is )?(?:an?|this)\s+(?P<way>{_RISE}|{_FALL})\s+(?:of|by)\s+{PERCENT}"
)
_COMPARED: Final = re.compile(
    # "1,500 pages, 10% more than the 1,200 pages of the year before"
    rf"(?P<this>{NUMBER})(?!\s*%)[^.;%\d]{{1,50}}?,?\s+{PERCENT}\s+(?P<way>more|less|fewer|higher|lower|above|below)"
    rf"(?:\s+than)?\s+(?:the\s+|its\s+|our\s+)?(?P<other>{NUMBER})(?!\s*%)"
)
_BOUNDS: Final = re.compile(
    # "The cheapest is 70,000 euros, the most expensive 84,000 euros, 25% more"
    rf"(?P<other>{NUMBER})(?!\s*%)[^.;%\d]{{1,60}}?(?P<this>{NUMBER})(?!\s*%)[^.;%\d]{{0,20}}?,\s+{PERCENT}\s+"
    rf"(?P<way>more|less|fewer|higher|lower)(?=\s*[.;,)]|\s*$)"
)


def check_shares(subject: Subject) -> Iterator[Violation]:
    """Shares and differences that do not follow from the two counts beside them."""
    for start, end in sentences_of(subject.text):
        if end - start > MAX_SENTENCE_CHARS:
            continue
        sentence = subject.text[start:end]
        yield from _shares(sentence, start)
        yield from _shares_in_words(sentence, start)
        yield from _differences(sentence, start)


def _shares(sentence: str, offset: int) -> Iterator[Violation]:
    for pattern in _PART_OF_WHOLE:
        for match in pattern.finditer(sentence):
            part, whole = value_of(match["part"]), value_of(match["whole"])
            if 0 < part <= whole and not _is_right(match, sentence, part / whole * 100):
                message = (
                    f"{spoken(part)} of {spoken(whole)} is {spoken(part / whole * 100)} %, not {match['percent']} %."
                )
                yield _violation("percentage-share", match, offset, message)


def _shares_in_words(sentence: str, offset: int) -> Iterator[Violation]:
    for pattern in _SHARE_IN_WORDS:
        for match in pattern.finditer(sentence):
            part, whole = value_of(match["part"]), value_of(match["whole"])
            if 0 < part <= whole and abs(part / whole * 100 - percent_of(match["share"])) > FRACTION_SLACK:
                message = f"{spoken(part)} of {spoken(whole)} is {spoken(part / whole * 100)} %, not {match['share']}."
                yield _violation("percentage-share", match, offset, message)


def _differences(sentence: str, offset: int) -> Iterator[Violation]:
    for pattern, names in (
        (_CHANGE, ("before", "after")),
        (_COMPARED, ("other", "this")),
        (_BOUNDS, ("other", "this")),
    ):
        for match in pattern.finditer(sentence):
            base, other = (value_of(match[name]) for name in names)
            if base <= 0 or other <= 0:
                continue
            actual = (other - base) / base * 100
            falls = re.fullmatch(rf"{_FALL}|less|fewer|lower|below", match["way"]) is not None
            if (actual < 0) != falls or not _is_right(match, sentence, abs(actual)):
                way = "less" if actual < 0 else "more"
                message = f"{spoken(other)} is {spoken(abs(actual))} % {way} than {spoken(base)}."
                yield _violation("percentage-difference", match, offset, message)


def _is_right(match: re.Match[str], sentence: str, actual: float) -> bool:
    roughly = is_rough(sentence, match.start("percent"))
    return fits(float(match["percent"]), actual, len(match["decimals"] or ""), roughly=roughly)


def _violation(rule: str, match: re.Match[str], offset: int, message: str) -> Violation:
    span = (offset + match.start(), offset + match.end())
    return Violation(rule, span, "accuracy", "major", message, "", 0.9)
