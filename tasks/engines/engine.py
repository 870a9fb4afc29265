"""What every engine is: reviews a section, answers a chat turn, proves that it is there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from tasks.contract.documents import Document, Section
from tasks.contract.events import EventData
from tasks.contract.findings import Finding
from tasks.contract.frameworks import Framework
from tasks.contract.limits import LimitsLearned

LearnLimits = Callable[[LimitsLearned], Awaitable[None]]
"""Told of the account's limits as soon as an answer's headers are there, before its body."""


@dataclass(frozen=True, slots=True)
class Review:
    """One section to review. ``document`` is None for raw text; ``fresh`` ignores what is cached."""

    task_id: str
    section: Section
    document: Document | None = None
    fresh: bool = False

    @property
    def framework(self) -> Framework | None:
        """What the review looks for; None for raw text."""
        return self.document.framework if self.document else None


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a conversation."""

    message: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """One chat turn to answer. ``section`` narrows what it is about."""

    task_id: str
    message: str
    conversation_id: str | None = None
    document: Document | None = None
    section: Section | None = None
    findings: tuple[Finding, ...] = ()
    history: tuple[Turn, ...] = ()


class Engine(Protocol):
    """What reviews or answers. Each method yields event data in order: `ProgressMade`,
    `FindingMade`, `TextAdded`, `UsageReported`, and last, once, `TaskSucceeded` with the result
    less findings and text. It raises an `EngineError` and never invents an answer. Closing the
    iterator ends the call to the provider at once.
    """

    name: str
    model: str | None

    def review(self, job: Review, learn: LearnLimits) -> AsyncIterator[EventData]:
        """Findings of one section; the result is ``{engine, model}``."""
        ...

    def answer(self, job: Question, learn: LearnLimits) -> AsyncIterator[EventData]:
        """An answer as text; the result is ``{citations: [{section_id, quote}], conversation_id,
        engine, model}``."""
        ...

    def test(self, learn: LearnLimits) -> AsyncIterator[EventData]:
        """A sign of life; the result is ``{engine, model, latency_ms}``."""
        ...

    def using(self, model: str | None) -> Engine:
        """The same engine with another model; None, or an engine without models: itself. It shares its
        connections, and is not closed."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
