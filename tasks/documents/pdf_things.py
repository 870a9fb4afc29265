"""What is drawn on a PDF's page, in the order in which it is drawn."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pypdfium2 import raw

MAX_DEPTH = 4
"""Forms within forms that are looked into."""
OPAQUE = 250
_RECTANGLE_SEGMENTS = 6
"""A rectangle has five, however it is written; what has more need not cover all of its box."""
_CLIP_POINTS = 100


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the page, in points."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def area(self) -> float:
        """In square points."""
        return max(self.right - self.left, 0) * max(self.top - self.bottom, 0)

    def holds(self, other: Box, slack: float = 0.5) -> bool:
        """Whether the other lies within this one, but for ``slack`` points."""
        return (
            self.left - slack <= other.left
            and other.right <= self.right + slack
            and self.bottom - slack <= other.bottom
            and other.top <= self.top + slack
        )

    def meets(self, other: Box) -> bool:
        """Whether they share some of the page."""
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )


@dataclass(frozen=True, slots=True)
class Thing:
    """Text, a picture, a path or a shading. ``scale`` is what the forms around it make of a point; what is within
    a form has its place from the form's matrix."""

    item: Any
    kind: int
    box: Box
    scale: float = 1

    @property
    def fill(self) -> tuple[int, int, int, int] | None:
        """Red, green, blue and alpha of what it is filled with, from 0 to 255; None for patterns."""
        channels = [ctypes.c_uint() for _ in range(4)]
        if not raw.FPDFPageObj_GetFillColor(self.item, *channels):
            return None
        red, green, blue, alpha = (channel.value for channel in channels)
        return red, green, blue, alpha

    @property
    def letter_height(self) -> float:
        """The size of a text's font as drawn, in points."""
        size, matrix = ctypes.c_float(), raw.FS_MATRIX()
        raw.FPDFTextObj_GetFontSize(self.item, size)
        raw.FPDFPageObj_GetMatrix(self.item, matrix)
        return abs(size.value) * math.hypot(matrix.c, matrix.d) * self.scale

    @property
    def is_shade(self) -> bool:
        """Whether it may make the page behind a text dark: anything but text, and but paths filled with white."""
        if self.kind == raw.FPDF_PAGEOBJ_TEXT:
            return False
        fill = self.fill if self.kind == raw.FPDF_PAGEOBJ_PATH else None
        return fill is None or min(fill[:3]) < OPAQUE

    @property
    def is_filled_box(self) -> bool:
        """Whether it is a rectangle that hides whatever it is drawn over."""
        if self.kind != raw.FPDF_PAGEOBJ_PATH or raw.FPDFPath_CountSegments(self.item) > _RECTANGLE_SEGMENTS:
            return False
        mode, stroked = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(self.item, mode, stroked)
        fill = self.fill
        return bool(mode.value) and fill is not None and fill[3] >= OPAQUE and self.is_opaque

    @property
    def is_opaque(self) -> bool:
        """Whether nothing shines through by the way it is mixed with what lies below it."""
        return not raw.FPDFPageObj_HasTransparency(self.item)


def things_on(page: Any, most: int) -> list[Thing]:
    """What is drawn, the lowest first; at most so many."""
    found: list[Thing] = []
    for number in range(raw.FPDFPage_CountObjects(page)):
        for thing in _things_of(raw.FPDFPage_GetObject(page, number), (1, 0, 0, 1, 0, 0), 0):
            found.append(thing)
            if len(found) >= most:
                return found
    return found


_Matrix = tuple[float, float, float, float, float, float]


def _things_of(item: Any, around: _Matrix, depth: int) -> Iterator[Thing]:
    kind = raw.FPDFPageObj_GetType(item)
    if kind != raw.FPDF_PAGEOBJ_FORM:
        yield Thing(item, kind, _box_of(item, around), math.hypot(around[2], around[3]))
    elif depth < MAX_DEPTH:
        own = raw.FS_MATRIX()
        raw.FPDFPageObj_GetMatrix(item, own)
        within = _joined((own.a, own.b, own.c, own.d, own.e, own.f), around)
        for number in range(raw.FPDFFormObj_CountObjects(item)):
            yield from _things_of(raw.FPDFFormObj_GetObject(item, number), within, depth + 1)


def _joined(inner: _Matrix, outer: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _box_of(item: Any, around: _Matrix) -> Box:
    """Where it may be seen: its bounds, less what its clip paths cut off."""
    edges = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(item, *edges)
    left, bottom, right, top = (edge.value for edge in edges)
    clip = raw.FPDFPageObj_GetClipPath(item)
    for number in range(raw.FPDFClipPath_CountPaths(clip)):
        if points := _points_of(clip, number):
            xs, ys = zip(*points, strict=True)
            left, right = max(left, min(xs)), min(right, max(xs))
            bottom, top = max(bottom, min(ys)), min(top, max(ys))
    return _moved(left, bottom, right, top, around)


def _points_of(clip: Any, number: int) -> list[tuple[float, float]]:
    x, y = ctypes.c_float(), ctypes.c_float()
    points = []
    for index in range(min(raw.FPDFClipPath_CountPathSegments(clip, number), _CLIP_POINTS)):
        if raw.FPDFPathSegment_GetPoint(raw.FPDFClipPath_GetPathSegment(clip, number, index), x, y):
            points.append((x.value, y.value))
    return points


def _moved(left: float, bottom: float, right: float, top: float, by: _Matrix) -> Box:
    a, b, c, d, e, f = by
    xs, ys = zip(*((a * x + c * y + e, b * x + d * y + f) for x in (left, right) for y in (bottom, top)), strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))
