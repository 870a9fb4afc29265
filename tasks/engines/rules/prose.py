"""Sentences and numbers in running text, as the rules need them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

Span = tuple[int, int]

_END: Final = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s+[\"'“‘(\[]*[A-Z0-9ÄÖÜÉ])|[.!?…]+[\"'”’)\]]*(?=\s*$)")
_BLOCK_END: Final = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*•|>#]|\d+[.)]\s))")
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|etc|al|Mr|Mrs|Ms|Dr|Prof|St|Fig|Figs|Eq|No|Nos|Vol|pp|ca|approx|Inc|Ltd|Co|Jr|Sr|Sec|Ch)"
    r"|\b[A-Z])$"
)
_WRAPPED_CHARS: Final = 50  # a shorter line was ended on purpose, not wrapped

_FROM_ZERO: Final = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty
"""
_TENS: Final = "thirty forty fifty sixty seventy eighty ninety hundred"
NUMBER_WORDS: Final = {word: number for number, word in enumerate(_FROM_ZERO.split())} | {
    word: 10 * number for number, word in enumerate(_TENS.split(), 3)
}


def sentences_of(text: str) -> list[Span]:
    """The sentences' spans, in order; headings, list items and table rows count as their own."""
    found: list[Span] = []
    for start, end in _blocks(text):
        found.extend(_sentences_within(text, start, end))
    return found


def _blocks(text: str) -> list[Span]:
    cuts = [0, *(m.end() for m in _BLOCK_END.finditer(text)), *_short_line_ends(text), len(text)]
    ordered = sorted(set(cuts))
    return list(pairwise(ordered))


def _short_line_ends(text: str) -> list[int]:
    ends, start = [], 0
    for match in re.finditer(r"\n", text):
        if match.start() - start < _WRAPPED_CHARS:
            ends.append(match.end())
        start = match.end()
    return ends


def _sentences_within(text: str, start: int, end: int) -> list[Span]:
    found: list[Span] = []
    begin = start
    for match in _END.finditer(text, start, end):
        if match[0] == "." and _ABBREVIATION.search(text, max(begin, match.start() - 12), match.start()):
            continue
        found.append(_trimmed(text, begin, match.end()))
        begin = match.end()
    found.append(_trimmed(text, begin, end))
    return [span for span in found if span[0] < span[1]]


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def word_count(text: str) -> int:
    """Words that have a letter or a digit."""
    return sum(1 for word in text.split() if any(c.isalnum() for c in word))


def whole_number(text: str) -> int | None:
    """``12``, ``1,200`` or ``twelve`` as a number; None for anything else."""
    plain = text.replace(",", "")
    return int(plain) if plain.isdigit() else NUMBER_WORDS.get(text.lower())
