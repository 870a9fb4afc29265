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
