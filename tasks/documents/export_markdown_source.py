"""The uploaded Markdown itself, each finding as a footnote to its quote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tasks.contract.documents import Document
from tasks.documents.export_footnotes import Noted, join_notes, label_remarks
from tasks.documents.export_remarks import Remark
from tasks.documents.markdown_places import note_places
from tasks.documents.text_source import TextSource, read_source


def export_markdown_source(data: bytes, document: Document, remarks: Sequence[Remark]) -> bytes:
    """The uploaded Markdown itself, with footnotes.

    Raises:
        UnreadableDocument: the file is not the one that was uploaded.
    """
    source = read_source(data, document)
    noted = label_remarks(remarks, source.text)
    return join_notes("".join(_with_references(source, noted)), noted)


def _with_references(source: TextSource, noted: Sequence[Noted]) -> Iterator[str]:
    """The source with the references put in from the first to the last."""
    done = 0
    for place, reference in note_places(source, noted):
        yield source.text[done:place]
        yield reference
        done = place
    yield source.text[done:]
