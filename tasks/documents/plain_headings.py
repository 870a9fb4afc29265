"""Headings in text that has no markup: guessed, and only where the guess is nearly safe.

A line of its own counts as a heading when it is underlined, numbered ("2.1 Scope", "II. Methods", "第二章"),
or in capitals. A single such line proves nothing, so that fewer than two leave the text whole; and most must
have text below them, because a list with space between its items looks the same otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tasks.documents.draft import Draft, HeadingLines, split_lines, tidy_title

MAX_HEADING_CHARS = 80
MIN_HEADINGS = 2

_NUMBERED = re.compile(r"(?:(?:chapter|section|part|appendix)\s+)?(\d{1,2}(?:\.\d{1,2}){0,4})[.):]?\s+[^\W\d_]", re.I)
_ROMAN = re.compile(r"[IVX]{1,6}[.)]\s+[^\W\d_]")
_CHINESE = re.compile(r"第[0-9〇零一二三四五六七八九十百]{1,6}(?:([编編章部])|[节節])(?:\s|$)")
_UNDERLINE = re.compile(r"(=|-|~){3,}\s*")
_SENTENCE_END = (".", ",", ";", ":", "?", "!")


def split_plain_text(text: str) -> tuple[Draft, ...]:
    """The text cut at its guessed headings, or whole."""
    lines = text.split("\n")
    headings = _find_headings(lines)
    if len(headings) < MIN_HEADINGS or not _have_text(lines, headings):
        headings = []
    return split_lines(lines, headings)


def _have_text(lines: list[str], headings: list[HeadingLines]) -> bool:
    ends = [heading.first for heading in headings[1:]] + [len(lines)]
    filled = (
        any(line.strip() for line in lines[heading.end : end]) for heading, end in zip(headings, ends, strict=True)
    )
    return mostly(filled)


def mostly(filled: Iterable[bool]) -> bool:
    """Whether at least half of the guessed headings have text below them."""
    known = list(filled)
    return 2 * sum(known) >= len(known)


def _find_headings(lines: list[str]) -> list[HeadingLines]:
    found = (_heading_at(lines, index) for index in range(len(lines)))
    return [heading for heading in found if heading is not None]


def _heading_at(lines: list[str], index: int) -> HeadingLines | None:
    line = lines[index].strip()
    if not 0 < len(line) <= MAX_HEADING_CHARS or not _is_blank(lines, index - 1):
        return None
    if _is_underlined(lines, index):
        level = 1 if lines[index + 1].startswith("=") else 2
        return HeadingLines(tidy_title(line), level, index, index + 2)
    level = heading_level(line) if _is_blank(lines, index + 1) else 0
    return HeadingLines(tidy_title(line), level, index, index + 1) if level else None


def heading_level(line: str) -> int:
    """The level of a line that stands alone, from its number or its capitals; 0 when it is no heading."""
    if line.endswith(_SENTENCE_END):
        return 0
    numbered = _NUMBERED.match(line)
    if numbered:
        return numbered[1].count(".") + 1
    chinese = _CHINESE.match(line)
    if chinese:
        return 1 if chinese[1] else 2
    if _ROMAN.match(line):
        return 1
    letters = [char for char in line if char.isalpha()]
    return 1 if len(letters) >= 4 and all(char.isupper() for char in letters) else 0


def _is_blank(lines: list[str], index: int) -> bool:
    return not 0 <= index < len(lines) or not lines[index].strip()


def _is_underlined(lines: list[str], index: int) -> bool:
    if index + 1 >= len(lines) or not _UNDERLINE.fullmatch(lines[index + 1]):
        return False
    return any(char.isalnum() for char in lines[index])
