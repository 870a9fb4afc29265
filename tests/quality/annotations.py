"""Comments as LibreOffice has understood them, read from a flat OpenDocument text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lxml import etree

_OASIS: Final = "urn:oasis:names:tc:opendocument:xmlns"
_OFFICE, _TEXT = f"{{{_OASIS}:office:1.0}}", f"{{{_OASIS}:text:1.0}}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_APART: Final = {f"{_TEXT}{name}" for name in ("tracked-changes", "note", "sequence-decls")} | {f"{_OFFICE}forms"}
"""What stands among the text and is none of it."""


@dataclass(frozen=True)
class Annotation:
    """A comment: who made it and when, what it says, and the text that it is on."""

    author: str
    at: datetime
    text: str
    range: str


def annotations_of(path: Path) -> list[Annotation]:
    """All comments of the file, in order."""
    root: Any = etree.parse(path).getroot()
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    covered: dict[str, list[str]] = {}
    opened: set[str] = set()
    found = []
    for event, value in _events(body):
        if event == "text":
            for name in opened:
                covered[name].append(value)
        elif event == "begin":
            found.append(value)
            name = value.get(f"{_OFFICE}name") or str(id(value))
            covered[name] = []
            opened |= {name} if value.get(f"{_OFFICE}name") else set()
        else:
            opened.discard(value)
    return [_annotation(note, "".join(covered[note.get(f"{_OFFICE}name") or str(id(note))])) for note in found]


def _annotation(note: Any, covered: str) -> Annotation:
    at = datetime.fromisoformat(note.findtext(f"{_DC}date")[:19]).replace(tzinfo=UTC)
    said = "\n".join("".join(paragraph.itertext()) for paragraph in note.iter(f"{_TEXT}p"))
    return Annotation(note.findtext(f"{_DC}creator") or "", at, said, covered)


def _events(element: Any) -> Iterator[tuple[str, Any]]:
    """Text, and where comments begin and end, in reading order."""
    if element.tag == f"{_OFFICE}annotation":
        yield "begin", element
    elif element.tag == f"{_OFFICE}annotation-end":
        yield "end", element.get(f"{_OFFICE}name")
    elif isinstance(element.tag, str) and element.tag not in _APART:
        yield "text", element.text or ""
        for child in element:
            yield from _events(child)
            yield "text", child.tail or ""
