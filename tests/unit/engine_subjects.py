"""Sections for the tests of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tasks.contract.documents import Document, Section
from tasks.engines.rules.rule import Subject, Violation

Rule = Callable[[Subject], Iterable[Violation]]


def document_of(*sections: tuple[str, int, str]) -> Document:
    """A document of sections given as title, level and text; their ids are s0, s1, ..."""
    made = (Section(section_id=f"s{i}", title=t, level=n, text=text) for i, (t, n, text) in enumerate(sections))
    return Document(document_id="d", owner="o", name="a.md", format="md", sections=tuple(made))


def alone(text: str) -> Subject:
    """Raw text, without a document."""
    return Subject(Section(section_id="raw", title="Raw", level=0, text=text))


def quotes(rule: Rule, subject: Subject) -> list[str | None]:
    """What the rule points at, in order; None for the section as a whole."""
    return [subject.text[slice(*v.span)] if v.span else None for v in rule(subject)]


def quotes_in(rule: Rule, document: Document, number: int) -> list[str | None]:
    """The same for one section of a document."""
    return quotes(rule, Subject(document.sections[number], document))
