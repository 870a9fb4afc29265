"""Write into a copy of an uploaded file, in a child process: the new file, or one clear error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Final

from tasks.contract.documents import Document
from tasks.contract.errors import UnreadableDocument
from tasks.documents.child_process import CRASHED, error_of, run_child
from tasks.documents.export_remarks import Applied, Form, Remark
from tasks.documents.turns import Turns

MAX_CHILDREN: Final = 1
"""The tree of a large Word file takes hundreds of megabytes. Apart from the parsers: uploads must not hold this up."""

_MODULE = "tasks.documents.export_child"
_turns = Turns(MAX_CHILDREN)


async def run_export(form: Form, data: bytes, document: Document, remarks: Sequence[Remark]) -> Applied:
    """The file in the form asked for. What was applied and left out is counted for ``applied`` only.

    Raises:
        UnreadableDocument: the file is not the one that was uploaded, or costs too much.
    """
    given = await asyncio.to_thread(_given, data, document, remarks)
    async with _turns.one(document.owner):
        output = await run_child(_MODULE, form, given)
    head, separator, written = output.partition(b"\n")
    if not separator:
        raise UnreadableDocument(CRASHED, reason="broken")
    told = json.loads(head)
    if "refused" in told:
        raise error_of(told["refused"])
    return Applied(written, told["applied"], told["left_out"])


def _given(data: bytes, document: Document, remarks: Sequence[Remark]) -> bytes:
    told = {
        "document": document.model_dump(mode="json"),
        "remarks": [[remark.finding.model_dump(mode="json"), remark.made_at_ms] for remark in remarks],
    }
    return json.dumps(told).encode() + b"\n" + data
