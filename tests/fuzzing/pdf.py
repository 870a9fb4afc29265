"""Damage done to PDF files: to numbers, names, objects and bytes."""

from __future__ import annotations

import re
from typing import Final

from tests.fuzzing.chance import NASTY_NUMBERS, Chance

_NUMBER: Final = re.compile(rb"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
_NAME: Final = re.compile(rb"/[A-Za-z0-9]+")
_OBJECT: Final = re.compile(rb"\d+ 0 obj\n.*?\nendobj\n", re.S)
_PIECES: Final = (
    *(
        b"<<",
        b">>",
        b"[",
        b"]",
        b"(",
        b")",
        b"<",
        b">",
        b"endobj",
        b"stream\n",
        b"endstream",
        b"null",
        b"true",
        b"R",
        b"obj",
    ),
    *(
        b"BT",
        b"ET",
        b"Tj",
        b"q",
        b"Q",
        b"cm",
        b"/F1 1e9 Tf",
        b"Do",
        b"BI ID EI",
        b"-0.0001",
        b"0 0 0 0 0 0 cm",
        b"/Rotate 90",
    ),
)


def damage_pdf(data: bytes, other: bytes, chance: Chance) -> bytes:
    """The file with damage of some kind; objects may come from the ``other`` one."""
    for _ in chance.times(5):
        way = chance.random()
        if way < 0.35:
            data = _replace(data, _NUMBER, lambda: chance.one_of(NASTY_NUMBERS).encode(), chance)
        elif way < 0.5:
            names = _NAME.findall(data) or [b"/X"]
            data = _replace(data, _NAME, lambda n=names: chance.one_of(n), chance)  # type: ignore[misc]
        elif way < 0.65:
            objects = _OBJECT.findall(other) or [b""]
            data = _replace(data, _OBJECT, lambda o=objects: chance.one_of(o), chance)  # type: ignore[misc]
        elif way < 0.8:
            place = chance.randrange(len(data) + 1)
            data = data[:place] + b" " + chance.one_of(_PIECES) + b" " + data[place:]
        else:
            data = chance.damage(data)
    return data


def _replace(data: bytes, pattern: re.Pattern[bytes], make: object, chance: Chance) -> bytes:
    """One match of the pattern replaced by what is made."""
    assert callable(make)
    found = list(pattern.finditer(data))
    if not found:
        return data
    match = chance.one_of(found)
    return data[: match.start()] + bytes(make()) + data[match.end() :]
