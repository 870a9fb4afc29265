"""Reviews of sections and of whole documents, and the test of the connection."""

from __future__ import annotations

from collections.abc import Sequence

from quart import Blueprint, Response
from quart_schema import document_headers, document_request, document_response

from server.access import Asker
from server.ids import new_id
from server.incoming import digest_of, idempotency_key, read_body, wants_async, who_asks
from server.parts import parts
from server.schemas.requests import IdempotencyHeaders, SubmissionHeaders
from server.schemas.tasks import TaskAccepted, TaskResult, TasksAccepted
from server.submitting import Asking, promptly, submit_many, submit_one
from tasks.contract.errors import BadRequest, NotFound
from tasks.contract.identity import identity_of_section, identity_of_text
from tasks.contract.names import TaskKind
from tasks.contract.submissions import (
    MAX_DOCUMENT_CHARS,
    MAX_SECTIONS_AT_ONCE,
    AnalyzeDocument,
    AnalyzeSection,
    NewTask,
    TestConnection,
)

blueprint = Blueprint("analyses", __name__)


def asking(asker: Asker, raw: bytes) -> Asking:
    """How the present request asks for what its body says."""
    key = idempotency_key()
    return Asking(asker, key, digest_of(raw) if key else "", wants_async())


@blueprint.post("/analyze_section")
@document_headers(SubmissionHeaders)
@document_request(AnalyzeSection)
@document_response(TaskAccepted, 202)
@document_response(TaskResult, 200)
async def analyze_section() -> Response:
    """Review one section, of a document or of raw text."""
    asker = await who_asks()
    wanted, raw = await read_body(AnalyzeSection)
    if wanted.document_id is None:
        task = _raw_task(asker.owner, wanted)
    else:
        (task,) = await _section_tasks(asker.owner, wanted, wanted.document_id, (wanted.section_id or "",))
    return (await submit_one(parts(), task, asking(asker, raw))).response()


@blueprint.post("/analyze_document")
@document_headers(IdempotencyHeaders)
@document_request(AnalyzeDocument)
@document_response(TasksAccepted, 202)
async def analyze_document() -> Response:
    """Review all sections of a document, or those named, in the document's order."""
    asker = await who_asks()
    wanted, raw = await read_body(AnalyzeDocument)
    tasks = await _section_tasks(asker.owner, wanted, wanted.document_id, wanted.section_ids)
    return (await submit_many(parts(), tasks, asking(asker, raw))).response()


@blueprint.post("/test_connection")
@document_headers(SubmissionHeaders)
@document_request(TestConnection)
@document_response(TaskAccepted, 202)
@document_response(TaskResult, 200)
async def test_connection() -> Response:
    """Ask the engine for a sign of life."""
    asker = await who_asks()
    _, raw = await read_body(TestConnection)
    task = NewTask(task_id=new_id("t"), kind=TaskKind.TEST, owner=asker.owner)
    return (await submit_one(parts(), task, asking(asker, raw))).response()


async def _section_tasks(
    owner: str, wanted: AnalyzeSection | AnalyzeDocument, document_id: str, section_ids: Sequence[str] | None
) -> list[NewTask]:
    """A task for each of the wanted sections (None: all), in the document's order.

    Raises:
        NotFound: the document or a section is unknown.
        BadRequest: there are more than can be asked for at once.
    """
    async with promptly():
        document = await parts().documents.of(owner, document_id)
    known = document.section_chars
    if section_ids is None and len(known) > MAX_SECTIONS_AT_ONCE:
        raise BadRequest(f"At most {MAX_SECTIONS_AT_ONCE:,} sections are taken at once. Name them in section_ids.")
    chosen = set(known if section_ids is None else section_ids)
    if not chosen <= known.keys():
        raise NotFound
    task = _review_of(owner, wanted).model_copy(
        update={"document_id": document_id, "shared_chars": min(document.chars, MAX_DOCUMENT_CHARS)}
    )
    return [
        task.model_copy(
            update={
                "task_id": new_id("t"),
                "section_id": section_id,
                "input_chars": chars,
                "identity": "" if wanted.engine else identity_of_section(document.identity, section_id),
            }
        )
        for section_id, chars in known.items()
        if section_id in chosen
    ]


def _raw_task(owner: str, wanted: AnalyzeSection) -> NewTask:
    title, content = wanted.section or "", wanted.content or ""
    given = {"section": title, "content": content, "fresh": wanted.fresh}
    identity = "" if wanted.engine else identity_of_text(title, content)
    return _review_of(owner, wanted).model_copy(
        update={"input_chars": len(content), "input": given, "identity": identity}
    )


def _review_of(owner: str, wanted: AnalyzeSection | AnalyzeDocument) -> NewTask:
    """A review, less what it is about."""
    return NewTask(
        task_id=new_id("t"),
        kind=TaskKind.ANALYSIS,
        owner=owner,
        priority=wanted.priority if isinstance(wanted, AnalyzeSection) else 0,
        asked_engine=wanted.engine,
        input={"fresh": wanted.fresh},
    )
