"""Acronyms that the document uses before, or without, saying what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from tasks.contract.documents import Section
from tasks.contract.findings import Severity
from tasks.engines.rules.rule import Subject, Violation

_ACRONYM: Final = re.compile(r"(?<![\w\-./@#&$])([A-Z][A-Z&]{0,4}[A-Z]\d?)(?=s?(?![\w\-/@&]|\.\w))")
_DEFINED_AFTER: Final = re.compile(r"\w[\w)”\"'*]*\s+\(\s*[“\"*]*([A-Z][A-Z&]{0,4}[A-Z]\d?)s?[”\"*]*\s*[;,)]")
_DEFINED_BEFORE: Final = re.compile(
    r"\b([A-Z][A-Z&]{0,4}[A-Z]\d?)s?\s*(?:\((?=[A-Za-z]+[ -][A-Za-z])|[,]?\s*(?:stands for|means|is short for|, or)\s)"
)
_LISTED: Final = re.compile(r"^\s*[*|-]*\s*\**([A-Z][A-Z&]{0,4}[A-Z]\d?)\**\s*(?:[:|–—]|\s-\s|\t)", re.MULTILINE)
_EVERYBODY_KNOWS: Final = """
USA US UK EU UN UAE NATO NASA USD EUR GBP AM PM AD BC CEO CFO CTO COO HR IT PR VIP FAQ PDF HTML CSS HTTP HTTPS URL
API SQL XML JSON CSV USB CPU GPU RAM SSD WWW PC TV CD DVD GPS SMS PIN ID OK ISO DNA RNA HIV AIDS COVID AI UI UX QA
YAML SDK UTC UTF ASCII README KB MB GB TB HZ VPN SSH FTP ZIP PNG JPEG GIF USD DC AC LAN WAN OS IT FM TTL
GET POST PUT PATCH DELETE HEAD PHD MBA BBC CNN FBI CIA IBM SMTP SSL TLS TCP IP DNS RFC NB PS CC BCC RSVP ETC VAT GDP NGO DIY LED LCD RGB
"""
_JUST_CAPITALS: Final = "TODO TBD TBA TBC FIXME XXX NOTE AND OR NOT THE TO OF IN ON IS NO ALL MUST MAY SHALL"
_NEVER: Final = frozenset(f"{_EVERYBODY_KNOWS} {_JUST_CAPITALS}".split())
_CODE: Final = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_ROMAN: Final = re.compile(r"[IVXLCDM]+")
_SHOUTED_SHARE: Final = 0.6  # a line of capitals is a heading or emphasis


def check_acronyms(subject: Subject) -> Iterator[Violation]:
    """The first use of each undefined acronym, reported in the section where the document uses it first."""
    defined = _definitions(subject.sections)
    seen = {name for section in subject.earlier for name, _ in _uses(section)}
    before = {name for name, at in defined.items() if at < len(subject.earlier)}
    here = len(subject.earlier)
    for name, at in _uses(subject.section):
        if name in seen:
            continue
        seen.add(name)
        if name not in defined:
            yield _violation(name, at, "is used without being explained", "minor", 0.75)
        elif name not in before and defined[name] > here:
            yield _violation(name, at, "is used before it is explained", "info", 0.8)


def _violation(name: str, at: int, what: str, severity: Severity, confidence: float) -> Violation:
    return Violation(
        "undefined-acronym",
        (at, at + len(name)),
        "clarity",
        severity,
        f"“{name}” {what}.",
        "A reader who does not know it is lost; write it out at its first use.",
        confidence,
    )


@lru_cache(maxsize=4)  # all sections of one document are reviewed one after another
def _definitions(sections: tuple[Section, ...]) -> dict[str, int]:
    """Acronym -> number of the section that explains it first."""
    found: dict[str, int] = {}
    for number, section in enumerate(sections):
        text = f"{section.title}\n{section.text}"
        for pattern in (_DEFINED_AFTER, _DEFINED_BEFORE, _LISTED):
            for match in pattern.finditer(text):
                found.setdefault(match[1], number)
    return found


@lru_cache(maxsize=256)  # the sections before are looked at again for each one after
def _uses(section: Section) -> tuple[tuple[str, int], ...]:
    text = _CODE.sub(lambda code: " " * len(code[0]), section.text)
    return tuple((m[1], m.start(1)) for m in _ACRONYM.finditer(text) if _counts(m[1]) and not _shouted(text, m.start()))


def _counts(name: str) -> bool:
    return name not in _NEVER and not _ROMAN.fullmatch(name)


def _shouted(text: str, at: int) -> bool:
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    words = re.findall(r"[A-Za-z]{2,}", text[start : end if end >= 0 else len(text)])
    return len(words) > 1 and sum(w.isupper() for w in words) / len(words) > _SHOUTED_SHARE
