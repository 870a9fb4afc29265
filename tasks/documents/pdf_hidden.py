"""Text of a PDF that its readers do not see: in the colour of the page, tiny, without colour, outside of the page,
under something.

Much of that is honest, and is left alone: recognised text has no colour, or lies under the picture of its page;
white letters stand on something dark; marks for printers stand outside of the page.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pypdfium2 import raw

from tasks.contract.documents import HiddenKind
from tasks.documents.draft import Hidden
from tasks.documents.pdf_things import OPAQUE, Box, Thing, things_on

MAX_THINGS = 5_000
"""Of a page. What has more is a drawing, and its first ones are looked at."""
MAX_HIDDEN_CHARS = 1_000
TINY_POINTS = 2.0
_WHITE = 0xF0
_FAINT = 8
"""Of 255: paint that lets so much through is none."""
_PICTURE_OF_A_PAGE = 0.5
"""A picture of at least this share of a page is a scan, and what lies under it is what was read from it."""
_LOOKS = 20
"""Pictures of a page that are looked at for holes: each has to be unpacked."""
_LEAST_OUTSIDE = 5
"""Words. A file's name, a date and "cut here" are for printers."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_GRID = 5


@dataclass(frozen=True, slots=True)
class _Sight:
    """A page as it is seen."""

    document: Any
    page: Any
    box: Box
    things: Sequence[Thing]


def find_hidden(document: Any, page: Any) -> list[Hidden]:
    """The hidden text of one page, as pdfium has opened it."""
    things = things_on(page, MAX_THINGS)
    sight = _Sight(document, page, Box(*page.get_bbox()), things)
    kinds = _kinds_of(sight)
    if not kinds:
        return []
    text_page = page.get_textpage()
    try:
        return [each for each in _joined(things, kinds, text_page) if _is_told(each)]
    finally:
        text_page.close()


def _kinds_of(sight: _Sight) -> dict[int, HiddenKind]:
    """Index of a thing -> how its text is hidden."""
    covered = _covered(sight)
    found: dict[int, HiddenKind] = {}
    for index, thing in enumerate(sight.things):
        if thing.kind == raw.FPDF_PAGEOBJ_TEXT and thing.box.area:
            kind = _kind_of(sight, index, thing) or ("covered" if index in covered else None)
            if kind is not None:
                found[index] = kind
    return found


def _kind_of(sight: _Sight, index: int, thing: Thing) -> HiddenKind | None:
    if not sight.box.meets(thing.box):
        return "outside"
    mode, fill = raw.FPDFTextObj_GetTextRenderMode(thing.item), thing.fill
    filled = mode == raw.FPDF_TEXTRENDERMODE_FILL and fill is not None
    if mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE or (filled and fill and fill[3] < _FAINT):
        return None if _is_recognised(sight, thing) else "invisible"
    if thing.letter_height <= TINY_POINTS:
        return "tiny"
    if filled and fill and min(fill[:3]) >= _WHITE and not _may_be_on_dark(sight, index, thing):
        return "white"
    return None


def _is_recognised(sight: _Sight, thing: Thing) -> bool:
    """Whether there is a picture where the text is: then it is what was read from that picture."""
    return any(each.kind == raw.FPDF_PAGEOBJ_IMAGE and each.box.meets(thing.box) for each in sight.things)


def _may_be_on_dark(sight: _Sight, index: int, thing: Thing) -> bool:
    return any(each.box.meets(thing.box) and each.is_shade for each in sight.things[:index])


def _covered(sight: _Sight) -> set[int]:
    """The texts over which something was drawn through which nothing shines."""
    looks, above, found = _LOOKS, list[Thing](), set[int]()
    for index in range(len(sight.things) - 1, -1, -1):
        thing = sight.things[index]
        if thing.kind != raw.FPDF_PAGEOBJ_TEXT:
            if thing.is_filled_box or _is_small_picture(sight, thing):
                above.append(thing)
            continue
        for cover in above:
            if cover.box.holds(thing.box) and (cover.kind != raw.FPDF_PAGEOBJ_IMAGE or looks > 0):
                looks -= cover.kind == raw.FPDF_PAGEOBJ_IMAGE
                if cover.kind != raw.FPDF_PAGEOBJ_IMAGE or _is_whole(sight, cover, thing.box):
                    found.add(index)
                    break
    return found


