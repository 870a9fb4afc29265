"""Plain text written so that Markdown shows it as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_SPECIAL: Final = re.compile(r"[\\`*~\[\]]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
_BLOCK_START: Final = re.compile(r"(?m)^([ \t]{0,3})(#{1,6}(?=\s|$)|>|[=-]+(?=[ \t]*$))")
_LINE_END: Final = re.compile(r"(?<!\n)\n(?!\n)")


def escape_line(text: str) -> str:
    """A text as part of a line."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def escape_text(text: str, references: Mapping[int, str]) -> str:
    """A text of several lines that stay lines. ``references`` are put in as they are, each before the
    code point with its number."""
    marks = {match.start(): "\\" for match in _SPECIAL.finditer(text)}
    marks |= {match.start(2): "\\" for match in _BLOCK_START.finditer(text)}
    marks |= {match.start(): "  " for match in _LINE_END.finditer(text)}
    places = sorted({0, len(text), *marks, *(place for place in references if place <= len(text))})
    pieces = [text[start:end] for start, end in zip(places, [*places[1:], len(text)], strict=True)]
    added = (references.get(place, "") + marks.get(place, "") for place in places)
    return "".join(mark + piece for mark, piece in zip(added, pieces, strict=True))
