"""Sentences that are too long, and sentences that stand twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from tasks.contract.documents import Section
from tasks.contract.findings import Suggestion, normalize_quote
from tasks.engines.rules.prose import Span, sentences_of, word_count
from tasks.engines.rules.rule import Subject, Violation

LONG_WORDS: Final = 40
VERY_LONG_WORDS: Final = 60
_LEFT_OVER: Final = re.compile(r"^(?:TODO|TBD|TBA|TBC|FIXME|XXX)\b:?\s*")
REPEATED_WORDS: Final = 5  # shorter ones repeat for good reasons


def check_length(subject: Subject) -> Iterator[Violation]:
    """Sentences of more than 40 words."""
    for start, end in sentences_of(subject.text):
        words = word_count(subject.text[start:end])
        if words > LONG_WORDS and "|" not in subject.text[start:end]:  # a row of a table is no sentence
            yield _too_long((start, end), words)


def _too_long(span: Span, words: int) -> Violation:
    return Violation(
        "long-sentence",
        span,
        "clarity",
        "major" if words > VERY_LONG_WORDS else "minor",
        f"This sentence has {words} words; split it.",
        f"Readers lose the thread in sentences of more than {LONG_WORDS} words.",
        0.8,
    )


def check_repetition(subject: Subject) -> Iterator[Violation]:
    """Sentences that the document has said before, word for word."""
    seen = {said: section.title for section in subject.earlier for said, _ in _said(section)}
    for said, span in _said(subject.section):
        if said in seen:
            yield _repeated(span, seen[said], subject.section.title)
        seen.setdefault(said, subject.section.title)


@lru_cache(maxsize=256)  # the sections before are looked at again for each one after
def _said(section: Section) -> tuple[tuple[str, Span], ...]:
    spans = sentences_of(section.text)
    sentences = [(_LEFT_OVER.sub("", section.text[start:end]), (start, end)) for start, end in spans]
    return tuple((normalize_quote(s), span) for s, span in sentences if word_count(s) >= REPEATED_WORDS)


def _repeated(span: Span, where: str, here: str) -> Violation:
    return Violation(
        "repeated-sentence",
        span,
        "structure",
        "minor",
        "This sentence stands a second time." if where == here else f"This sentence already stands in “{where}”.",
        "",
        0.95,
        Suggestion(kind="delete"),
    )
