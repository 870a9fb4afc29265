"""What a benchmark hands back, and how it is shown: figures with their targets, and facts that must hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should reach: ``at_least`` that limit, or at most."""

    limit: float
    at_least: bool = False

    def is_met_by(self, value: float) -> bool:
        """Whether the value is on the right side."""
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {shown(self.limit)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity, once a run."""

    name: str
    unit: str
    runs: tuple[float, ...]
    target: Target | None = None

    @property
    def value(self) -> float:
        """The median of the runs."""
        return median(self.runs)

    @property
    def verdict(self) -> str:
        """Whether the target was met; empty without one."""
        if self.target is None:
            return ""
        return "met" if self.target.is_met_by(self.value) else "MISSED"

    def as_json(self) -> dict[str, Any]:
        """For the file that ``--json`` names."""
        target = str(self.target) if self.target else None
        stated = {"name": self.name, "unit": self.unit, "median": self.value, "runs": list(self.runs)}
        return {**stated, "target": target, "verdict": self.verdict or None}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that must be true, whatever the speed."""

    words: str
    holds: bool


@dataclass(slots=True)
class Outcome:
    """All that one benchmark found out."""

    title: str
    figures: list[Figure] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For the file that ``--json`` names."""
        facts = [{"words": fact.words, "holds": fact.holds} for fact in self.facts]
        return {"title": self.title, "figures": [figure.as_json() for figure in self.figures], "facts": facts}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least that share of all values does not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def shown(value: float) -> str:
    """Three digits where they say something: 2,013 · 41.3 · 4.21 · 0.318."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def table(outcomes: Iterable[Outcome]) -> str:
    """All figures and facts as text, aligned."""
    lines: list[str] = []
    for outcome in outcomes:
        lines += ["", outcome.title]
        lines += [_line(figure) for figure in outcome.figures]
        lines += [f"  {'holds  ' if fact.holds else 'UNTRUE '} {fact.words}" for fact in outcome.facts]
    return "\n".join(lines)


def _line(figure: Figure) -> str:
    runs = " ".join(shown(run) for run in figure.runs)
    target = str(figure.target or "")
    return f"  {figure.name:<58} {shown(figure.value):>8} {figure.unit:<4} {target:<8} {figure.verdict:<7} [{runs}]"
