"""References to tables, figures and sections that the document does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from tasks.contract.documents import Section
from tasks.engines.rules.rule import Subject, Violation

_KINDS: Final = {"table": "table", "fig": "figure", "figure": "figure", "section": "section", "appendix": "appendix"}
_LABEL: Final = r"\d+(?:\.\d+)*|[A-Z](?:\.\d+)*"
_REFERENCE: Final = re.compile(
    rf"\b((?i:Table|Fig\.|Figure|Section|Appendix))s?\s+((?:{_LABEL})(?:(?:\s*(?:,|–|-|and|or|to)\s*)+(?:{_LABEL}))*)(?![\w])",
)
_CAPTION: Final = re.compile(
    rf"^[\s*_#>]*((?i:Table|Fig\.|Figure|Appendix))\s+({_LABEL})(?=\s*(?:[.:|–—*-]|$)|\s+[A-Z])",
    re.MULTILINE,
)
_NUMBERED_TITLE: Final = re.compile(
    rf"^\s*(?:(?:(?i:Section|Chapter)\s+)?(\d+(?:\.\d+)*)|(?i:Appendix)\s+({_LABEL}))(?=[.):\s]|$)"
)
_ELSEWHERE: Final = re.compile(r"\s*(?:of|in|from)\s+(?:the\s+)?[A-Z\[(]|\s*\(?[A-Z][a-z]+,? \(?\d{4}")
_RANGE: Final = re.compile(r"(\d+)\s*(?:–|-|to)\s*(\d+)")


def check_references(subject: Subject) -> Iterator[Violation]:
    """References whose target is nowhere in the document (or, for raw text, in the text)."""
    targets = _targets(subject.sections)
    for match in _REFERENCE.finditer(subject.text):
        kind = _KINDS[match[1].lower().rstrip(".")]
        if _is_caption(subject.text, match) or _ELSEWHERE.match(subject.text, match.end()):
            continue
        known = {label for k, label in targets if k == kind}
        missing = [label for label in _labels(match[2]) if label not in known]
        if missing and not (kind == "section" and not known and _may_be_counted(missing[0], subject)):
            yield _missing(match, kind, missing[0], bool(known))


def _may_be_counted(label: str, subject: Subject) -> bool:
    """Where headings have no numbers, a reader may still count them: Section 3 is the third of the highest
    level. In raw text, and with hardly any headings, nobody can say."""
    levels = [section.level for section in subject.sections if section.level > 0]
    highest = [level for level in levels if level <= min(levels) + 1]
    return len(levels) < 2 or (label.isdigit() and int(label) <= len(highest))


@lru_cache(maxsize=4)  # all sections of one document are reviewed one after another
def _targets(sections: tuple[Section, ...]) -> frozenset[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for section in sections:
        if title := _NUMBERED_TITLE.match(section.title):
            found.add(("section", title[1]) if title[1] else ("appendix", title[2]))
        for caption in _CAPTION.finditer(f"{section.title}\n{section.text}"):
            found.add((_KINDS[caption[1].lower().rstrip(".")], caption[2].upper()))
    return frozenset(found)


def _is_caption(text: str, match: re.Match[str]) -> bool:
    """At the start of a line and followed like a caption, not like the beginning of a sentence."""
    line = text.rfind("\n", 0, match.start()) + 1
    caption = _CAPTION.match(text, line)
    return caption is not None and caption.end() >= match.start() and text[line : match.start()].strip(" *_#>\t") == ""


def _labels(listed: str) -> list[str]:
    if spread := _RANGE.fullmatch(listed.strip()):
        return [str(n) for n in range(int(spread[1]), min(int(spread[2]), int(spread[1]) + 50) + 1)]
    return [label.upper() for label in re.findall(_LABEL, listed)]


def _missing(match: re.Match[str], kind: str, label: str, others_exist: bool) -> Violation:
    return Violation(
        "missing-reference",
        match.span(),
        "consistency",
        "major" if others_exist else "minor",
        f"There is no {kind} {label} in the document.",
        "" if others_exist else f"No {kind} with a caption was found at all; it may be an image without one.",
        0.9 if others_exist else 0.6,
    )
