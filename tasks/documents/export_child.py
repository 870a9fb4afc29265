"""The child process that writes into one uploaded file: what to write and the file on stdin, the new file on stdout.

``python -m tasks.documents.export_child FORM``. Standard input is a line of JSON, ``{"document": …, "remarks":
[[finding, made_at_ms], …]}``, and the file. Standard output is a line of JSON, ``{"applied": …, "left_out": …}`` or
``{"refused": {kind, reason, detail}}``, and the new file. An uploaded file was made by somebody else: opened here
again, it may cost as much as when it was read first.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from tasks.contract.documents import Document
from tasks.contract.errors import UnreadableDocument
from tasks.contract.findings import Finding
from tasks.documents.confinement import MAX_MEMORY_BYTES, confine
from tasks.documents.export_applied import apply_accepted
from tasks.documents.export_docx import export_docx
from tasks.documents.export_markdown_source import export_markdown_source
from tasks.documents.export_remarks import Applied, Form, Remark

_Writer = Callable[[bytes, Document, Sequence[Remark]], bytes | Applied]
_WRITERS: Final[dict[Form, _Writer]] = {
    "docx": export_docx,
    "md": export_markdown_source,
    "applied": apply_accepted,
}


def answer(given: bytes, write: _Writer) -> bytes:
    """The whole answer."""
    head, _, data = given.partition(b"\n")
    told = json.loads(head)
    document = Document.model_validate(told["document"])
    remarks = [Remark(Finding.model_validate(finding), at_ms) for finding, at_ms in told["remarks"]]
    try:
        written = write(data, document, remarks)
    except UnreadableDocument as error:
        return _line({"refused": {"kind": "unreadable", "reason": error.data["reason"], "detail": error.detail}})
    except MemoryError:
        detail = f"Writing into the document needs more than {MAX_MEMORY_BYTES >> 20:,} MiB of memory. Split it."
        return _line({"refused": {"kind": "unreadable", "reason": "hostile", "detail": detail}})
    made = written if isinstance(written, Applied) else Applied(written)
    return _line({"applied": made.applied, "left_out": made.left_out}) + made.data


def _line(told: dict[str, Any]) -> bytes:
    return json.dumps(told).encode() + b"\n"


def main() -> None:
    """Read, write, answer."""
    confine()
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read(), _WRITERS[cast("Form", sys.argv[1])]))


if __name__ == "__main__":
    main()
