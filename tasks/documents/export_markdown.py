"""The sections of a document as read, written as Markdown, each finding as a footnote to its quote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tasks.contract.documents import Document, Section
from tasks.documents.export_footnotes import Noted, join_notes, label_remarks
from tasks.documents.export_remarks import Remark
from tasks.documents.markdown_writing import escape_line, escape_text


def export_markdown(document: Document, remarks: Sequence[Remark]) -> bytes:
    """For every format whose source is not Markdown itself."""
    noted = label_remarks(remarks, "\n".join(section.text for section in document.sections))
    noted_in: dict[str, list[Noted]] = {}
    for remark, label in noted:
        noted_in.setdefault(remark.finding.section_id, []).append((remark, label))
    sections = ((section, noted_in.get(section.section_id, [])) for section in document.sections)
    blocks = [block for section, mine in sections for block in _section_blocks(section, mine)]
    return join_notes("\n\n".join(blocks), noted)


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
