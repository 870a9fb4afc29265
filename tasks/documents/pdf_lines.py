"""The lines of a PDF's pages: text, place and size, as pdfium sees them."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

_LINE_END_HYPHEN = "\ufffe"
"""What pdfium writes where a word was divided at the end of a line."""
_RIGHT_TO_LEFT = re.compile("[\u05d0-\u05ea\u0620-\u064a\u0671-\u06d3\ufb1d-\ufdff\ufe70-\ufefc]")
"""Letters of Hebrew and Arabic, without their vowel signs."""
_OF_SYMBOL_FONT = re.compile("[\ue000-\uf8ff]")
_SPACE = re.compile(r"(?<=\S)\s+(?=\S)")
_WIDE_GAP = 0.8
"""Of the height of the letters. A space is a quarter of it."""
_SAMPLED_ROWS = 8
_LEAST_STEP = 0.75
"""Of the height of the letters: lines of one column are further apart."""
_BOLD_WEIGHT = 600
_NAME_BYTES = 128


@dataclass(frozen=True)
class PdfLine:
    """A line. Places are points from the page's lower left corner, the page turned so that the line is level;
    ``size`` is the height of its font's box in points, which follows the letters as drawn, unlike the font
    size that the file states. ``right`` is where its last letter ends, if that was looked for."""

    text: str
    page: int
    left: float
    top: float
    size: float
    bold: bool
    right: float = 0


@dataclass(frozen=True)
class Row:
    """What stands at one height, and the same cut at its wide gaps: the cells of a table's row, or lines of columns."""

    whole: PdfLine
    pieces: tuple[PdfLine, ...]


