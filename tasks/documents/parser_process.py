"""Parse a file in a child process: sections, or one clear error."""

from __future__ import annotations

import json
from typing import Any, Final

from tasks.contract.documents import DocumentFormat, HiddenText
from tasks.contract.errors import UnreadableDocument
from tasks.documents.child_process import CRASHED, error_of, run_child
from tasks.documents.turns import Turns

MAX_CHILDREN: Final = 2

Drafts = list[tuple[str, int, str, tuple[HiddenText, ...]]]

_MODULE = "tasks.documents.child"
_turns = Turns(MAX_CHILDREN)


async def run_parser(data: bytes, fmt: DocumentFormat, owner: str) -> tuple[Drafts, tuple[str, ...]]:
    """Sections as (title, level, text, hidden text), and warnings.

    Raises:
        UnsupportedFormat, TooLarge, UnreadableDocument: as the child says, or for its crash or delay.
    """
    async with _turns.one(owner):
        output = await run_child(_MODULE, fmt, data)
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError as error:
        raise UnreadableDocument(CRASHED, reason="broken") from error
    if "refused" in answer:
        raise error_of(answer["refused"])
    hidden: dict[int, list[HiddenText]] = {}
    for number, kind, text in answer["hidden"]:
        hidden.setdefault(number, []).append(HiddenText(kind=kind, text=text))
    drafts = [(*section, tuple(hidden.get(number, ()))) for number, section in enumerate(answer["sections"])]
    return drafts, tuple(answer["warnings"])
