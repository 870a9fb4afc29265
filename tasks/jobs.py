"""From a claim to the engine's work: what the task was given, looked up in the store."""

from __future__ import annotations

from collections.abc import AsyncIterator

from tasks.contract.documents import Document, Section
from tasks.contract.errors import FinalFailure
from tasks.contract.events import EventData
from tasks.contract.findings import Finding
from tasks.contract.limits import LimitsLearned
from tasks.contract.names import TaskKind
from tasks.engines.engine import Engine, Question, Review, Turn
from tasks.store.away import until_answered
from tasks.store.ports import Claim, Store

HISTORY_TURNS = 20
"""How many earlier turns of a conversation an answer takes into account."""


async def outputs_of(store: Store, engine: Engine, claim: Claim) -> AsyncIterator[EventData]:
    """The engine's iterator for this task.

    Raises:
        FinalFailure: the document or section is not there any more.
    """

    async def learn(limits: LimitsLearned) -> None:
        if engine.model is not None:
            model = engine.model
            await until_answered(lambda: store.learn(model, limits))

    if claim.snapshot.kind is TaskKind.TEST:
        return engine.test(learn)
    if claim.snapshot.kind is TaskKind.CHAT:
        return engine.answer(await _question(store, claim), learn)
    return engine.review(await _review(store, claim), learn)


async def _document(store: Store, claim: Claim) -> Document | None:
    document_id = claim.snapshot.document_id
    if document_id is None:
        return None
    document = await until_answered(lambda: store.document(document_id))
    if document is None:
        raise FinalFailure("The document was deleted. Upload it again.", code="document_gone")
    return document


def _section(document: Document | None, section_id: str | None) -> Section | None:
    if document is None or section_id is None:
        return None
    section = document.section(section_id)
    if section is None:
        raise FinalFailure("The document has no such section.", code="section_gone")
    return section


async def _review(store: Store, claim: Claim) -> Review:
    document = await _document(store, claim)
    section = _section(document, claim.snapshot.section_id)
    if section is None:
        title, text = str(claim.input.get("section") or "Section"), str(claim.input.get("content") or "")
        section = Section(section_id="s1", title=title, level=0, text=text)
    return Review(claim.snapshot.task_id, section, document, fresh=bool(claim.input.get("fresh")))


async def _question(store: Store, claim: Claim) -> Question:
    snapshot = claim.snapshot
    document = await _document(store, claim)
    return Question(
        task_id=snapshot.task_id,
        message=str(claim.input["message"]),
        conversation_id=snapshot.conversation_id,
        document=document,
        section=_section(document, snapshot.section_id),
        findings=await _findings(store, document),
        history=await _history(store, claim),
    )


async def _findings(store: Store, document: Document | None) -> tuple[Finding, ...]:
    if document is None:
        return ()
    document_id = document.document_id
    stored = await until_answered(lambda: store.findings(document_id))
    return tuple(s.finding for s in stored if s.finding.status != "rejected")


async def _history(store: Store, claim: Claim) -> tuple[Turn, ...]:
    """The earlier turns that were answered, oldest first."""
    conversation_id = claim.snapshot.conversation_id
    if conversation_id is None:
        return ()
    conversation = await until_answered(lambda: store.conversation(conversation_id))
    if conversation is None:
        return ()
    turns: list[Turn] = []
    for task_id in conversation.task_ids[-HISTORY_TURNS:]:
        if task_id == claim.snapshot.task_id:
            break
        turn = await _turn(store, task_id)
        if turn is not None:
            turns.append(turn)
    return tuple(turns)


async def _turn(store: Store, task_id: str) -> Turn | None:
    given = await until_answered(lambda: store.task_input(task_id))
    reading = await until_answered(lambda: store.read(task_id, -1, 0))
    if given is None or reading is None or reading.snapshot is None or not reading.snapshot.text:
        return None
    return Turn(str(given.input.get("message", "")), reading.snapshot.text)
