"""A document as the store keeps it: parsed once into ordered sections with stable offsets."""

from __future__ import annotations

from typing import Literal

from tasks.contract.findings import FrozenModel

DocumentFormat = Literal["docx", "pdf", "md", "txt"]


class Section(FrozenModel):
    """One stretch of a document. ``text`` is what offsets count in (code points); ``level`` is 0 for
    text before the first heading, else the depth of its heading from 1."""

    section_id: str
    title: str
    level: int
    text: str

    @property
    def chars(self) -> int:
        """Length of the text in code points."""
        return len(self.text)

    @property
    def words(self) -> int:
        """Number of words, split at white space."""
        return len(self.text.split())


class Document(FrozenModel):
    """An uploaded file, parsed. ``created_at`` is ms since the Unix epoch."""

    document_id: str
    owner: str
    name: str
    format: DocumentFormat
    sections: tuple[Section, ...]
    warnings: tuple[str, ...] = ()
    framework: str | None = None
    guidelines: str | None = None
    created_at: int = 0
    size_bytes: int = 0
    original: str | None = None

    def section(self, section_id: str) -> Section | None:
        """The section with that id, or None."""
        return next((s for s in self.sections if s.section_id == section_id), None)
