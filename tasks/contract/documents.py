"""A document as the store keeps it: parsed once into ordered sections with stable offsets."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from tasks.contract.findings import FrozenModel
from tasks.contract.frameworks import Framework

DocumentFormat = Literal["docx", "pdf", "md", "txt"]


HiddenKind = Literal["vanished", "white", "tiny", "invisible", "outside", "covered", "comment", "alt-text", "metadata"]
"""How a file can hold text that a reader does not see: switched off, in the colour of the page, too small to read,
without any colour, outside of the page, under something, in a comment, behind a picture, among its properties."""


class HiddenText(FrozenModel):
    """Text of the file that its readers do not see. What is only made invisible (white, tiny, invisible,
    outside, covered) stands in the section's text as well."""

    kind: HiddenKind
    text: str


class Section(FrozenModel):
    """One stretch of a document. ``text`` is what offsets count in (code points); ``level`` is 0 for
    text before the first heading, else the depth of its heading from 1."""

    section_id: str
    title: str
    level: int
    text: str
    hidden: tuple[HiddenText, ...] = ()

    @property
    def chars(self) -> int:
        """Length of the text in code points."""
        return len(self.text)

    @property
    def words(self) -> int:
        """Number of words, split at white space."""
        return len(self.text.split())


class Document(FrozenModel):
    """An uploaded file, parsed. ``created_at`` is ms since the Unix epoch. The framework stays with it as it
    was at the upload, so that a changed file of frameworks changes no review that was begun."""

    document_id: str
    owner: str
    name: str
    format: DocumentFormat
    sections: tuple[Section, ...]
    warnings: tuple[str, ...] = ()
    framework: Framework | None = None
    guidelines: str | None = None
    created_at: int = 0
    size_bytes: int = 0
    original: str | None = None

    @field_validator("framework", mode="before")
    @classmethod
    def _without_a_mere_name(cls, stored: object) -> object:
        """Documents that were stored before frameworks were data have a name there, which says nothing."""
        return None if isinstance(stored, str) else stored

    def section(self, section_id: str) -> Section | None:
        """The section with that id, or None."""
        return next((s for s in self.sections if s.section_id == section_id), None)
