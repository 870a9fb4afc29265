"""What a format's parser hands over: headed stretches of text, not yet numbered or cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BEGINNING = "Beginning"
WHOLE_DOCUMENT = "Whole document"
MAX_TITLE_CHARS = 300
"""A longer "heading" is a paragraph in the wrong style, and is read as text."""


@dataclass(frozen=True)
class Draft:
    """A title, its level (0: before the first heading) and the text below it."""

    title: str
    level: int
    text: str


@dataclass(frozen=True)
class Reading:
    """A whole document as drafts, with what a person should know about how it was read."""

    drafts: tuple[Draft, ...]
    warnings: tuple[str, ...] = ()


def is_title(text: str) -> bool:
    """Whether a heading's text can serve as a title."""
    return 0 < len(text.strip()) <= MAX_TITLE_CHARS


def tidy_title(text: str) -> str:
    """A title on one line with single spaces."""
    return " ".join(text.split())


def drop_blank_beginning(drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """The drafts without an empty stretch before the first heading, and with that stretch named.

    Headings without text stay: they are part of the document's structure.
    """
    kept = [draft for draft in drafts if draft.level or draft.text.strip()]
    if len(kept) == 1 and kept[0].level == 0:
        return (Draft(WHOLE_DOCUMENT, 0, kept[0].text),)
    return tuple(kept)
