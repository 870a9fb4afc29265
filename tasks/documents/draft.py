"""What a format's parser hands over: headed stretches of text, not yet numbered or cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from tasks.contract.documents import HiddenKind

BEGINNING = "Beginning"
WHOLE_DOCUMENT = "Whole document"
MAX_TITLE_CHARS = 300
"""A longer "heading" is a paragraph in the wrong style, and is read as text."""


@dataclass(frozen=True)
class Draft:
    """A title, its level (0: before the first heading) and the text below it.

    ``start`` is where the text begins in its source, in code points, for the formats whose source is text.
    """

    title: str
    level: int
    text: str
    start: int = field(default=0, compare=False)


@dataclass(frozen=True)
class HeadingLines:
    """A heading is written on the lines ``first`` up to ``end`` (exclusive)."""

    title: str
    level: int
    first: int
    end: int


@dataclass(frozen=True)
class Hidden:
    """Text that a reader of the file does not see. ``near`` is what can be seen around it."""

    kind: HiddenKind
    text: str
    near: str = ""


@dataclass(frozen=True)
class Reading:
    """A whole document as drafts, with what a person should know about how it was read. Two are equal when
    they read alike: comments, which are among what is hidden, change nothing in that."""

    drafts: tuple[Draft, ...]
    warnings: tuple[str, ...] = ()
    hidden: tuple[Hidden, ...] = field(default=(), compare=False)


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
        return (replace(kept[0], title=WHOLE_DOCUMENT),)
    return tuple(kept)


def split_lines(lines: Sequence[str], headings: Sequence[HeadingLines]) -> tuple[Draft, ...]:
    """The lines cut at their headings, in order; each text is a stretch of ``"\\n".join(lines)``."""
    starts = [HeadingLines(BEGINNING, 0, 0, 0), *headings]
    ends = [heading.first for heading in headings] + [len(lines)]
    offsets = list(accumulate((len(line) + 1 for line in lines), initial=0))
    return drop_blank_beginning(
        _draft_of(heading, "\n".join(lines[heading.end : end]), offsets[heading.end])
        for heading, end in zip(starts, ends, strict=True)
    )


def _draft_of(heading: HeadingLines, below: str, offset: int) -> Draft:
    text = below.lstrip("\n")
    return Draft(heading.title, heading.level, text.rstrip("\n"), offset + len(below) - len(text))
