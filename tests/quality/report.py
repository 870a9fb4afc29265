"""What a section of ``make quality`` hands over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Target:
    """A figure beside what was promised."""

    what: str
    measured: float
    promised: float
    at_least: bool = True  # False: at most
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is kept."""
        return self.measured >= self.promised if self.at_least else self.measured <= self.promised

    def __str__(self) -> str:
        bound = "at least" if self.at_least else "at most"
        verdict = "kept" if self.holds else "MISSED"
        return f"{self.what}: {self.measured:.3g}{self.unit} ({bound} {self.promised:g}{self.unit}: {verdict})"


@dataclass(slots=True)
class Report:
    """``text`` is for reading; a target that is missed makes ``make quality`` fail."""

    text: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def add_table(self, title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A Markdown table."""
        self.text += ["", title, "", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
        self.text += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]


Section = Callable[[bool], Awaitable[Report]]
"""Measures; with True quickly, which shows no more than that it works."""
