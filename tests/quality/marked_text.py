"""Texts whose faults are marked, as sections without the marks and the faults with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tasks.contract.documents import Document, Section

TEXTS: Final = Path(__file__).parent / "texts"
SURFACE: Final = ("spelling", "grammar", "style")
STRUCTURAL: Final = ("arithmetic", "count", "reference", "acronym", "repeat", "heading", "todo")
JUDGEMENT: Final = ("evidence", "tone", "risk")
KINDS: Final = (*SURFACE, *STRUCTURAL, *JUDGEMENT)

_MARK: Final = re.compile(r"\{\{(\w+)(?:#(\w+))?\|([^|{}]*)(?:\|([^|{}]*))?\}\}")
_HEADING: Final = re.compile(r"^(#{1,6}) +(.+)$")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault stands: code points of a section's text, or, for a heading, the section as a whole."""

    section_id: str
    span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Fault:
    """One planted fault. A reviewer may point at any of its places. ``right`` is what should stand there;
    None where that cannot be said in words."""

    kind: str
    wrong: str
    right: str | None
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text as it is given to a reviewer, and what is wrong with it."""

    name: str
    document: Document
    faults: tuple[Fault, ...]

    @property
    def words(self) -> int:
        """How long it is."""
        return sum(section.words for section in self.document.sections)


@dataclass(frozen=True, slots=True)
class _Marked:
    kind: str
    group: str | None
    wrong: str
    right: str | None
    place: Place


def read_part(part: str, *, planted: bool) -> list[MarkedText]:
    """The texts of ``development`` or ``held_out``, with or without planted faults, by name."""
    folder = TEXTS / part / ("planted" if planted else "clean")
    return [read_marked(path.stem, path.read_text()) for path in sorted(folder.glob("*.md"))]


def read_marked(name: str, source: str) -> MarkedText:
    """A marked text.

    Raises:
        ValueError: a mark of an unknown kind, or one that is not closed.
    """
    sections, marked = [], list[_Marked]()
    for number, (level, title, body) in enumerate(_cut(source)):
        section_id = f"s{number}"
        text, in_text = _unmarked(body, section_id)
        heading, in_title = _unmarked(title, section_id)
        sections.append(Section(section_id=section_id, title=heading, level=level, text=text))
        marked += [_Marked(m.kind, m.group, m.wrong, m.right, Place(section_id, None)) for m in in_title] + in_text
    unknown = {m.kind for m in marked} - set(KINDS)
    if unknown or "{{" in "".join(s.text for s in sections):
        raise ValueError(f"{name}: a mark is of an unknown kind {unknown} or not closed")
    document = Document(document_id=name, owner="quality", name=f"{name}.md", format="md", sections=tuple(sections))
    return MarkedText(name, document, _grouped(marked))


def _cut(source: str) -> list[tuple[int, str, str]]:
    """Level, title and body of each section."""
    found: list[tuple[int, str, list[str]]] = [(0, "Beginning", [])]
    for line in source.splitlines():
        if match := _HEADING.match(line):
            found.append((len(match[1]), match[2], []))
        else:
            found[-1][2].append(line)
    cut = [(level, title, "\n".join(lines).strip("\n")) for level, title, lines in found]
    return [each for each in cut if each[0] or each[2].strip()]


def _unmarked(marked: str, section_id: str) -> tuple[str, list[_Marked]]:
    pieces, found, at, length = list[str](), list[_Marked](), 0, 0
    for match in _MARK.finditer(marked):
        pieces += [marked[at : match.start()], match[3]]
        start = length + match.start() - at
        length = start + len(match[3])
        at = match.end()
        found.append(_Marked(match[1], match[2], match[3], match[4], Place(section_id, (start, length))))
    return "".join([*pieces, marked[at:]]), found


def _grouped(marked: list[_Marked]) -> tuple[Fault, ...]:
    groups: dict[tuple[str, str], list[_Marked]] = {}
    for number, mark in enumerate(marked):
        groups.setdefault((mark.kind, mark.group or f" {number}"), []).append(mark)
    faults = []
    for places in groups.values():
        corrected = next((m for m in places if m.right is not None), places[0])
        faults.append(Fault(corrected.kind, corrected.wrong, corrected.right, tuple(m.place for m in places)))
    return tuple(faults)
