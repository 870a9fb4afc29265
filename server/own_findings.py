"""Findings that people make themselves. Pure."""

from __future__ import annotations

from server.schemas.documents import NewFinding
from tasks.contract.errors import QuoteNotFound
from tasks.contract.findings import PERSON, Anchor, Finding, Source, Suggestion, anchor_at, fingerprint_of


def own_finding(finding_id: str, wanted: NewFinding, text: str) -> Finding:
    """The finding that somebody wants to make in a section whose text is ``text``.

    Its fingerprint is its id: what a person says twice was meant twice, and a review that says the
    same is another voice.

    Raises:
        QuoteNotFound: the section does not have these words, or not there.
    """
    anchor = _anchor(wanted, text)
    return Finding(
        finding_id=finding_id,
        fingerprint=fingerprint_of(wanted.section_id, finding_id, 0, wanted.category),
        section_id=wanted.section_id,
        anchor=anchor,
        category=wanted.category,
        severity=wanted.severity,
        message=wanted.message,
        suggestion=_suggestion(wanted, anchor),
        source=Source(engine=PERSON),
    )


def _anchor(wanted: NewFinding, text: str) -> Anchor | None:
    quote = wanted.quote
    if not quote or not quote.strip():
        return None
    start = text.find(quote) if wanted.start is None else wanted.start
    if start < 0 or text[start : start + len(quote)] != quote:
        raise QuoteNotFound("The quote has to stand in the section letter by letter. Copy it from there.")
    return anchor_at(text, start, start + len(quote))


def _suggestion(wanted: NewFinding, anchor: Anchor | None) -> Suggestion:
    if wanted.replacement is None or anchor is None:
        return Suggestion()
    return Suggestion(kind="replace", text=wanted.replacement) if wanted.replacement else Suggestion(kind="delete")