def _is_small_picture(sight: _Sight, thing: Thing) -> bool:
    small = thing.box.area < sight.box.area * _PICTURE_OF_A_PAGE
    return thing.kind == raw.FPDF_PAGEOBJ_IMAGE and small and thing.is_opaque


def _is_whole(sight: _Sight, picture: Thing, place: Box) -> bool:
    """Whether the picture has no holes at that place, as a stamp or a signature has."""
    bitmap = raw.FPDFImageObj_GetRenderedBitmap(sight.document, sight.page, picture.item)
    if not bitmap:
        return False
    try:
        if raw.FPDFBitmap_GetFormat(bitmap) != raw.FPDFBitmap_BGRA:
            return True
        width, height = raw.FPDFBitmap_GetWidth(bitmap), raw.FPDFBitmap_GetHeight(bitmap)
        stride = raw.FPDFBitmap_GetStride(bitmap)
        pixels = ctypes.cast(raw.FPDFBitmap_GetBuffer(bitmap), ctypes.POINTER(ctypes.c_ubyte))
        columns = _spread(place.left, place.right, picture.box.left, picture.box.right, width)
        rows = _spread(-place.top, -place.bottom, -picture.box.top, -picture.box.bottom, height)
        return all(pixels[row * stride + column * 4 + 3] >= OPAQUE for row in rows for column in columns)
    finally:
        raw.FPDFBitmap_Destroy(bitmap)


def _spread(first: float, last: float, start: float, end: float, count: int) -> list[int]:
    """Pixels of ``count`` between ``start`` and ``end`` that lie evenly between ``first`` and ``last``."""
    places = (first + (last - first) * (n + 0.5) / _GRID for n in range(_GRID))
    return [min(max(int((place - start) / (end - start) * count), 0), count - 1) for place in places]


def _joined(things: Sequence[Thing], kinds: dict[int, HiddenKind], text_page: Any) -> Iterator[Hidden]:
    """Texts that are hidden alike, one after the other, as one."""
    texts = [index for index, thing in enumerate(things) if thing.kind == raw.FPDF_PAGEOBJ_TEXT]
    for kind, group in groupby(texts, key=kinds.get):
        if kind is not None:
            yield Hidden(kind, _text_of((things[index] for index in group), text_page)[:MAX_HIDDEN_CHARS])


def _text_of(things: Iterable[Thing], text_page: Any) -> str:
    text, before = "", None
    for thing in things:
        said = _said(thing, text_page)
        apart = before is not None and _are_apart(before.box, thing.box)
        text += f" {said.lstrip()}" if apart and not text.endswith(" ") else said
        before = thing
        if len(text) > MAX_HIDDEN_CHARS:
            break
    return " ".join(text.split())


def _are_apart(before: Box, box: Box) -> bool:
    """Whether one is on another line, or after a space."""
    height = max(before.top - before.bottom, box.top - box.bottom)
    return abs(before.bottom - box.bottom) > height / 2 or box.left - before.right > height / 6


def _said(thing: Thing, text_page: Any) -> str:
    size = raw.FPDFTextObj_GetText(thing.item, text_page, None, 0)
    written = ctypes.create_string_buffer(max(size, 2))
    raw.FPDFTextObj_GetText(thing.item, text_page, ctypes.cast(written, ctypes.POINTER(ctypes.c_ushort)), size)
    return written.raw[:size].decode("utf-16-le", "replace").rstrip("\0")


def _is_told(hidden: Hidden) -> bool:
    return bool(hidden.text) and (hidden.kind != "outside" or len(_WORD.findall(hidden.text)) >= _LEAST_OUTSIDE)
