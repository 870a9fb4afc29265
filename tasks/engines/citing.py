"""Citations of an answer: the quotes it gives that the document really has."""

from __future__ import annotations

import re
from typing import Final

from tasks.contract.documents import Document, Section
from tasks.engines.anchoring import Locator

_QUOTED: Final = re.compile(r"«\s*([^«»]{2,2000}?)\s*»")
MAX_CITATIONS: Final = 50


def citations_of(answer: str, document: Document | None, section: Section | None) -> list[dict[str, str]]:
    """``[{section_id, quote}]`` of the quotes between « and » that stand in the document, each once, in the
    words of the document. The section that the question is about is looked at first."""
    locators = [(s.section_id, Locator(s.text)) for s in _in_order(document, section)]
    found: dict[tuple[str, str], dict[str, str]] = {}
    for quote in _QUOTED.findall(answer)[:MAX_CITATIONS]:
        citation = _located(quote, locators)
        if citation:
            found[citation["section_id"], citation["quote"]] = citation
    return list(found.values())


def _in_order(document: Document | None, section: Section | None) -> list[Section]:
    first = [section] if section else []
    return first + [s for s in (document.sections if document else ()) if section is None or s != section]


def _located(quote: str, locators: list[tuple[str, Locator]]) -> dict[str, str] | None:
    """An exact match anywhere comes before a fuzzy one in an earlier section."""
    near: dict[str, str] | None = None
    for section_id, locator in locators:
        anchor = locator.locate(quote)
        if anchor is None:
            continue
        citation = {"section_id": section_id, "quote": anchor.exact}
        if anchor.method != "fuzzy":
            return citation
        near = near or citation
    return near
