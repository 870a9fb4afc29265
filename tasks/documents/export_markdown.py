"""The document as Markdown, each finding as a footnote to its quote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Final

from tasks.contract.documents import Document, Section
from tasks.documents.export_remarks import Remark, author_of, body_of, headline_of
from tasks.documents.markdown_places import note_places
from tasks.documents.markdown_writing import escape_line, escape_text
from tasks.documents.text_source import TextSource, read_source

_OWN_LABEL: Final = re.compile(r"\[\^galley([0-9]{0,9})-")

Noted = tuple[Remark, str]
"""A remark and the label of its footnote."""


def export_markdown(document: Document, remarks: Sequence[Remark]) -> bytes:
    """The sections as read, written as Markdown: for every format whose source is not Markdown itself."""
    noted = _label(remarks, "\n".join(section.text for section in document.sections))
    noted_in: dict[str, list[Noted]] = {}
    for remark, label in noted:
        noted_in.setdefault(remark.finding.section_id, []).append((remark, label))
    sections = ((section, noted_in.get(section.section_id, [])) for section in document.sections)
    blocks = [block for section, mine in sections for block in _section_blocks(section, mine)]
    return _join("\n\n".join(blocks), noted)


def export_markdown_source(data: bytes, document: Document, remarks: Sequence[Remark]) -> bytes:
    """The uploaded Markdown itself, with footnotes.

    Raises:
        UnreadableDocument: the file is not the one that was uploaded.
    """
    source = read_source(data, document)
    noted = _label(remarks, source.text)
    return _join("".join(_with_references(source, noted)), noted)


def _label(remarks: Sequence[Remark], text: str) -> list[Noted]:
    """Labels that the text's own footnotes do not have."""
    taken = set(_OWN_LABEL.findall(text))
    series = next(name for number in count() if (name := str(number or "")) not in taken)
    return [(remark, f"[^galley{series}-{number}]") for number, remark in enumerate(remarks, 1)]


def _section_blocks(section: Section, mine: Sequence[Noted]) -> Iterator[str]:
    whole = "".join(label for remark, label in mine if remark.finding.anchor is None)
    if section.level:
        yield f"{'#' * min(section.level, 6)} {escape_line(section.title)}{whole}"
    elif whole:
        yield whole
    if section.text:
        yield escape_text(section.text, _by_end(mine))


def _by_end(noted: Sequence[Noted]) -> dict[int, str]:
    """The references by where their quotes end."""
    ends: dict[int, str] = {}
    for remark, label in noted:
        if remark.finding.anchor is not None:
            ends[remark.finding.anchor.end] = ends.get(remark.finding.anchor.end, "") + label
    return ends


def _with_references(source: TextSource, noted: Sequence[Noted]) -> Iterator[str]:
    """The source with the references put in from the first to the last."""
    done = 0
    for place, reference in note_places(source, noted):
        yield source.text[done:place]
        yield reference
        done = place
    yield source.text[done:]


def _join(text: str, noted: Sequence[Noted]) -> bytes:
    notes = "".join(f"{label}: {_note(remark)}\n" for remark, label in noted)
    return (f"{text.rstrip()}\n" + (f"\n{notes}" if notes else "")).encode("utf-8", "replace")


def _note(remark: Remark) -> str:
    """A footnote's text, on one line."""
    finding = remark.finding
    quote = f"On “{escape_line(finding.anchor.exact)}”:" if finding.anchor else "On the whole section:"
    said = (escape_line(paragraph) for paragraph in body_of(finding))
    return " ".join([f"**{headline_of(finding)}.**", quote, *said, f"*({escape_line(author_of(finding))})*"])
