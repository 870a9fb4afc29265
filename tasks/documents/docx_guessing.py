"""Headings in Word files whose writer knew no heading styles: by bold, by size, or by number.

Each way is tried only when the one before finds nothing, and believed only where most of the lines found have
text below them. A list typed with numbers would otherwise be cut at each of its items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from tasks.documents.docx_styles import Styles
from tasks.documents.docx_text import Line
from tasks.documents.plain_headings import MIN_HEADINGS, heading_level, mostly

MAX_HEADING_CHARS: Final = 80
LARGER: Final = 1.12
"""Letters of a heading are at least this much higher than the usual ones, as in a PDF."""
_MAX_LEVEL: Final = 6
_TOLD: Final = "The document has no headings in heading styles; {} were taken as headings."

Levels = Mapping[int, int]
"""Index of a line -> level."""


def guess_headings(lines: Sequence[Line], styles: Styles) -> tuple[list[Line], str | None]:
    """The lines with the guessed headings among them, and a word that says how they were found."""
    short = [index for index, line in enumerate(lines) if _could_be_heading(line)]
    usual = _usual_size(lines, styles)
    bold = [index for index in short if all(map(styles.is_bold, lines[index].runs))]
    larger = [index for index in short if _size(lines[index], styles) > usual * LARGER]
    ways: list[tuple[str, Levels]] = [
        ("lines in bold", _ranked(bold, lines, styles)),
        ("lines in larger letters", _ranked(larger, lines, styles)),
        ("numbered lines", _numbered(short, lines)),
    ]
    for what, levels in ways:
        if levels and _have_text(levels, lines):
            found = [replace(line, level=levels.get(index, 0)) for index, line in enumerate(lines)]
            return found, _TOLD.format(what)
    return list(lines), None


def _could_be_heading(line: Line) -> bool:
    text = line.text.strip()
    return line.kind == "paragraph" and bool(line.runs) and len(text) <= MAX_HEADING_CHARS and text[-1] not in ".,;!"


def _size(line: Line, styles: Styles) -> int:
    """The size of the smallest letters of a line."""
    return min(map(styles.size_of, line.runs))


def _usual_size(lines: Sequence[Line], styles: Styles) -> int:
    sizes: Counter[int] = Counter()
    for line in lines:
        if line.runs:
            sizes[_size(line, styles)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0


def _ranked(found: Sequence[int], lines: Sequence[Line], styles: Styles) -> Levels:
    """The lines with levels by size, the largest first."""
    sizes = {index: _size(lines[index], styles) for index in found}
    ranks = sorted(set(sizes.values()), reverse=True)
    return {index: min(ranks.index(size) + 1, _MAX_LEVEL) for index, size in sizes.items()}


def _numbered(short: Sequence[int], lines: Sequence[Line]) -> Levels:
    levels = {index: heading_level(lines[index].text.strip()) for index in short}
    found = {index: level for index, level in levels.items() if level}
    return found if len(found) >= MIN_HEADINGS else {}


def _have_text(levels: Levels, lines: Sequence[Line]) -> bool:
    """Most have; the last line of a document has nothing below it."""
    return mostly(index + 1 < len(lines) and index + 1 not in levels for index in levels)
