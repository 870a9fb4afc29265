"""Plural subjects with singular verbs, where Harper looks only at pronouns.

Kept narrow on purpose: a clause that begins with a determiner and one plural noun, directly followed by
the verb. Anything between them could be the real subject.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tasks.contract.findings import Suggestion
from tasks.engines.rules.rule import Subject, Violation

_PLURAL_FORM: Final = {"was": "were", "is": "are", "has": "have", "does": "do"}
_CLAUSE: Final = re.compile(
    r"(?:^|[.!?:;]\s+|\n\s*|\b(?:that|because|when|while|if|but|although|and),?\s+)"
    r"((?:the|these|those|all|many|several|both|our|their)\s+([a-z]{3,}s)\s+(was|is|has|does))\b",
    re.IGNORECASE,
)
_SINGULAR_ENDING: Final = re.compile(r"(?:ss|us|is|as|os|ics)$", re.IGNORECASE)
_SINGULAR: Final = frozenset(("news", "series", "species", "means", "lens", "headquarters", "crossroads", "works"))


def check_agreement(subject: Subject) -> Iterator[Violation]:
    """Clauses like "The logs was"."""
    for match in _CLAUSE.finditer(subject.text):
        noun, verb = match[2].lower(), match[3].lower()
        if _SINGULAR_ENDING.search(noun) or noun in _SINGULAR:
            continue
        plural = _PLURAL_FORM[verb]
        yield Violation(
            "subject-verb-agreement",
            match.span(1),
            "grammar",
            "minor",
            f"“{match[2]}” is plural and takes “{plural}”, not “{verb}”.",
            confidence=0.85,
            suggestion=Suggestion(kind="replace", text=match[1][: -len(verb)] + plural),
        )
