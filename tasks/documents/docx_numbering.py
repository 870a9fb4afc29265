"""The markers that Word draws before list items and numbered headings, counted as Word counts them."""

from __future__ import annotations

import re
from collections import defaultdict

from tasks.documents.docx_names import Element, number_of, value_of, w

BULLET = "-"
_PLACE = re.compile(r"%([1-9])")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN_ONES = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_MAX_ROMAN = 3999


class Numbering:
    """Counts along the document: ask for each paragraph once, in order."""

    def __init__(self, root: Element | None) -> None:
        nums = [] if root is None else root.findall(w("num"))
        abstracts = [] if root is None else root.findall(w("abstractNum"))
        self._abstracts = {number_of(found, "abstractNumId"): found for found in abstracts}
        self._nums = {number_of(found, "numId"): found for found in nums}
        self._counters: defaultdict[int, dict[int, int]] = defaultdict(dict)

    def marker(self, num_id: int, level: int) -> str:
        """The marker of the next item, such as ``-``, ``3.`` or ``2.1``; empty when none is drawn."""
        num = self._nums.get(num_id)
        abstract = None if num is None else self._abstracts.get(number_of(num.find(w("abstractNumId"))))
        if num is None or abstract is None:
            return BULLET
        counters = self._count(num, abstract, level)
        shape = _level(num, abstract, level)
        if shape is None or _format(shape) == "bullet":
            return BULLET
        text = value_of(shape.find(w("lvlText"))) or ""
        return _PLACE.sub(lambda place: self._number(num, abstract, int(place[1]) - 1, counters), text).strip()

    def _count(self, num: Element, abstract: Element, level: int) -> dict[int, int]:
        """Count one item: its level goes up by one, deeper levels begin anew."""
        shared = num.find(w("lvlOverride")) is None
        owner = abstract if shared else num
        counters = self._counters[id(owner)]
        counters[level] = counters.get(level, _start(num, abstract, level) - 1) + 1
        for deeper in [other for other in counters if other > level]:
            del counters[deeper]
        return counters

    def _number(self, num: Element, abstract: Element, level: int, counters: dict[int, int]) -> str:
        value = counters.get(level, _start(num, abstract, level))
        return write_number(value, _format(_level(num, abstract, level)))


def _level(num: Element, abstract: Element, level: int) -> Element | None:
    """The definition of a level: the list's own, or else that of the family it belongs to."""
    for override in num.findall(w("lvlOverride")):
        own = override.find(w("lvl"))
        if number_of(override, "ilvl") == level and own is not None:
            return own
    return next((found for found in abstract.findall(w("lvl")) if number_of(found, "ilvl") == level), None)


def _start(num: Element, abstract: Element, level: int) -> int:
    for override in num.findall(w("lvlOverride")):
        start = number_of(override.find(w("startOverride")))
        if number_of(override, "ilvl") == level and start is not None:
            return start
    shape = _level(num, abstract, level)
    start = None if shape is None else number_of(shape.find(w("start")))
    return 1 if start is None else start


def _format(shape: Element | None) -> str:
    return "decimal" if shape is None else value_of(shape.find(w("numFmt"))) or "decimal"


def write_number(value: int, number_format: str) -> str:
    """A count in one of Word's number formats; formats not known here are written as digits."""
    if number_format == "none":
        return ""
    if number_format in {"lowerLetter", "upperLetter"} and 0 < value <= 260:
        letters = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letters if number_format == "lowerLetter" else letters.upper()
    if number_format in {"lowerRoman", "upperRoman"} and 0 < value <= _MAX_ROMAN:
        roman = _write_roman(value)
        return roman if number_format == "lowerRoman" else roman.upper()
    return str(value)


def _write_roman(value: int) -> str:
    text = ""
    for size, letters in (*_ROMAN, *_ROMAN_ONES):
        text += letters * (value // size)
        value %= size
    return text
