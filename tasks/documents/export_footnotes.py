"""Findings as footnotes in Markdown: their labels and their text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count
from typing import Final

from tasks.documents.export_remarks import Remark, author_of, body_of, headline_of
from tasks.documents.markdown_writing import escape_line

_OWN_LABEL: Final = re.compile(r"\[\^galley([0-9]{0,9})-")

Noted = tuple[Remark, str]
"""A remark and the label of its footnote."""


def label_remarks(remarks: Sequence[Remark], text: str) -> list[Noted]:
    """Labels that the text's own footnotes do not have."""
    taken = set(_OWN_LABEL.findall(text))
    series = next(name for number in count() if (name := str(number or "")) not in taken)
    return [(remark, f"[^galley{series}-{number}]") for number, remark in enumerate(remarks, 1)]


def join_notes(text: str, noted: Sequence[Noted]) -> bytes:
    """The whole text, with the footnotes at its end."""
    notes = "".join(f"{label}: {_note(remark)}\n" for remark, label in noted)
    return (f"{text.rstrip()}\n" + (f"\n{notes}" if notes else "")).encode("utf-8", "replace")


def _note(remark: Remark) -> str:
    """A footnote's text, on one line."""
    finding = remark.finding
    quote = f"On “{escape_line(finding.anchor.exact)}”:" if finding.anchor else "On the whole section:"
    said = (escape_line(paragraph) for paragraph in body_of(finding))
    return " ".join([f"**{headline_of(finding)}.**", quote, *said, f"*({escape_line(author_of(finding))})*"])
