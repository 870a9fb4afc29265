"""From a document and its findings to a download."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from quart import Response

from server.document_view import notices_of, visible_findings
from server.parts import Parts
from server.schemas.export import DOCX_TYPE, ExportQuery
from tasks.contract.documents import Document
from tasks.contract.names import TaskKind
from tasks.documents.export_errors import FormatNotOffered, OriginalMissing
from tasks.documents.export_markdown import export_markdown
from tasks.documents.export_process import run_export
from tasks.documents.export_remarks import Applied, ExportFormat, Form, Remark, as_remarks, select_remarks
from tasks.documents.export_tables import export_csv, export_json
from tasks.documents.originals import original_path
from tasks.store.ports import TaskSummary

_TYPES: Final = {
    "docx": DOCX_TYPE,
    "md": "text/markdown; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8; header=present",
}
_ALWAYS_OFFERED: Final = ("md", "json", "csv")
"""For every upload; docx is for an uploaded docx only."""
_ASCII_UNSAFE: Final = re.compile(r"[^A-Za-z0-9 ._()-]+")
_UNQUOTED: Final = "!#$&+-.^_`|~"


@dataclass(frozen=True, slots=True)
class Download:
    """A file to be saved by whoever asked."""

    name: str
    data: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """As it is sent."""
        response = Response(self.data, content_type=_TYPES[self.name.rpartition(".")[2]])
        response.headers["Content-Disposition"] = disposition(self.name)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.update(self.headers)
        return response


def disposition(name: str) -> str:
    """The Content-Disposition of a download: the name in ASCII, and as it is (RFC 6266, RFC 8187)."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = _ASCII_UNSAFE.sub("_", folded).lstrip(" _.")
    plain = plain if plain[:1].isalnum() else f"document{plain}"
    starred = quote(name, safe=_UNQUOTED, errors="replace")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{starred}"


async def download_of(parts: Parts, document: Document, query: ExportQuery) -> Download:
    """The download that was asked for.

    Raises:
        FormatNotOffered: this document cannot be had in that form.
        OriginalMissing: the form is written into the uploaded file, which is gone from the disk.
        UnreadableDocument: the uploaded file was changed on the disk.
    """
    fmt = _chosen_format(document, query)
    tasks = await parts.store.document_tasks(document.document_id)
    remarks = await _remarks_of(parts, document, tasks)
    stem = document.name.rpartition(".")[0] or document.name
    if query.applied:
        return await _revised(parts, document, remarks, f"{stem}-revised.{document.format}")
    selected, notices = select_remarks(remarks, query.status, fmt), notices_of(tasks)
    if fmt == "json":
        data = await asyncio.to_thread(export_json, document, selected, query.status, notices)
    else:
        told = as_remarks(notices, await parts.store.now_ms()) if query.status == "all" else ()
        data = await _written(parts, document, (*told, *selected), fmt)
    return Download(f"{stem}-reviewed.{fmt}", data)


def _chosen_format(document: Document, query: ExportQuery) -> ExportFormat:
    fmt = query.format or ("docx" if document.format == "docx" and not query.applied else "md")
    if fmt == "docx" and document.format != "docx":
        detail = f"Only an uploaded Word file can be had with comments; this is a {document.format}."
        raise FormatNotOffered(f"{detail} Choose md, json or csv.", possible=_ALWAYS_OFFERED)
    if query.applied and (document.format not in {"md", "txt"} or fmt != "md"):
        detail = "Suggestions are carried out in uploaded md and txt files only, and given with format=md."
        raise FormatNotOffered(f"{detail} Leave out applied.", possible=_possible(document))
    return fmt


def _possible(document: Document) -> tuple[str, ...]:
    return ("docx", *_ALWAYS_OFFERED) if document.format == "docx" else _ALWAYS_OFFERED


async def _remarks_of(parts: Parts, document: Document, tasks: Sequence[TaskSummary]) -> tuple[Remark, ...]:
    """The findings shown, in the order of the text, each with the time of the review that made it."""
    stored = await parts.store.findings(document.document_id)
    visible = visible_findings(stored, [task for task in tasks if task.kind is TaskKind.ANALYSIS])
    ends = {task.task_id: task.ended_at or task.created_at for task in tasks}
    now = await parts.store.now_ms()
    order = {section.section_id: number for number, section in enumerate(document.sections)}
    remarks = (Remark(found.finding, ends.get(found.task_id or "", now)) for found in visible)
    return tuple(sorted(remarks, key=lambda remark: _reading_order(remark, order)))


def _reading_order(remark: Remark, order: dict[str, int]) -> tuple[int, int, int]:
    anchor = remark.finding.anchor
    place = (anchor.start, anchor.end) if anchor else (-1, -1)
    return order.get(remark.finding.section_id, len(order)), *place


async def _written(
    parts: Parts, document: Document, remarks: tuple[Remark, ...], fmt: Literal["docx", "md", "csv"]
) -> bytes:
    match fmt:
        case "docx":
            return (await _into_original(parts, document, remarks, "docx")).data
        case "md" if document.format == "md":
            return (await _into_original(parts, document, remarks, "md")).data
        case "md":
            return await asyncio.to_thread(export_markdown, document, remarks)
        case "csv":
            return await asyncio.to_thread(export_csv, document, remarks)


async def _revised(parts: Parts, document: Document, remarks: tuple[Remark, ...], name: str) -> Download:
    made = await _into_original(parts, document, remarks, "applied")
    counts = {"Galley-Applied": str(made.applied), "Galley-Left-Out": str(made.left_out)}
    return Download(name, made.data, counts)


async def _into_original(parts: Parts, document: Document, remarks: tuple[Remark, ...], form: Form) -> Applied:
    data = await asyncio.to_thread(_load, parts, document)
    return await run_export(form, data, document, remarks)


def _load(parts: Parts, document: Document) -> bytes:
    """The uploaded file, as it came."""
    try:
        return _original(parts.settings.originals_dir, document).read_bytes()
    except FileNotFoundError as error:
        possible = tuple(form for form in _ALWAYS_OFFERED if form != document.format)
        detail = "The uploaded file was removed from the server's disk; its text and findings are still there."
        raise OriginalMissing(f"{detail} Choose {' or '.join(possible)}.", possible=possible) from error


def _original(directory: Path, document: Document) -> Path:
    if document.original is None:
        raise FileNotFoundError
    return original_path(directory, document.original)
