"""Subjects and verbs that do not agree in number, where Harper looks only at pronouns.

Kept narrow on purpose. A clause begins with its subject, the verb follows at once, and the noun's number can be
seen: anything between the two could be the real subject, and a noun like *staff* may be either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tasks.contract.findings import Suggestion
from tasks.engines.rules.prose import NUMBER_WORDS
from tasks.engines.rules.rule import Subject, Violation

_TO_PLURAL: Final = {
    "was": "were", "is": "are", "has": "have", "does": "do", "wasn't": "weren't", "isn't": "aren't",
    "hasn't": "haven't", "doesn't": "don't",
}  # fmt: skip
_TO_SINGULAR: Final = {plural: singular for singular, plural in _TO_PLURAL.items()}
_VERBS: Final = """
want need require contain consist depend provide prevent allow become seem remain include mean get give take go come
keep make say think believe know agree prefer expect decide receive help begin appear belong exist follow suffer save
describe explain recommend suggest support produce reduce improve increase cause deliver offer cover
"""
_BASE_FORMS: Final = frozenset(_VERBS.split())
_SINGULAR_FORMS: Final = {f"{verb}es" if verb in ("go", "do") else f"{verb}s": verb for verb in _BASE_FORMS}
_PLURAL_VERB: Final = "|".join(_TO_PLURAL)
_SINGULAR_VERB: Final = "|".join(_TO_SINGULAR)
_CLAUSE: Final = r"(?:^|[.!?:;]\s+|\n\s*(?:[-*•]\s+|\d+[.)]\s+)?|\b(?:because|when|while|if|but|although),?\s+|,\s+(?:but|and|so)\s+)"
_THAT_CLAUSE: Final = _CLAUSE.replace("because", "that|because")
_MANY: Final = r"(?:the|these|those|all|many|several|both|our|their|some|most|few)"
_ONE: Final = r"(?:the|this|that|every|each|a|an|our|its|no)"
_NUMBERS: Final = "|".join(word for word, number in NUMBER_WORDS.items() if number > 1)
_NEXT: Final = (
    r"(?=\s+(?:a|an|the|this|these|no|not|too|very|more|less|in|on|at|of|from|to|for|with|by|about|all|each|every|its|it|"
    r"their|them|his|her|our|us|new|only|that|how|\d+)\b)"
)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A form of disagreement: groups ``noun`` (where there is one that must be of the wrong number) and
    ``verb``; ``wrong`` maps the verb to the one that agrees; ``plural`` is the noun's number."""

    regex: re.Pattern[str]
    wrong: dict[str, str]
    plural: bool | None = None


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_OF_THEM: Final = rf"(?:two|three|four|five|{_NUMBERS}|both|many|most|several|some|all|few|half)"
_PATTERNS: Final = (
    _Pattern(
        _compiled(rf"{_THAT_CLAUSE}(?P<all>{_MANY}\s+(?P<noun>[a-z]{{3,}}s)\s+(?P<verb>{_PLURAL_VERB}))\b"),
        _TO_PLURAL,
        True,
    ),
    _Pattern(
        _compiled(rf"{_CLAUSE}(?P<all>{_ONE}\s+(?P<noun>[a-z]{{2,}})\s+(?P<verb>{_SINGULAR_VERB}))\b"),
        _TO_SINGULAR,
        False,
    ),
    _Pattern(
        _compiled(r"(?P<all>\b(?:every|some|any|no)(?:body|one|\s+one|thing)\s+(?P<verb>were|have|are))\b"),
        _TO_SINGULAR,
    ),
    _Pattern(
        _compiled(
            rf"(?P<all>\b(?:each|one|neither|either|every one)\s+of\s+(?:the|these|those|our|their|its)\s+[a-z]+s\s+"
            rf"(?P<verb>{_SINGULAR_VERB}))\b"
        ),
        _TO_SINGULAR,
    ),
    _Pattern(
        _compiled(rf"(?P<all>\b{_OF_THEM}\s+of\s+(?:them|these|those)\s+(?P<verb>was|is|has|does))\b"), _TO_PLURAL
    ),
    _Pattern(
        _compiled(
            rf"(?P<all>\b{_OF_THEM}\s+of\s+(?:the|these|our|their)\s+(?P<noun>[a-z]{{3,}}s)\s+(?P<verb>was|is|has|does))\b"
        ),
        _TO_PLURAL,
        True,
    ),
    _Pattern(
        _compiled(
            rf"(?P<all>\bthere\s+(?P<verb>is|was|has been)\s+(?:{_NUMBERS}|several|many|a few|\d\d+)\s+(?:[a-z]+\s+)?(?P<noun>[a-z]+s))\b"
        ),
        {"is": "are", "was": "were", "has been": "have been"},
        True,
    ),
    _Pattern(
        _compiled(
            rf"{_CLAUSE}(?P<all>the\s+(?P<noun>[a-z]{{3,}})\s+of\s+(?:the|these|our|all)\s+[a-z]+s\s+(?P<verb>are|were|have|do))\b"
        ),
        _TO_SINGULAR,
        False,
    ),
    _Pattern(
        _compiled(
            r"(?P<all>\b(?:a|an|the|every|each)\s+(?P<noun>[a-z]{3,})\s+(?:that|which|who)\s+(?P<verb>do|are|were|have))\b"
        ),
        _TO_SINGULAR,
        False,
    ),
    _Pattern(
        _compiled(
            rf"(?<!one of )(?P<all>\b(?:the|these|those|all|{_NUMBERS})\s+(?P<noun>[a-z]{{3,}}s)\s+(?:that|which|who)\s+(?P<verb>is|was|has|does))\b"
        ),
        _TO_PLURAL,
        True,
    ),
    _Pattern(
        _compiled(
            rf"{_CLAUSE}(?P<all>(?:{_MANY}|{_NUMBERS})\s+(?:[a-z]+\s+)?(?P<noun>[a-z]{{3,}}s)\s+(?P<verb>{'|'.join(_SINGULAR_FORMS)})){_NEXT}"
        ),
        _SINGULAR_FORMS,
        True,
    ),
    _Pattern(
        _compiled(
            rf"{_CLAUSE}(?P<all>(?:the|this|every|each|our|a|an|one)\s+(?P<noun>[a-z]{{3,}})\s+(?P<verb>{'|'.join(_BASE_FORMS)})){_NEXT}"
        ),
        {base: singular for singular, base in _SINGULAR_FORMS.items()},
        False,
    ),
    _Pattern(
        _compiled(rf"{_CLAUSE}(?P<all>(?:every|each|no)(?:body|\s?one)\s+(?P<verb>{'|'.join(_BASE_FORMS)})){_NEXT}"),
        {base: singular for singular, base in _SINGULAR_FORMS.items()},
    ),
    _Pattern(
        _compiled(r"(?:^|[.!?]\s+)(?P<all>(?:it|he|she)\s+(?P<verb>have|are|were|do|don't))\b(?!\s+to\b)"), _TO_SINGULAR
    ),
)
_SINGULAR_IN_S: Final = re.compile(r"(?:ss|us|is|as|os|ics)$", re.IGNORECASE)
_SOMETIMES_BOTH: Final = """
news series species means lens headquarters crossroads works people police staff team crew committee family public
rest data media government board group majority minority number lot half part pair variety range couple handful set
children men women folk cattle fish sheep criteria phenomena feet teeth mice bacteria personnel audience jury company
same following above other others first second last next few many most more one two three old young rich poor
management faculty press percentage share total bulk sum combination series youth cast clergy
"""
_EITHER: Final = frozenset(_SOMETIMES_BOTH.split())
_NO_NOUNS: Final = frozenset(
    (
        "they",
        "we",
        "you",
        "these",
        "those",
        "who",
        "which",
        "that",
        "what",
        "not",
        "also",
        "all",
        "both",
        "so",
        "then",
        "there",
        "here",
    )
)


