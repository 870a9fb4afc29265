"""Findings as data: JSON for programs, CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tasks.contract.documents import Document
from tasks.documents.export_remarks import Remark, Selection, by_section

COLUMNS: Final = (
    *("number", "finding_id", "section_id", "section", "status", "severity", "category", "checkpoint"),
    *(
        "quote",
        "message",
        "rationale",
        "suggestion_kind",
        "suggestion",
        "rule",
        "rule_url",
        "engine",
        "model",
        "confidence",
    ),
    *("start", "end", "made_at_ms"),
)

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With one of these a spreadsheet may take a cell as a formula, which can send data away or start programs."""


def export_json(
    document: Document, remarks: Sequence[Remark], selection: Selection, notices: Mapping[str, str]
) -> bytes:
    """The document's sections with their texts, each with its findings in the order given, and what is to be
    known of its review."""
    remarks_of = by_section(remarks)
    content = {
        "document": document.model_dump(mode="json", include={"document_id", "name", "format", "created_at"}),
        "status": selection,
        "sections": [
            section.model_dump(mode="json")
            | {"notice": notices.get(section.section_id)}
            | {"findings": [_with_time(remark) for remark in remarks_of.get(section.section_id, ())]}
            for section in document.sections
        ],
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _with_time(remark: Remark) -> dict[str, object]:
    return remark.finding.model_dump(mode="json") | {"made_at": remark.made_at_ms}


def export_csv(document: Document, remarks: Sequence[Remark]) -> bytes:
    """One line a finding below `COLUMNS`, in UTF-8 with the mark by which spreadsheets know it."""
    titles = {section.section_id: section.title for section in document.sections}
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow(COLUMNS)
    for number, remark in enumerate(remarks, 1):
        table.writerow([number, *(disarm(cell) for cell in _cells(remark, titles))])
    return written.getvalue().encode("utf-8-sig", "replace")


def disarm(cell: object) -> object:
    """The cell, with an apostrophe before a text that a spreadsheet could take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell


def _cells(remark: Remark, titles: dict[str, str]) -> Iterator[object]:
    finding = remark.finding
    yield from (finding.finding_id, finding.section_id, titles.get(finding.section_id, ""))
    yield from (finding.status, finding.severity, finding.category)
    yield finding.checkpoint.title if finding.checkpoint else ""
    yield from (finding.anchor.exact if finding.anchor else "", finding.message, finding.rationale)
    yield from (finding.suggestion.kind, finding.suggestion.text)
    yield from (finding.rule.id, finding.rule.url or "") if finding.rule else ("", "")
    yield from (finding.source.engine, finding.source.model or "", finding.confidence)
    yield from (finding.anchor.start, finding.anchor.end) if finding.anchor else ("", "")
    yield remark.made_at_ms
