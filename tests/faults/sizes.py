"""Each fault test has a quick form, for every run, and a long one (``make faults``).

How long something took is judged in the long form only, which runs alone: the machine of the quick form may
stand still for seconds at any time, and that changes no outcome.
"""

from __future__ import annotations

import os
from typing import TypeVar

from processes import WAIT_S

LONG = os.environ.get("GALLEY_FAULTS", "quick") == "long"
LONG_LIMIT_S = 1_800
"""How long one test may take in its long form."""
LIMIT_S = LONG_LIMIT_S if LONG else 4 * WAIT_S

T = TypeVar("T")


def pick(*, quick: T, long: T) -> T:
    """The figure for the form that runs."""
    return long if LONG else quick
