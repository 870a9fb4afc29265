"""What one file of the corpus is: how it is made, and what must be read from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Expected = tuple[str, int, str]
"""Title, level and text of a section."""


@dataclass(frozen=True)
class Specimen:
    """A file and the truth about it. ``name`` says what it is a case of, and by its ending the format.

    ``sections`` are before a long one is cut. ``refused`` is the reason for which it cannot be read.
    """

    name: str
    make: Callable[[], bytes]
    sections: Sequence[Expected] = ()
    warnings: Sequence[str] = ()
    refused: str = ""

    @property
    def format(self) -> str:
        """docx, pdf, md or txt."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True)
class Threat:
    """A file that means harm. ``outcome`` is the reason or kind of the refusal, or several with bars between when
    time or memory may run out first; empty: it is read, harmlessly; ``any``: either will do, as long as it comes
    soon and in order. ``slow``: it takes seconds or much memory."""

    name: str
    make: Callable[[], bytes]
    outcome: str = ""
    slow: bool = False

    def allows(self, outcome: str) -> bool:
        """Whether that is what should become of it."""
        return self.outcome == "any" or outcome in self.outcome.split("|")

    @property
    def format(self) -> str:
        """docx, pdf, md or txt."""
        return self.name.rpartition(".")[2]
