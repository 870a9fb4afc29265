"""Documents: uploaded, listed, read, deleted."""

from __future__ import annotations

from typing import Final

from quart import Blueprint, Response
from quart_schema import DataSource, document_headers, document_querystring, document_request, document_response

from server.answers import json_response, no_content
from server.document_view import document_json, listed_json
from server.incoming import asking_owner, cursor_of, read_query
from server.owned import document_of
from server.parts import parts
from server.schemas.base import Nothing
from server.schemas.documents import DocumentCreated, DocumentList, DocumentWhole, UploadForm
from server.schemas.requests import IdempotencyHeaders, PageQuery
from server.uploading import Upload, accept_upload, remove_document

blueprint = Blueprint("documents", __name__)

_PAGE: Final = 50


@blueprint.post("/documents")
@document_headers(IdempotencyHeaders)
@document_request(UploadForm, source=DataSource.FORM_MULTIPART)
@document_response(DocumentCreated, 201)
async def upload_document() -> Response:
    """Upload a document; it is split into sections."""
    owner = await asking_owner()
    upload = await Upload.from_request()
    return (await accept_upload(parts(), owner, upload)).response()


@blueprint.get("/documents")
@document_querystring(PageQuery)
@document_response(DocumentList)
async def list_documents() -> Response:
    """My documents, newest first."""
    owner, query = await asking_owner(), read_query(PageQuery)
    found, cursor = await parts().store.list_documents(owner, before=cursor_of(query.cursor), count=_PAGE)
    return json_response({"documents": [listed_json(d) for d in found], "cursor": str(cursor) if cursor else None})


@blueprint.get("/documents/<document_id>")
@document_response(DocumentWhole)
async def read_document(document_id: str) -> Response:
    """One document: texts, findings, its tasks, its progress."""
    document = await document_of(parts(), await asking_owner(), document_id)
    findings = await parts().store.findings(document_id)
    tasks = await parts().store.document_tasks(document_id)
    return json_response(document_json(document, findings, tasks))


@blueprint.delete("/documents/<document_id>")
@document_response(Nothing, 204)
async def delete_document(document_id: str) -> Response:
    """Delete a document and everything of it; running tasks are stopped."""
    document = await document_of(parts(), await asking_owner(), document_id)
    await remove_document(parts(), document)
    return no_content()


@blueprint.delete("/documents")
@document_response(Nothing, 204)
async def delete_all_documents() -> Response:
    """Delete all that is mine: documents with everything of them, and reviews and questions that had none.
    What runs for them is stopped. My keys stay."""
    owner, store = await asking_owner(), parts().store
    any_left = True
    while any_left:  # a page that gives nothing to delete is the last, whatever the list still says
        found, _ = await store.list_documents(owner, before=None, count=_PAGE)
        any_left = any([await remove_document(parts(), document) for document in found])
    await _remove_tasks_without_document(owner)
    return no_content()


async def _remove_tasks_without_document(owner: str) -> None:
    store, before = parts().store, None
    while True:
        found, before = await store.list_tasks(owner, state=None, document_id=None, before=before, count=_PAGE)
        for task in found:
            if task.document_id is None:
                await store.delete_task(task.task_id, owner)
        if before is None:
            return
