"""Which section hidden text belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tasks.documents.draft import Draft, Hidden

NEAR_CHARS = 60
"""As much of what stands around it tells the section; a section may be cut within a paragraph."""


def place_hidden(sections: Sequence[Draft], hidden: Sequence[Hidden]) -> Iterator[tuple[int, Hidden]]:
    """Each hidden text with the number of its section: the first that has it or what stands around it, else
    the first of all, because it must not get lost."""
    for each in hidden if sections else ():
        clues = [clue for clue in (each.near[:NEAR_CHARS].strip(), each.text[:NEAR_CHARS].strip()) if clue]
        yield next((n for n, section in enumerate(sections) if _has_any(section, clues)), 0), each


def _has_any(section: Draft, clues: list[str]) -> bool:
    return any(clue in section.text or clue in section.title for clue in clues)
