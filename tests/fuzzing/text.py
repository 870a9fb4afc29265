"""Damage done to texts: to lines, to markup, to encodings."""

from __future__ import annotations

from typing import Final

from tests.fuzzing.chance import NASTY_TEXTS, Chance

_MARKUP: Final = (
    *(
        "#",
        "# ",
        "###### x ######",
        "===",
        "---",
        "+++",
        "```",
        "~~~",
        "> ",
        "- ",
        "1. ",
        "    ",
        "\t",
        "<!--",
        "-->",
        "<div>",
    ),
    *(
        "[a]: <b> 'c'",
        "[^1]",
        "![",
        "](",
        "`",
        "``",
        "*",
        "__",
        "\\",
        "&amp;",
        "&#0;",
        "| - |",
        "$$",
        "\r",
        "\r\n",
        "\f",
        "\v",
    ),
    *("\u2028", "\x85", "\x00", "\x1b", "\ufeff", "第一章 x", "I. X", "CHAPTER 1", "1.2.3.4.5.6 x", "-" * 70),
)
_ENCODINGS: Final = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-32",
    "cp1252",
    "shift_jis",
    "koi8-r",
    "utf-7",
    "cp037",
)
_MOST_CHARS: Final = 10_000_000
"""Half of what an upload may have: fifty times fifty times a long line would fill the memory before it is read."""


def damage_text(data: bytes, other: bytes, chance: Chance) -> bytes:
    """The text with damage of some kind; lines may come from the ``other`` one."""
    lines = data.decode("utf-8", "replace").split("\n")
    donor = other.decode("utf-8", "replace").split("\n")
    for _ in chance.times(12):
        if sum(map(len, lines)) > _MOST_CHARS:
            break
        place = chance.randrange(len(lines))
        way = chance.random()
        if way < 0.2:
            lines[place:place] = donor[chance.randrange(len(donor)) :][: chance.randint(1, 8)]
        elif way < 0.35:
            del lines[place : place + chance.randint(1, 3)]
            lines = lines or [""]
        elif way < 0.5:
            lines[place:place] = lines[place : place + 4] * chance.one_of((1, 2, 50))
        else:
            piece = chance.one_of((*_MARKUP, *NASTY_TEXTS)) * chance.one_of((1, 1, 1, 3, 200))
            cut = chance.randint(0, len(lines[place]))
            lines[place] = lines[place][:cut] + piece + lines[place][cut:]
    text = chance.one_of(("\n", "\n", "\n", "\r\n", "\r")).join(lines)
    written = text.encode(chance.one_of(_ENCODINGS) if chance.odds(0.3) else "utf-8", "replace")
    return chance.damage(written) if chance.odds(0.2) else written
