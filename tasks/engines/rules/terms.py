"""Words that the framework or the user's guidelines want used, or not used.

Guidelines are prose, and most of them only a reader can follow. What can be checked is taken from lines that
say it plainly: *use X, not Y* (also *X instead of Y*, *Y -> X*), *avoid “Y”*, *forbidden words: a, b, c*, and
*at most N words a sentence*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from tasks.contract.findings import Suggestion
from tasks.contract.frameworks import Framework
from tasks.engines.rules.prose import sentences_of, word_count
from tasks.engines.rules.rule import Subject, Violation

_QUOTED: Final = r"[\"“”‘'`*«](?P<{0}q>[^\"“”’'`*»\n]{{1,60}})[\"“”’'`*»]+"
_PLAIN: Final = r"(?P<{0}p>[\w-]+(?:[ ][\w-]+){{0,2}}?)"
_TERM: Final = f"(?:{_QUOTED}|{_PLAIN})"
_USE: Final = _TERM.format("use")
_NOT: Final = _TERM.format("not")
_END: Final = r"(?=\s*(?:[.;,)\n]|$))"
_MARK: Final = r"^[ \t]*(?:[-*•]|\d+[.)])?[ \t]*"
_RATHER: Final = r"(?:not|never|instead of|rather than|over|in place of)"
_VERB: Final = r"(?:please[ ]+)?(?:always[ ]+)?(?:use|write|say|prefer|call it)"
_PREFERENCES: Final = (
    re.compile(
        rf"{_MARK}{_VERB}[ ]+{_USE},?[ ]+(?:and[ ]+)?{_RATHER}[ ]+{_NOT}{_END}",
        re.IGNORECASE | re.MULTILINE,
    ),
    re.compile(rf"{_MARK}{_NOT}[ ]*(?:->|=>|→)[ ]*{_USE}{_END}", re.IGNORECASE | re.MULTILINE),
    re.compile(
        rf"{_MARK}instead of[ ]+{_NOT},?[ ]+{_VERB}[ ]+{_USE}{_END}",
        re.IGNORECASE | re.MULTILINE,
    ),
)
_FORBIDDEN_LIST: Final = re.compile(
    rf"{_MARK}(?:forbidden(?: words?| terms?| phrases?)?|words? to avoid|(?:avoid|never use|do not use|don['’]t use|no)"
    r"(?: these| the following)?(?: words?| terms?| phrases?)?)[ ]*:[ ]*(?P<list>[^\n]+)",
    re.IGNORECASE | re.MULTILINE,
)
_FORBIDDEN: Final = re.compile(
    r"\b(?:avoid|(?:never|do not|don['’]t) (?:use|write|say))[ ]+(?:the (?:word|term|phrase)s?[ ]+)?"
    r"(?P<list>[\"“‘'`*«][^.;\n]*)",
    re.IGNORECASE,
)
_IN_QUOTES: Final = re.compile(r"[\"“‘'`*«]([^\"“”’'`*»\n]{1,60})[\"”’'`*»]")
_LENGTH: Final = re.compile(
    r"\bsentences?\b[^.\n]{0,40}?(?:at most|no (?:more|longer) than|up to|under|below|max(?:imum)?\.?(?: of)?)"
    r"\s+(\d{1,3})\s+words"
    r"|\b(?:at most|no more than|max(?:imum)?\.?(?: of)?)\s+(\d{1,3})\s+words\s+(?:a|per|in a)\s+sentence",
    re.IGNORECASE,
)
_FEWEST_WORDS: Final = 5


@dataclass(frozen=True, slots=True)
class Terms:
    """What can be checked of the user's wishes: unwanted term -> wanted one, or None where it is forbidden."""

    wanted: dict[str, str | None]
    sentence_words: int | None = None


