"""The child process that parses one file: bytes on stdin, JSON on stdout.

``python -m tasks.documents.child FORMAT``. The answer is ``{"sections": [[title, level, text], …],
"warnings": […], "hidden": [[number of its section, kind, text], …]}`` or ``{"refused": {kind, reason, detail}}``.
Whatever else happens (a crash, a signal, no answer) the parent reads as a refusal of its own.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from typing import Any, cast

from tasks.documents.confinement import MAX_MEMORY_BYTES, confine
from tasks.documents.cutting import cut_draft
from tasks.documents.draft import Draft, Reading
from tasks.documents.hidden_places import place_hidden
from tasks.documents.refusal import Refused

MAX_SECTIONS = 2_000
"""As many as can be asked for at once (``MAX_SECTIONS_AT_ONCE`` of the contract; a test holds them equal)."""

Parser = Callable[[bytes], Reading]

_PARSERS = {
    "docx": "tasks.documents.docx_reader",
    "pdf": "tasks.documents.pdf_reader",
    "md": "tasks.documents.markdown_reader",
    "txt": "tasks.documents.text_reader",
}


def load_parser(fmt: str) -> Parser:
    """The ``read`` function of a format's module.

    Imported by name, because a txt must not pay for lxml or pdfium.
    """
    return cast("Parser", importlib.import_module(_PARSERS[fmt]).read)


def parse(data: bytes, parser: Parser) -> tuple[list[Draft], Reading]:
    """The sections of a file, cut to size and in order, and what else was read.

    Raises:
        Refused: the file cannot be read, or holds nothing.
    """
    reading = parser(data)
    sections = [part for draft in reading.drafts for part in cut_draft(draft)]
    _check_amount(sections)
    return sections, reading


def _check_amount(sections: list[Draft]) -> None:
    if not any(section.text.strip() or section.level for section in sections):
        raise Refused("The document holds no text. Choose a file with some text in it.", reason="empty")
    if len(sections) > MAX_SECTIONS:
        raise Refused(
            f"The document has {len(sections):,} sections; at most {MAX_SECTIONS:,} can be taken. "
            "Split it into several files.",
            kind="too_large",
        )


def answer(data: bytes, parser: Parser) -> dict[str, Any]:
    """The JSON answer for one file."""
    try:
        sections, reading = parse(data, parser)
    except Refused as refused:
        return {"refused": {"kind": refused.kind, "reason": refused.reason, "detail": refused.detail}}
    except MemoryError:
        detail = f"Reading the document needs more than {MAX_MEMORY_BYTES >> 20:,} MiB of memory. Split it into parts."
        return {"refused": {"kind": "unreadable", "reason": "hostile", "detail": detail}}
    return {
        "sections": [[s.title, s.level, s.text] for s in sections],
        "warnings": list(reading.warnings),
        "hidden": [[number, each.kind, each.text] for number, each in place_hidden(sections, reading.hidden)],
    }


def main() -> None:
    """Read, parse, answer."""
    # Our own code is loaded before the limits fall, so that Python may still write its bytecode cache.
    parser = load_parser(sys.argv[1])
    confine()
    text = json.dumps(answer(sys.stdin.buffer.read(), parser), ensure_ascii=False)
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
