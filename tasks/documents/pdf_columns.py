"""Columns whose rows were drawn across, put into the order in which they are read. Pure rules over places.

Most programs write one column after the other, and the order of the file is that of reading. Some write row by row
over the whole page; then each row holds a line of every column. A table looks alike, and is read row by row. What
tells them apart is that lines of running text go on in the middle of a sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median

from tasks.documents.pdf_lines import PdfLine, Row

LEAST_LINES = 4
"""Of each column."""
LEAST_CHARS = 15
"""Of the median line of a column: the cells of most tables are shorter."""
LEAST_RUNNING = 0.3
"""So many lines of a column begin in the middle of a sentence, with a small letter."""
MOST_ACROSS = 0.4
"""So many lines of a page, titles and such, may stand over both columns."""
LEAST_SWITCHES = 3
"""So often does a page go from one column to the other and back that is written row by row."""
_SLACK = 2.0
_MOST_BEGINS = 12
"""So many places where lines begin are looked at; a page of columns has one for each, and some for indents."""
_DEEPEST = 3
"""So often may columns be cut in two."""


def in_reading_order(rows: Sequence[Row]) -> list[PdfLine]:
    """The lines of a page: as they come, or column by column where they were drawn across columns."""
    cut = _cut_rows(rows)
    pieces = [piece for row in cut for piece in row]
    gutter = _gutter_of(pieces)
    if gutter is None or _switches(pieces, gutter) < LEAST_SWITCHES:
        return [row.whole for row in rows]
    return list(_by_column(pieces, _DEEPEST))


def _cut_rows(rows: Sequence[Row]) -> list[tuple[PdfLine, ...]]:
    """The pieces of the rows; of what stands apart above and below them, as headers do, the whole."""
    cut = [row.pieces for row in rows]
    for edge, beside in ((0, 1), (-1, -2)) if len(rows) > 1 else ():
        apart = abs(rows[edge].whole.top - rows[beside].whole.top)
        if apart > 2 * rows[edge].whole.size and len(cut[edge]) > 1:
            cut[edge] = (_over_all(rows[edge]),)
    return cut


def _over_all(row: Row) -> PdfLine:
    first, last = row.pieces[0], row.pieces[-1]
    return PdfLine(row.whole.text, first.page, first.left, first.top, first.size, first.bold, last.right)


def _gutter_of(pieces: Sequence[PdfLine]) -> float | None:
    """Where the right one of two columns begins; None when there are no two columns of running text."""
    begins = Counter(round(piece.left) for piece in pieces)
    best: tuple[int, float] | None = None
    for left, count in begins.most_common(_MOST_BEGINS):
        if count >= LEAST_LINES:
            sides = Counter(_side_of(piece, left) for piece in pieces)
            few = sides[None] <= MOST_ACROSS * len(pieces)
            if few and sides[0] >= LEAST_LINES and (best is None or sides[None] < best[0]):
                best = (sides[None], left)
    if best is None:
        return None
    columns = [[piece for piece in pieces if _side_of(piece, best[1]) == side] for side in (0, 1)]
    return best[1] if all(map(_is_running_text, columns)) else None


def _side_of(piece: PdfLine, gutter: float) -> int | None:
    """0: left of the gutter, 1: right of it, None: over it."""
    if piece.left >= gutter - _SLACK:
        return 1
    return 0 if piece.right <= gutter else None


def _is_running_text(column: Sequence[PdfLine]) -> bool:
    if len(column) < LEAST_LINES or median(len(line.text) for line in column) < LEAST_CHARS:
        return False
    return sum(line.text[0].islower() for line in column) >= LEAST_RUNNING * len(column)


def _switches(pieces: Sequence[PdfLine], gutter: float) -> int:
    """How often the file goes back from the right column to the left one."""
    sides = [side for piece in pieces if (side := _side_of(piece, gutter)) is not None]
    return sum(before > after for before, after in pairwise(sides))


def _by_column(pieces: Sequence[PdfLine], deepest: int) -> Iterator[PdfLine]:
    """From the top down; between what stands over both columns the left one, then the right one."""
    gutter = _gutter_of(pieces) if deepest else None
    ordered = sorted(pieces, key=lambda piece: (-round(piece.top), piece.left))
    if gutter is None:
        yield from ordered
        return
    for is_across, band in groupby(ordered, key=lambda piece: _side_of(piece, gutter) is None):
        here = list(band)
        if is_across:
            yield from here
            continue
        for side in (0, 1):
            yield from _by_column([piece for piece in here if _side_of(piece, gutter) == side], deepest - 1)
