"""Cut a long text into parts of about equal size, where a reader would pause.

A section is what one call to the engine sees. Beyond some 6,000 characters the attention a single
remark gets falls, and one slow call holds up the person longer than two that run side by side.
"""

from __future__ import annotations

import math
import re

from tasks.documents.draft import Draft

PART_CHARS = 6_000
"""The size aimed at, in code points."""
WHOLE_CHARS = 8_000
"""Up to here a text stays whole: a cut would cost more context than it wins."""

_PAUSES = (
    re.compile(r"\n[ \t]*\n\s*"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?。！？])[\"'”’)\]]*\s+"),
    re.compile(r"\s+"),
)
"""From the best place to cut to the worst. A part ends before the match and the next begins behind it."""


def cut_text(text: str) -> list[tuple[int, int]]:
    """The parts of ``text`` as (start, end) in code points; together they hold all but white space."""
    if len(text) <= WHOLE_CHARS:
        return [(0, len(text))]
    size = len(text) / math.ceil(len(text) / PART_CHARS)
    parts, start = [], 0
    while len(text) - start > size * 1.25:
        end, following = _find_pause(text, start, size)
        parts.append((start, end))
        start = following
    if text[start:].strip():
        parts.append((start, len(text)))
    return parts


def _find_pause(text: str, start: int, size: float) -> tuple[int, int]:
    """Where the part that begins at ``start`` ends, and where the next begins."""
    aim = start + size
    low, high = start + int(size * 0.5), start + int(size * 1.25)
    for pause in _PAUSES:
        found = list(pause.finditer(text, low, high))
        if found:
            best = min(found, key=lambda match: abs(match.start() - aim))
            return best.start(), best.end()
    return int(aim), int(aim)


def cut_draft(draft: Draft) -> list[Draft]:
    """The draft itself, or its parts titled "(part 2 of 3)"."""
    parts = cut_text(draft.text)
    return [
        Draft(part_title(draft.title, number, len(parts)), draft.level, draft.text[start:end], draft.start + start)
        for number, (start, end) in enumerate(parts, 1)
    ]


def part_title(title: str, number: int, count: int) -> str:
    """The title of one of ``count`` parts; the plain title when there is only one."""
    return title if count == 1 else f"{title} (part {number} of {count})"
