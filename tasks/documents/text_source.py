"""An uploaded text file as its sections see it: one text, and where in it each section's text stands."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.contract.documents import Document
from tasks.contract.errors import UnreadableDocument
from tasks.contract.findings import Anchor, Finding
from tasks.documents.cutting import cut_draft
from tasks.documents.markdown_reader import split_markdown
from tasks.documents.plain_headings import split_plain_text
from tasks.documents.refusal import Refused
from tasks.documents.text_decoding import decode_text


@dataclass(frozen=True)
class TextSource:
    """The text with line ends as ``\\n``. ``starts`` are by section id, in code points."""

    text: str
    starts: dict[str, int]

    def place_of(self, finding: Finding) -> tuple[int, int] | None:
        """The quote as code points of the text, end exclusive; None: it is not there, or there is none."""
        start = self.starts.get(finding.section_id)
        if finding.anchor is None or start is None:
            return None
        return self._checked(finding.anchor, start)

    def _checked(self, anchor: Anchor, start: int) -> tuple[int, int] | None:
        first, end = start + anchor.start, start + anchor.end
        return (first, end) if self.text[first:end] == anchor.exact else None


def read_source(data: bytes, document: Document) -> TextSource:
    """The text of an uploaded md or txt file.

    Raises:
        UnreadableDocument: the file is not the one that was uploaded.
    """
    try:
        text, _ = decode_text(data)
    except Refused as refused:
        raise UnreadableDocument(refused.detail, reason=refused.reason) from refused
    drafts = split_markdown(text) if document.format == "md" else split_plain_text(text)
    parts = [part for draft in drafts for part in cut_draft(draft)]
    sections = zip(document.sections, parts, strict=False)
    return TextSource(text, {section.section_id: min(part.start, len(text)) for section, part in sections})
