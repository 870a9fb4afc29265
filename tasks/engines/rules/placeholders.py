"""What an author meant to come back to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tasks.engines.rules.rule import Subject, Violation

_PLACEHOLDER: Final = re.compile(
    r"(?<![\w-])(?:TODO|TBD|TBA|TBC|FIXME|XXX+)(?![\w-])(?::[^\n.]{0,80})?"
    r"|\?\?\?+"
    r"|\[\s*(?i:insert|add|fill in|placeholder|citation needed|to be (?:done|added|confirmed))\b[^\]\n]{0,80}\]"
    r"|<(?i:insert|placeholder|your)\b[^>\n]{0,60}>"
    r"|\b(?i:lorem ipsum)\b"
)


def check_placeholders(subject: Subject) -> Iterator[Violation]:
    """Left-over marks like TBD, FIXME, [insert figure] or filler text."""
    for match in _PLACEHOLDER.finditer(subject.text):
        yield Violation(
            "placeholder",
            match.span(),
            "structure",
            "major",
            "A placeholder was left in the text; fill it in or take it out.",
            "",
            0.97,
        )
