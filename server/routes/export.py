"""Documents out: a download with the findings."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_querystring

from server.exporting import download_of
from server.incoming import asking_owner, read_query
from server.owned import document_of
from server.parts import parts
from server.schemas.export import ExportQuery

blueprint = Blueprint("export", __name__)


@blueprint.get("/documents/<document_id>/export")
@document_querystring(ExportQuery)
async def export_document(document_id: str) -> Response:
    """A document with its findings, as a file.

    docx: the uploaded Word file with a comment on each quote. md: the text with a footnote for each
    finding. json and csv: the findings as data. `applied` gives an uploaded md or txt with the
    accepted suggestions carried out. 422 `format_not_offered`: its `possible` names what there is.
    """
    owner, query = await asking_owner(), read_query(ExportQuery)
    document = await document_of(parts(), owner, document_id)
    return (await download_of(parts(), document, query)).response()
