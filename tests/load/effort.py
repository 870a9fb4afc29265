"""How much work a measurement takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Effort:
    """``runs`` of each measurement, and a part of the full time and number for a quick look."""

    runs: int = 3
    part: float = 1.0

    def seconds(self, full: float) -> float:
        """How long instead of that long."""
        return full * self.part

    def count(self, full: int) -> int:
        """How many instead of that many."""
        return max(1, int(full * self.part))


FULL: Final = Effort()
QUICK: Final = Effort(runs=1, part=0.2)
"""Shows that the benchmarks work; its figures say little."""
