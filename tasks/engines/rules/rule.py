"""What a rule is: a pure function from a section, within its document, to violations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tasks.contract.documents import Document, Section
from tasks.contract.findings import Category, Severity, Suggestion


@dataclass(frozen=True, slots=True)
class Subject:
    """The section under review, and the document it belongs to when there is one."""

    section: Section
    document: Document | None = None

    @property
    def text(self) -> str:
        """The section's text, in which violations count."""
        return self.section.text

    @property
    def sections(self) -> tuple[Section, ...]:
        """All that can be looked at, in order: the document, or the section alone."""
        return self.document.sections if self.document else (self.section,)

    @property
    def earlier(self) -> tuple[Section, ...]:
        """The sections before this one."""
        ids = [s.section_id for s in self.sections]
        at = ids.index(self.section.section_id) if self.section.section_id in ids else 0
        return self.sections[:at]


@dataclass(frozen=True, slots=True)
class Violation:
    """One place that breaks a rule: ``span`` in code points of the section, end exclusive, or None when the
    section as a whole does."""

    rule_id: str
    span: tuple[int, int] | None
    category: Category
    severity: Severity
    message: str
    rationale: str = ""
    confidence: float = 0.9
    suggestion: Suggestion = field(default_factory=Suggestion)


@dataclass(frozen=True, slots=True)
class Check:
    """A rule by name, with what it does in words for the progress line. ``english`` rules say something about
    the English language, and are left out where a section is written in another one."""

    name: str
    status: str
    run: Callable[[Subject], Iterable[Violation]]
    english: bool = False
