"""Reviews of sections and of whole documents, and the test of the connection."""

from __future__ import annotations

from collections.abc import Sequence

from quart import Blueprint, Response
from quart_schema import document_headers, document_request, document_response

from server.ids import new_id
from server.incoming import asking_owner, digest_of, idempotency_key, read_body, wants_async
from server.parts import parts
from server.schemas.requests import IdempotencyHeaders, SubmissionHeaders
from server.schemas.tasks import TaskAccepted, TaskResult, TasksAccepted
from server.submitting import Asking, promptly, submit_many, submit_one
from tasks.contract.errors import BadRequest, NotFound
from tasks.contract.names import TaskKind
from tasks.contract.submissions import (
    MAX_SECTIONS_AT_ONCE,
    AnalyzeDocument,
    AnalyzeSection,
    NewTask,
    TestConnection,
)

blueprint = Blueprint("analyses", __name__)


def asking(owner: str, raw: bytes) -> Asking:
    """How the present request asks for what its body says."""
    key = idempotency_key()
    return Asking(owner, key, digest_of(raw) if key else "", wants_async())


@blueprint.post("/analyze_section")
@document_headers(SubmissionHeaders)
@document_request(AnalyzeSection)
@document_response(TaskAccepted, 202)
@document_response(TaskResult, 200)
async def analyze_section() -> Response:
    """Review one section, of a document or of raw text."""
    owner = await asking_owner()
    wanted, raw = await read_body(AnalyzeSection)
    chars = len(wanted.content or "")
    if wanted.document_id is not None:
        (chars,) = (await _sections(owner, wanted.document_id, (wanted.section_id or "",))).values()
    return (await submit_one(parts(), _review_of(owner, wanted, chars), asking(owner, raw))).response()


@blueprint.post("/analyze_document")
@document_headers(IdempotencyHeaders)
@document_request(AnalyzeDocument)
@document_response(TasksAccepted, 202)
async def analyze_document() -> Response:
    """Review all sections of a document, or those named, in the document's order."""
    owner = await asking_owner()
    wanted, raw = await read_body(AnalyzeDocument)
    sections = await _sections(owner, wanted.document_id, wanted.section_ids)
    tasks = [_section_task(owner, wanted, section_id, chars) for section_id, chars in sections.items()]
    return (await submit_many(parts(), tasks, asking(owner, raw))).response()


@blueprint.post("/test_connection")
@document_headers(SubmissionHeaders)
@document_request(TestConnection)
@document_response(TaskAccepted, 202)
@document_response(TaskResult, 200)
async def test_connection() -> Response:
    """Ask the engine for a sign of life."""
    owner = await asking_owner()
    _, raw = await read_body(TestConnection)
    task = NewTask(task_id=new_id("t"), kind=TaskKind.TEST, owner=owner)
    return (await submit_one(parts(), task, asking(owner, raw))).response()


async def _sections(owner: str, document_id: str, wanted: Sequence[str] | None) -> dict[str, int]:
    """The wanted sections (None: all) with their lengths, in the document's order.

    Raises:
        NotFound: the document or a section is unknown.
        BadRequest: there are more than can be asked for at once.
    """
    async with promptly():
        known = (await parts().documents.of(owner, document_id)).section_chars
    if wanted is None and len(known) > MAX_SECTIONS_AT_ONCE:
        raise BadRequest(f"At most {MAX_SECTIONS_AT_ONCE:,} sections are taken at once. Name them in section_ids.")
    chosen = set(known if wanted is None else wanted)
    if not chosen <= known.keys():
        raise NotFound
    return {section_id: chars for section_id, chars in known.items() if section_id in chosen}


def _review_of(owner: str, wanted: AnalyzeSection, chars: int) -> NewTask:
    raw = {"section": wanted.section or "", "content": wanted.content} if wanted.content is not None else {}
    return NewTask(
        task_id=new_id("t"),
        kind=TaskKind.ANALYSIS,
        owner=owner,
        document_id=wanted.document_id,
        section_id=wanted.section_id,
        priority=wanted.priority,
        input_chars=chars,
        input={**raw, "fresh": wanted.fresh},
    )


def _section_task(owner: str, wanted: AnalyzeDocument, section_id: str, chars: int) -> NewTask:
    return NewTask(
        task_id=new_id("t"),
        kind=TaskKind.ANALYSIS,
        owner=owner,
        document_id=wanted.document_id,
        section_id=section_id,
        input_chars=chars,
        input={"fresh": wanted.fresh},
    )
