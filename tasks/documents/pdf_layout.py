"""From lines on pages to headings and paragraphs: pure rules over places and sizes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tasks.documents.draft import BEGINNING, Draft, drop_blank_beginning, tidy_title
from tasks.documents.pdf_lines import PdfLine
from tasks.documents.plain_headings import MIN_HEADINGS, heading_level

HAIR = 1.05
LARGER = 1.12
"""A heading's letters are at least this much higher than the body's."""
MAX_HEADING_CHARS = 160
MAX_LEVELS = 6
PARAGRAPH_GAP = 1.25
"""A step down this much larger than the usual one begins a paragraph."""
WIDEST_STEP = 2.5
"""Letter heights from line to line. Lines further apart, as on a page of single lines, tell nothing."""
REPEATED_SHARE = 0.4
"""Left and right pages often have headers of their own, which are on half of them each."""
MIN_REPEATED_PAGES = 3
SHORT_LINE = 0.7
"""A line this much shorter than a full one did not run on into the next: the end of a paragraph, a row."""

_BULLET = re.compile(r"[•▪◦‣●○■–*-]\s|\(?(?:\d{1,2}|[a-z])[.)]\s")
_SENTENCE_END = re.compile(r"[.!?:。！？][\"'”’)\]]*$")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Measure:
    """What is usual in this document: the body's letter size and the step from line to line, in points;
    the characters of a full line."""

    size: float
    step: float
    chars: int


def even_sizes(lines: Sequence[PdfLine]) -> list[PdfLine]:
    """The lines with sizes that differ by a hair made the same, the most usual of them."""
    usual: Counter[float] = Counter()
    for line in lines:
        usual[line.size] += len(line.text)
    groups: list[list[float]] = []
    for size in sorted(usual):
        if groups and size <= groups[-1][0] * HAIR:
            groups[-1].append(size)
        else:
            groups.append([size])
    evened = {size: max(group, key=lambda one: usual[one]) for group in groups for size in group}
    return [replace(line, size=evened[line.size]) for line in lines]


def drop_repeated(lines: Sequence[PdfLine]) -> list[PdfLine]:
    """The lines without page headers and footers.

    Those are first or last lines that many pages share, but for digits, in one place and in letters no
    larger than the body's: "Chapter 1", "Chapter 2" on top of pages are headings.
    """
    pages = _by_page(lines)
    if len(pages) < MIN_REPEATED_PAGES:
        return list(lines)
    counts = Counter(key for page in pages.values() for key in {_edge_key(page[0]), _edge_key(page[-1])})
    largest = measure(lines).size * LARGER
    repeated = {key for key, count in counts.items() if count >= max(len(pages) * REPEATED_SHARE, 2)}
    return [line for page in pages.values() for line in _without_edges(page, repeated, largest)]


def _by_page(lines: Iterable[PdfLine]) -> dict[int, list[PdfLine]]:
    pages: dict[int, list[PdfLine]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    return pages


def _edge_key(line: PdfLine) -> tuple[str, int]:
    return _DIGITS.sub("0", line.text), round(line.top / 4)


def _without_edges(page: list[PdfLine], repeated: set[tuple[str, int]], largest: float) -> list[PdfLine]:
    def goes(line: PdfLine) -> bool:
        return line.size <= largest and _edge_key(line) in repeated

    return page[goes(page[0]) : len(page) - goes(page[-1])]


def measure(lines: Sequence[PdfLine]) -> Measure:
    """The most usual letter size, weighed by characters, and the most usual step at that size."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    size = sizes.most_common(1)[0][0] if sizes else 0
    steps = Counter(
        round(before.top - after.top)
        for before, after in pairwise(lines)
        if before.page == after.page and before.size == after.size == size and before.top - after.top > size / 2
    )
    lengths = sorted(len(line.text) for line in lines if line.size == size)
    full = lengths[len(lengths) * 9 // 10] if lengths else 0
    step = steps.most_common(1)[0][0] if steps else 0
    return Measure(size, step if 0 < step <= size * WIDEST_STEP else size * 1.2, full)


def find_headings(lines: Sequence[PdfLine], usual: Measure) -> dict[int, int]:
    """Index of a line -> level. By size; without larger lines, by bold; without those, by number or capitals."""
    larger = {i: line.size for i, line in enumerate(lines) if line.size > usual.size * LARGER and _is_short(line)}
    if larger:
        ranks = sorted(set(larger.values()), reverse=True)
        return {i: min(ranks.index(size) + 1, MAX_LEVELS) for i, size in larger.items()}
    bold = {i: 1 for i, line in enumerate(lines) if line.bold and _is_short(line) and not line.text.endswith(".")}
    if MIN_HEADINGS <= len(bold) < len(lines) / 2:
        return bold
    levels = {i: heading_level(line.text) for i, line in enumerate(lines) if _stands_apart(lines, i, usual)}
    found = {i: level for i, level in levels.items() if level}
    return found if len(found) >= MIN_HEADINGS else {}


def _is_short(line: PdfLine) -> bool:
    return len(line.text) <= MAX_HEADING_CHARS and any(char.isalpha() for char in line.text)


def _stands_apart(lines: Sequence[PdfLine], index: int, usual: Measure) -> bool:
    """Whether there is more than a line's space above the line."""
    if index == 0 or lines[index - 1].page != lines[index].page:
        return True
    return lines[index - 1].top - lines[index].top > usual.step * PARAGRAPH_GAP


def split_lines(lines: Sequence[PdfLine]) -> tuple[Draft, ...]:
    """The sections of a document."""
    usual = measure(lines)
    levels = find_headings(lines, usual)
    starts = [i for i in sorted(levels) if not _continues_heading(lines, i, levels, usual)]
    ends = [*starts, len(lines)]
    beginning = Draft(BEGINNING, 0, write_paragraphs(lines[: ends[0]], usual))
    sections = (_read_section(lines[start:end], usual, levels[start]) for start, end in pairwise(ends))
    return drop_blank_beginning([beginning, *sections])


def _read_section(lines: Sequence[PdfLine], usual: Measure, level: int) -> Draft:
    """A heading of one or more lines, and the text below it."""
    rows = 1
    while rows < len(lines) and _is_second_row(lines[rows - 1], lines[rows], usual):
        rows += 1
    title = tidy_title(" ".join(line.text for line in lines[:rows]))
    return Draft(title, level, write_paragraphs(lines[rows:], usual))


def _continues_heading(lines: Sequence[PdfLine], index: int, levels: dict[int, int], usual: Measure) -> bool:
    """Whether a heading is a further row of the heading right above it."""
    return index > 0 and index - 1 in levels and _is_second_row(lines[index - 1], lines[index], usual)


def _is_second_row(before: PdfLine, line: PdfLine, usual: Measure) -> bool:
    """Whether two large lines of one size stand directly below each other."""
    if line.size != before.size or line.page != before.page or line.size <= usual.size * LARGER:
        return False
    return _is_short(before) and _is_short(line) and 0 <= before.top - line.top <= line.size * 1.35


def write_paragraphs(lines: Sequence[PdfLine], usual: Measure) -> str:
    """The lines as running text: paragraphs apart, list items below each other."""
    text = lines[0].text if lines else ""
    for before, line in pairwise(lines):
        text += _separator(before, line, usual) + line.text
    return text


def _separator(before: PdfLine, line: PdfLine, usual: Measure) -> str:
    if _BULLET.match(line.text) and _is_new_line(before, line, usual):
        return "\n"
    if _begins_paragraph(before, line, usual):
        return "\n\n"
    ran_on = len(before.text) >= usual.chars * SHORT_LINE or line.text[:1].islower()
    return " " if ran_on or not _is_new_line(before, line, usual) else "\n"


def _is_new_line(before: PdfLine, line: PdfLine, usual: Measure) -> bool:
    return before.page != line.page or abs(before.top - line.top) > usual.size / 2


def _begins_paragraph(before: PdfLine, line: PdfLine, usual: Measure) -> bool:
    ended = _SENTENCE_END.search(before.text) is not None
    if before.page != line.page or before.top < line.top - usual.size:
        return ended  # over a page's or a column's end a sentence may go on
    indented = ended and line.left > before.left + usual.size / 2
    return indented or before.top - line.top > usual.step * PARAGRAPH_GAP
