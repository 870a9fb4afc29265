"""Each fault test has a quick form, for every run, and a long one (``make faults``)."""

from __future__ import annotations

import os
from typing import TypeVar

LONG = os.environ.get("GALLEY_FAULTS", "quick") == "long"
LONG_LIMIT_S = 1_800
"""How long one test may take in its long form."""
LIMIT_S = LONG_LIMIT_S if LONG else 120

T = TypeVar("T")


def pick(*, quick: T, long: T) -> T:
    """The figure for the form that runs."""
    return long if LONG else quick
