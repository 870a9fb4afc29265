"""The shapes of documents and findings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from server.schemas.base import Given, Ms, Taken
from tasks.contract.documents import DocumentFormat
from tasks.contract.events import Usage
from tasks.contract.findings import Category, Finding, Severity
from tasks.contract.frameworks import MAX_FRAMEWORK_CHARS, Framework
from tasks.contract.states import TaskState
from tasks.contract.submissions import MAX_GUIDELINES_CHARS, MAX_MESSAGE_CHARS, MAX_SECTION_CHARS


class UploadForm(Taken):
    """A file with what to look for."""

    document: Annotated[bytes, Field(description="docx, pdf, md or txt, at most 20 MB")]
    framework: Annotated[
        str | None,
        Field(max_length=MAX_FRAMEWORK_CHARS, description="The id of one of GET /frameworks, or a framework in YAML"),
    ] = None
    guidelines: Annotated[
        str | None,
        Field(max_length=MAX_GUIDELINES_CHARS, description="What you want looked for beyond that, in your own words"),
    ] = None


class SectionOutline(Given):
    """A section without its text."""

    section_id: str
    title: str
    level: int
    chars: int
    words: int


class SectionWhole(SectionOutline):
    """A section with its text; offsets of findings count its code points."""

    text: str


class DocumentCreated(Given):
    """An uploaded document."""

    document_id: str
    name: str
    format: DocumentFormat
    sections: list[SectionOutline]
    warnings: list[str]


class DocumentListed(Given):
    """One line of the list of documents."""

    document_id: str
    name: str
    format: DocumentFormat
    created_at: Ms
    size_bytes: int
    section_count: int
    warnings: list[str]


class DocumentList(Given):
    """My documents, newest first. `cursor` is null on the last page."""

    documents: list[DocumentListed]
    cursor: str | None


class SectionTask(Given):
    """Which task reviews a section. `notice`: what a person must know of the review as a whole."""

    section_id: str | None
    task_id: str
    state: TaskState
    notice: str | None = None


class DocumentWhole(Given):
    """A document with texts, findings to be seen, and each section's latest task. `usage` and `cost_usd` are those
    of all its tasks; `cost_usd` is null when a price is not known."""

    document_id: str
    name: str
    format: DocumentFormat
    sections: list[SectionWhole]
    warnings: list[str]
    framework: str | None
    guidelines: str | None
    created_at: Ms
    size_bytes: int
    findings: list[Finding]
    tasks: list[SectionTask]
    progress: Annotated[int, Field(ge=0, le=100)]
    usage: Usage
    cost_usd: float | None


class FrameworkList(Given):
    """What a review can look for; the first is what an upload gets that names none."""

    frameworks: list[Framework]


class JudgeFinding(Taken):
    """What a person decides about a finding. `replacement` replaces the suggested text."""

    status: Literal["open", "accepted", "rejected"]
    replacement: Annotated[str | None, Field(max_length=MAX_SECTION_CHARS)] = None


class NewFinding(Taken):
    """A finding of one's own. `quote` is what it is about, as it stands in the section (the first such
    place, or the one at `start`); without one it is about the section. `replacement` is what should
    stand there instead."""

    section_id: str
    quote: Annotated[str | None, Field(max_length=MAX_SECTION_CHARS)] = None
    start: Annotated[int | None, Field(ge=0, lt=10**9, description="Where the quote begins, in code points")] = None
    message: Annotated[str, Field(min_length=1, max_length=MAX_MESSAGE_CHARS)]
    severity: Severity
    category: Category
    replacement: Annotated[str | None, Field(max_length=MAX_SECTION_CHARS)] = None