def check_terms(subject: Subject) -> Iterator[Violation]:
    """Unwanted words, and sentences longer than the guidelines allow."""
    document = subject.document
    if document is None:
        return
    for unwanted, wanted in _wanted(document.framework).items():
        yield from _uses(subject.text, unwanted, wanted, "the framework")
    given = terms_of(document.guidelines or "")
    for unwanted, wanted in given.wanted.items():
        yield from _uses(subject.text, unwanted, wanted, "your guidelines")
    if given.sentence_words is not None:
        yield from _long_sentences(subject.text, given.sentence_words)


def _wanted(framework: Framework | None) -> dict[str, str | None]:
    if framework is None:
        return {}
    preferred = {term: p.use for p in framework.prefer for term in p.instead_of}
    return {**dict.fromkeys(framework.avoid), **preferred}


@lru_cache(maxsize=4)  # all sections of one document are reviewed one after another
def terms_of(guidelines: str) -> Terms:
    """What can be checked of guidelines in prose."""
    wanted: dict[str, str | None] = {}
    for match in _FORBIDDEN.finditer(guidelines):
        wanted |= dict.fromkeys(term.strip() for term in _IN_QUOTES.findall(match["list"]))
    for match in _FORBIDDEN_LIST.finditer(guidelines):
        wanted |= dict.fromkeys(_listed(match["list"]))
    for pattern in _PREFERENCES:
        for match in pattern.finditer(guidelines):
            use, unwanted = (match[f"{n}q"] or match[f"{n}p"] for n in ("use", "not"))
            wanted[unwanted.strip()] = use.strip()
    length = _LENGTH.search(guidelines)
    words = int(length[1] or length[2]) if length else 0
    return Terms(
        {term: use for term, use in wanted.items() if term and term != use}, words if words >= _FEWEST_WORDS else None
    )


def _listed(text: str) -> list[str]:
    """A list after a colon: what is quoted, else what stands between commas."""
    quoted = _IN_QUOTES.findall(text)
    terms = quoted or re.split(r"[,;]|\band\b|\bor\b", text)
    return [term for each in terms if (term := each.strip(" .\t\"'*`")) and len(term.split()) <= 5]


def _uses(text: str, unwanted: str, wanted: str | None, whose: str) -> Iterator[Violation]:
    exact = wanted is not None and wanted.casefold() == unwanted.casefold()  # only the spelling of it matters
    pattern = re.compile(rf"(?<![\w-]){_spaced(unwanted)}(?![\w-])", 0 if exact else re.IGNORECASE)
    kept = re.compile(rf"(?<![\w-]){_spaced(wanted)}(?![\w-])", re.IGNORECASE) if wanted and not exact else None
    allowed = [m.span() for m in kept.finditer(text)] if kept else []
    for match in pattern.finditer(text):
        if not any(start <= match.start() and match.end() <= end for start, end in allowed):
            yield _unwanted(match, wanted, whose)


def _spaced(term: str) -> str:
    return r"\s+".join(re.escape(word) for word in term.split())


def _unwanted(match: re.Match[str], wanted: str | None, whose: str) -> Violation:
    if wanted is None:
        return Violation(
            "guideline.forbidden",
            match.span(),
            "tone",
            "minor",
            f"By {whose}, “{match[0]}” is not to be used.",
            "",
            0.95,
        )
    replacement = wanted[:1].upper() + wanted[1:] if match[0][:1].isupper() and wanted.islower() else wanted
    return Violation(
        "guideline.term",
        match.span(),
        "consistency",
        "minor",
        f"By {whose}, it is “{wanted}”, not “{match[0]}”.",
        "",
        0.95,
        Suggestion(kind="replace", text=replacement),
    )


def _long_sentences(text: str, most: int) -> Iterator[Violation]:
    for start, end in sentences_of(text):
        words = word_count(text[start:end])
        if words > most and "|" not in text[start:end]:  # a row of a table is no sentence
            message = f"This sentence has {words} words; your guidelines allow {most}."
            yield Violation("guideline.sentence-length", (start, end), "clarity", "minor", message, "", 0.9)