def read_rows(page: Any, number: int) -> list[Row]:
    """The rows of one page, in the file's order. They are in one piece on a page where nothing looks like columns:
    to look for gaps takes longer than to read the page."""
    text_page = page.get_textpage()
    try:
        written = [each for each in _written(text_page, number) if each.whole.text]
        sample = written[:: max(len(written) // _SAMPLED_ROWS, 1)]
        if _is_written_across(written) or any(len(list(_pieces(text_page, each))) > 1 for each in sample):
            return [Row(each.whole, tuple(_pieces(text_page, each))) for each in written]
        return [Row(each.whole, (each.whole,)) for each in written]
    finally:
        text_page.close()


@dataclass(frozen=True)
class _Written:
    """A line as pdfium has it: what it writes, where that begins in its count of characters, and what is read."""

    text: str
    position: int
    whole: PdfLine


def _written(text_page: Any, number: int) -> Iterator[_Written]:
    position = 0
    for line in text_page.get_text_range().split("\n"):
        indent = len(line) - len(line.lstrip())
        read = _mend_ligatures(text_page, position, line) if _RIGHT_TO_LEFT.search(line) else line
        yield _Written(line, position, _measure(text_page, position + indent, _clean(read), number))
        # pdfium counts UTF-16 units, and the line end that was split off.
        position += len(line.encode("utf-16-le", "surrogatepass")) // 2 + 1


def _is_written_across(written: Sequence[_Written]) -> bool:
    """Whether lines again and again are hardly lower than the one before, as when two columns are written in turn."""
    lines = [each.whole for each in written]
    level = sum(before.top - line.top < line.size * _LEAST_STEP for before, line in pairwise(lines))
    return level >= max(_SAMPLED_ROWS // 2, len(lines) // 4)


def _pieces(text_page: Any, written: _Written) -> Iterator[PdfLine]:
    """The line cut where letters are further apart than words are. What reads from the right, or is turned, is one
    piece, and its right end is not looked for."""
    line, whole = written.text, written.whole
    units = _units_of(line, written.position)
    first = raw.FPDFText_GetCharIndexFromTextIndex(text_page, units[len(line) - len(line.lstrip())])
    if not whole.text or _RIGHT_TO_LEFT.search(line) or first < 0 or _quarter_turns(text_page, first):
        yield whole
        return
    cuts = [0]
    for space in _SPACE.finditer(line):
        before, after = (_edges(text_page, units[at]) for at in (space.start() - 1, space.end()))
        # A step back happens where pdfium takes lines that are hardly lower for one.
        if before and after and not -whole.size < after[0] - before[1] <= whole.size * _WIDE_GAP:
            cuts.append(space.end())
    for start, end in pairwise([*cuts, len(line)]):
        text = line[start:end]
        piece = _measure(text_page, units[start + len(text) - len(text.lstrip())], _clean(text), whole.page)
        edges = _edges(text_page, units[start + max(len(text.rstrip()), 1) - 1])
        if piece.text:
            yield replace(piece, right=edges[1] if edges else piece.left)


def _units_of(line: str, position: int) -> Sequence[int]:
    """Where each of its characters, and what follows it, is in pdfium's count of UTF-16 units."""
    if line.isascii():
        return range(position, position + len(line) + 1)
    return list(accumulate((1 + (char > "\uffff") for char in line), initial=position))


def _edges(text_page: Any, text_index: int) -> tuple[float, float] | None:
    """The left and right edge of a character's letter; None when it has none."""
    index = raw.FPDFText_GetCharIndexFromTextIndex(text_page, text_index)
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if index < 0 or not raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
        return None
    return left.value, right.value


def _mend_ligatures(text_page: Any, position: int, line: str) -> str:
    """The line with the letters of its ligatures in order.

    pdfium turns a line that reads from the right around letter by letter. The letters that one sign stands for,
    such as lam and alef, were in order before that. They can be told by having one place.
    """
    written: list[str] = []
    before = None
    start = 0
    for char in line:
        place = _origin(text_page, position) if _RIGHT_TO_LEFT.match(char) else None
        if place is None or place != before:
            start = len(written)
        written.insert(start if place is not None and place == before else len(written), char)
        before = place
        position += len(char.encode("utf-16-le", "surrogatepass")) // 2
    return "".join(written)


def _origin(text_page: Any, text_index: int) -> tuple[float, float] | None:
    """Where a character is drawn; None when it is not drawn at all."""
    index = raw.FPDFText_GetCharIndexFromTextIndex(text_page, text_index)
    x, y = ctypes.c_double(), ctypes.c_double()
    if index < 0 or not raw.FPDFText_GetCharOrigin(text_page, index, x, y):
        return None
    return x.value, y.value


def _clean(line: str) -> str:
    """The line without pdfium's marks, and a divided word in one."""
    before, *rest = line.split(_LINE_END_HYPHEN)
    for part in rest:
        before += part if part[:1].islower() else f"-{part}"
    plain = before.isprintable()  # nearly always, and a hundred times faster than to look at each character
    shown = (before if plain else "".join(char for char in before if char == "\t" or char.isprintable())).strip()
    # Symbol fonts number their signs as they like. At the beginning of a line it is a bullet, whatever it looks like.
    return f"• {shown}" if _OF_SYMBOL_FONT.match(before.lstrip()) and shown else shown


def _measure(text_page: Any, text_index: int, text: str, number: int) -> PdfLine:
    index = raw.FPDFText_GetCharIndexFromTextIndex(text_page, text_index)
    box = raw.FS_RECTF()
    if index < 0 or not raw.FPDFText_GetLooseCharBox(text_page, index, box):
        return PdfLine(text, number, 0, 0, 0, bold=False)
    left, top, height = _turned(box, _quarter_turns(text_page, index))
    return PdfLine(text, number, left, top, round(height, 1), bold=_is_bold(text_page, index))


def _quarter_turns(text_page: Any, index: int) -> int:
    """How often the line is turned to the left by 90 degrees: pages that are read from the side are written so."""
    angle: float = raw.FPDFText_GetCharAngle(text_page, index)
    return round(angle / (math.pi / 2)) % 4


def _turned(box: Any, turns: int) -> tuple[float, float, float]:
    """Left, top and height of a box, as somebody sees them who has turned the page with the line."""
    match turns:
        case 1:
            return box.bottom, -box.left, box.right - box.left
        case 2:
            return -box.right, -box.bottom, box.top - box.bottom
        case 3:
            return -box.top, box.right, box.right - box.left
        case _:
            return box.left, box.top, box.top - box.bottom


def _is_bold(text_page: Any, index: int) -> bool:
    name, flags = ctypes.create_string_buffer(_NAME_BYTES), ctypes.c_int()
    raw.FPDFText_GetFontInfo(text_page, index, name, _NAME_BYTES, flags)
    return b"bold" in name.value.lower() or raw.FPDFText_GetFontWeight(text_page, index) >= _BOLD_WEIGHT


def open_pdf(data: bytes) -> Any:
    """The file as pdfium opens it.

    Raises:
        pypdfium2.PdfiumError: damaged or locked; see `is_locked`.
    """
    return pdfium.PdfDocument(data)


def is_locked(error: pdfium.PdfiumError) -> bool:
    """Whether pdfium asks for a password, or for a kind of lock it does not know."""
    return error.err_code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}
