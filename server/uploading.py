"""From an uploaded file to a document in the store, and away again."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass

from quart import request

from server.answers import Answer
from server.document_view import created_json
from server.ids import id_from, new_id
from server.incoming import digest_of_parts, idempotency_key
from server.parts import Parts
from server.schemas.documents import UploadForm
from tasks.contract.documents import Document
from tasks.contract.errors import BadRequest
from tasks.contract.frameworks import Framework
from tasks.documents.originals import remove_original, store_original
from tasks.documents.reader import Parsed, read_document


@dataclass(frozen=True, slots=True)
class Upload:
    """What came with the form. ``framework`` is an id or a whole framework in YAML."""

    filename: str
    data: bytes
    framework: str | None
    guidelines: str | None
    key: str | None

    @classmethod
    async def from_request(cls) -> Upload:
        """Read the present request's form. What to look for may come as text or as a file.

        Raises:
            BadRequest, ValidationError: there is no file, or a field is too long.
        """
        key = idempotency_key()
        files = await request.files
        file = files.get("document")
        if file is None or not file.filename:
            raise BadRequest("The form has no file named document. Send the file as multipart/form-data.")
        if len(files.getlist("document")) > 1:
            raise BadRequest("The form has more than one document. Send each with a request of its own.")
        data = file.read()
        texts = {name: _text_of(name, files[name].read()) for name in ("framework", "guidelines") if name in files}
        unknown = dict.fromkeys(files.keys() - UploadForm.model_fields.keys(), "")
        form = UploadForm.model_validate((await request.form).to_dict() | texts | unknown | {"document": b""})
        return cls(file.filename, data, form.framework or None, form.guidelines or None, key)

    @property
    def digest(self) -> str:
        """What makes two uploads the same."""
        content = hashlib.sha256(self.data).hexdigest()
        return digest_of_parts("/documents", content, self.filename, self.framework or "", self.guidelines or "")


def _text_of(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRequest(f"The file given as {name} is no text in UTF-8.") from None


async def accept_upload(parts: Parts, owner: str, upload: Upload) -> Answer:
    """Parse and keep the document. With a key, the same upload has the same id, so that two at once
    make one document.

    Raises:
        UnsupportedFormat, TooLarge, UnreadableDocument: as `read_document` says.
        UnknownFramework, InvalidFramework: as `Shelf.chosen` says.
    """
    if upload.key is None:
        return await _keep(parts, owner, new_id("d"), upload)
    digest = await asyncio.to_thread(lambda: upload.digest)
    recorded = await parts.store.recall_answer(owner, upload.key, digest)
    if recorded is not None:
        return Answer.from_text(recorded)
    answer = await _keep(parts, owner, id_from("d", owner, upload.key, digest), upload)
    await parts.store.record_answer(owner, upload.key, digest, answer.as_text())
    return answer


async def _keep(parts: Parts, owner: str, document_id: str, upload: Upload) -> Answer:
    framework = await asyncio.to_thread(parts.frameworks.chosen, upload.framework)
    parsed = await read_document(upload.data, upload.filename, owner)
    directory = parts.settings.originals_dir
    original = await asyncio.to_thread(store_original, directory, document_id, parsed.name, upload.data)
    document = _document(owner, upload, parsed, framework).model_copy(
        update={"document_id": document_id, "created_at": await parts.store.now_ms(), "original": original}
    )
    await parts.store.add_document(document)
    return Answer(201, json.dumps(created_json(document), ensure_ascii=False), f"/documents/{document_id}")


def _document(owner: str, upload: Upload, parsed: Parsed, framework: Framework) -> Document:
    """The document, less what is known only once it is kept."""
    return Document(
        document_id="",
        owner=owner,
        name=parsed.name,
        format=parsed.format,
        sections=parsed.sections,
        warnings=parsed.warnings,
        framework=framework,
        guidelines=upload.guidelines,
        size_bytes=len(upload.data),
    )


async def remove_document(parts: Parts, document: Document) -> bool:
    """Delete it with everything of it; False: it was gone already. Its tasks go first, the uploaded
    file last, so that a failure between the two leaves nothing that is still shown."""
    was_there = await parts.store.delete_document(document.document_id)
    parts.documents.forget(document.document_id)
    if document.original is not None:
        await asyncio.to_thread(remove_original, parts.settings.originals_dir, document.original)
    return was_there
