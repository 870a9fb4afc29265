"""Finds the passages of a document that match a question, by BM25 over sentences.

Okapi BM25 with the usual k1 = 1.5 and b = 0.75 (Robertson and Zaragoza, 2009).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tasks.contract.documents import Section
from tasks.engines.rules.prose import sentences_of, word_count

_K1: Final = 1.5
_B: Final = 0.75
_NEARER: Final = 1.5  # so that the section wins among equals, and a better passage elsewhere still comes first
_LEAST_WORDS: Final = 4  # a heading answers no question
_WORD: Final = re.compile(r"[^\W_]+")
_STOP_WORDS: Final = """
a about all an and any are as at be been but by can could did do does for from had has have how i if in into is it
its me my no not of on or our say says she should so some such tell than that the their them then there these they
this those to us was we were what when where which who whom whose why will with would you your document text
"""
_STOP: Final = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence of a section; offsets are code points of its text, end exclusive."""

    section: Section
    start: int
    end: int

    @property
    def quote(self) -> str:
        """Its words."""
        return self.section.text[self.start : self.end]


def find_passages(
    question: str, sections: Iterable[Section], count: int = 3, about: Section | None = None
) -> list[Passage]:
    """Up to ``count`` passages that share words with the question, the best first. Those of the section
    that the question is ``about`` count for more.

    What a document says twice is found once: the same words again would answer nothing more.
    """
    wanted = set(_terms(question))
    passages = [p for section in sections for p in _passages(section)]
    bags = [Counter(_terms(f"{p.section.title} {p.quote}")) for p in passages]
    weights = _weights(wanted, bags)
    average = sum(bag.total() for bag in bags) / max(1, len(bags))
    scored = [
        (_score(bag, weights, average) * (_NEARER if passages[i].section == about else 1.0), i)
        for i, bag in enumerate(bags)
    ]
    best = sorted((s for s in scored if s[0] > 0), key=lambda s: (-s[0], s[1]))
    found: dict[str, Passage] = {}
    for _, i in best:
        found.setdefault(_words_of(passages[i].quote), passages[i])
    return list(found.values())[:count]


def _words_of(quote: str) -> str:
    return " ".join(quote.split()).casefold()


def _passages(section: Section) -> list[Passage]:
    spans = sentences_of(section.text)
    return [Passage(section, a, b) for a, b in spans if word_count(section.text[a:b]) >= _LEAST_WORDS]


def _terms(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text.casefold()) if word not in _STOP]


def _stem(word: str) -> str:
    """Plurals and simple endings off, so that "risks" finds "risk" and "delayed" finds "delays"."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def _weights(wanted: set[str], bags: list[Counter[str]]) -> dict[str, float]:
    found = {term: sum(term in bag for bag in bags) for term in wanted}
    return {term: math.log(1 + (len(bags) - n + 0.5) / (n + 0.5)) for term, n in found.items() if n}


def _score(bag: Counter[str], weights: dict[str, float], average: float) -> float:
    length = _K1 * (1 - _B + _B * bag.total() / max(1.0, average))
    return sum(weight * bag[term] * (_K1 + 1) / (bag[term] + length) for term, weight in weights.items() if bag[term])
