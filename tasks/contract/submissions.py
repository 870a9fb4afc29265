"""What may be asked for, and the limits of asking."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tasks.contract.names import GROUP_MARK, TaskKind

MAX_DOCUMENT_BYTES: Final = 20 * 1024 * 1024
MAX_SECTION_CHARS: Final = 200_000
MAX_MESSAGE_CHARS: Final = 20_000
MAX_GUIDELINES_CHARS: Final = 50_000
MAX_SECTIONS_AT_ONCE: Final = 2_000
MAX_DOCUMENT_CHARS: Final = 400_000
"""How much of a document goes with each review of a section: about half of the smallest context window."""

Id = Annotated[str, Field(min_length=1, max_length=200)]
AskedEngine = Annotated[
    Literal["checker"] | None,
    Field(
        description="`checker`: by the built-in rules, without AI and without cost. Left out: by what the workers run"
    ),
]


class Submission(BaseModel):
    """Base of request bodies: unknown members are an error, so that a typing mistake is not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AnalyzeSection(Submission):
    """Review one section: of an uploaded document, or raw text under a title."""

    document_id: Id | None = None
    section_id: Id | None = None
    section: Annotated[str, Field(max_length=500)] | None = None
    content: Annotated[str, Field(min_length=1, max_length=MAX_SECTION_CHARS)] | None = None
    priority: Annotated[int, Field(ge=0, le=9)] = 0
    fresh: bool = False
    engine: AskedEngine = None

    @model_validator(mode="after")
    def _one_of_two_forms(self) -> AnalyzeSection:
        of_document = self.document_id is not None and self.section_id is not None
        raw = self.content is not None
        if of_document == raw or (raw and (self.document_id or self.section_id)):
            raise ValueError("send either document_id and section_id, or section and content")
        return self


class AnalyzeDocument(Submission):
    """Review all sections of a document, or those named."""

    document_id: Id
    section_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_SECTIONS_AT_ONCE)] | None = None
    fresh: bool = False
    engine: AskedEngine = None


class Chat(Submission):
    """One turn of a conversation, about a document or about nothing in particular."""

    message: Annotated[str, Field(min_length=1, max_length=MAX_MESSAGE_CHARS)]
    document_id: Id | None = None
    section_id: Id | None = None
    conversation_id: Id | None = None
    engine: AskedEngine = None


class TestConnection(Submission):
    """Ask the engine for a sign of life."""

    __test__ = False  # pytest would otherwise collect it by its name


class NewTask(BaseModel):
    """A task as the store takes it. The server chose ``task_id``, so a repeat is harmless.

    ``input`` is what the worker needs beyond the document: ``{section, content}`` of raw text,
    ``{message}`` of a chat turn, ``{fresh}``. ``input_chars`` is how much text a call of it sends that
    no other call shares, ``shared_chars`` what all calls of its kind for its document send alike; what it will cost
    is estimated from both. ``asked_engine`` is the engine it was asked for, where it was. ``identity``
    tells which other tasks of the owner would be answered alike (see `contract.identity`); empty: none.

    ``group`` names those who count as one when owners take turns (see `names.GROUP_MARK`); empty: the owner
    by itself. ``weight`` is how much its owner may have for each one that others have. Both are of who asks,
    so all tasks of one submission have the same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_id: str
    kind: TaskKind
    owner: str
    group: Annotated[str, Field(pattern=rf"^({GROUP_MARK}\w+)?$")] = ""
    weight: Annotated[float, Field(gt=0)] = 1
    document_id: str | None = None
    section_id: str | None = None
    conversation_id: str | None = None
    priority: int = 0
    input_chars: int = 0
    shared_chars: int = 0
    asked_engine: Literal["checker"] | None = None
    identity: str = ""
    input: dict[str, Any] = {}