def check_agreement(subject: Subject) -> Iterator[Violation]:
    """Clauses like "The logs was", "Each of them have", "The planner save a …"."""
    done: set[int] = set()
    for pattern in _PATTERNS:
        for match in pattern.regex.finditer(subject.text):
            if match.start("verb") in done or not _is_of_that_number(match, pattern.plural):
                continue
            done.add(match.start("verb"))
            yield _violation(match, pattern.wrong[match["verb"].lower().replace("’", "'")])


def _is_of_that_number(match: re.Match[str], plural: bool | None) -> bool:
    if plural is None:
        return True
    noun = match["noun"].lower()
    if noun in _EITHER or noun in _NO_NOUNS:
        return False
    in_s = noun.endswith("s")
    return (in_s and not _SINGULAR_IN_S.search(noun)) if plural else not in_s


def _violation(match: re.Match[str], right: str) -> Violation:
    verb, said = match["verb"], match["all"]
    at = match.start("verb") - match.start("all")
    return Violation(
        "subject-verb-agreement",
        match.span("all"),
        "grammar",
        "minor",
        f"Subject and verb do not agree: it should be “{right}”, not “{verb}”.",
        confidence=0.85,
        suggestion=Suggestion(kind="replace", text=said[:at] + right + said[at + len(verb) :]),
    )
