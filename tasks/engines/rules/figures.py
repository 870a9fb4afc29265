"""Numbers as reports write them, and whether a stated percentage fits what was counted."""

from __future__ import annotations

import re
from typing import Final

from tasks.engines.rules.prose import NUMBER_WORDS

NUMBER: Final = r"(?<![\d,.])[$€£]?\s?\d[\d,]{0,14}(?:\.\d{1,6})?"
MAX_SENTENCE_CHARS: Final = 1_000
"""A longer one is a list of something, and would keep the patterns busy."""
PERCENT: Final = r"(?P<percent>\d+(?:\.(?P<decimals>\d+))?)\s?(?:%|percent\b|per cent\b)"
_ROUGHLY: Final = re.compile(
    r"\b(?:about|around|roughly|nearly|almost|approximately|some|over|more than|less than|under|up to|close to|"
    r"at least|at most|a good|just)\s*$",
    re.IGNORECASE,
)


FRACTIONS: Final = {
    "half": 50.0, "a half": 50.0, "one half": 50.0, "a third": 100 / 3, "one third": 100 / 3, "two thirds": 200 / 3,
    "a quarter": 25.0, "one quarter": 25.0, "three quarters": 75.0, "a fifth": 20.0, "one fifth": 20.0, "two fifths": 40.0,
    "three fifths": 60.0, "four fifths": 80.0, "a tenth": 10.0, "one tenth": 10.0,
}  # fmt: skip
"""Shares in words -> percent."""
FRACTION: Final = "|".join(sorted((name.replace(" ", r"[\s-]") for name in FRACTIONS), key=len, reverse=True))
FRACTION_SLACK: Final = 3.0
"""Percentage points: who says a third does not mean 33.3 percent."""


def percent_of(fraction: str) -> float:
    """``two thirds`` in percent."""
    return FRACTIONS[" ".join(fraction.lower().replace("-", " ").split())]


def value_of(number: str) -> float:
    """``1,200.5`` or ``twelve`` as a number."""
    word = NUMBER_WORDS.get(number.strip().lower())
    return float(word) if word is not None else float(re.sub(r"[^\d.]", "", number.rstrip(".,")))


def is_rough(text: str, at: int) -> bool:
    """Whether what begins at ``at`` is only said to be about right."""
    before = text[max(0, at - 24) : at]
    return _ROUGHLY.search(before) is not None and not before.rstrip().endswith(("add up to", "adds up to"))


def fits(stated: float, actual: float, decimals: int, *, roughly: bool) -> bool:
    """Whether a stated figure is the actual one, as far as it was rounded (or cut off)."""
    unit = 0.1**decimals
    slack = unit - 1e-9 if actual != int(actual) else 0.5 * unit  # 17.6 may be told as 18, and cut off as 17
    if roughly:
        slack = max(slack, 2.5, stated * 0.1)
    return abs(stated - actual) <= slack


def spoken(value: float) -> str:
    """A figure as it is shown to people: no more than one decimal."""
    return f"{value:,.1f}".removesuffix(".0")
