"""PDF files to drafts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pypdfium2 as pdfium

from tasks.documents.draft import Hidden, Reading
from tasks.documents.pdf_columns import in_reading_order
from tasks.documents.pdf_hidden import find_hidden
from tasks.documents.pdf_layout import drop_repeated, even_sizes, split_lines
from tasks.documents.pdf_lines import PdfLine, is_locked, open_pdf, read_rows
from tasks.documents.refusal import Refused

MAX_PAGES = 2_000
MAX_HIDDEN = 200

_BROKEN = "The PDF is damaged or was not uploaded completely. Export it again and upload that."
_LOCKED = "The PDF is locked with a password. Save it without one and upload it again."
_SCANNED = "The PDF holds pictures of pages but no text. Run text recognition (OCR) on it and upload the result."
_NO_PAGES = "The PDF has no pages. Choose a file with some text in it."
_MAX_NAMED_PAGES = 10


def read(data: bytes) -> Reading:
    """A PDF's sections.

    Raises:
        Refused: locked, damaged, without text, or with more pages than are read.
    """
    try:
        document = open_pdf(data)
    except pdfium.PdfiumError as error:
        raise (Refused(_LOCKED, reason="encrypted") if is_locked(error) else Refused(_BROKEN)) from error
    try:
        pages, hidden = _read_pages(document)
    finally:
        document.close()
    return replace(_read_text(pages), hidden=hidden)


def _read_pages(document: Any) -> tuple[list[list[PdfLine]], tuple[Hidden, ...]]:
    count = len(document)
    if count == 0:
        raise Refused(_NO_PAGES, reason="empty")
    if count > MAX_PAGES:
        detail = f"The PDF has {count:,} pages; at most {MAX_PAGES:,} can be taken. Split it into several files."
        raise Refused(detail, kind="too_large")
    lines, hidden = [], list[Hidden]()
    for number in range(count):
        page = _open_page(document, number)
        try:
            lines.append(in_reading_order(read_rows(page, number)))
            if len(hidden) < MAX_HIDDEN:
                hidden += find_hidden(document, page)
        finally:
            # A page keeps all that was parsed of it; a thousand of them would fill the process.
            page.close()
    return lines, tuple(hidden[:MAX_HIDDEN])


def _open_page(document: Any, number: int) -> Any:
    try:
        return document[number]
    except pdfium.PdfiumError as error:
        raise Refused(_BROKEN) from error


def _read_text(pages: list[list[PdfLine]]) -> Reading:
    lines = [line for page in pages for line in page]
    if not lines:
        raise Refused(_SCANNED, reason="scanned")
    lines = even_sizes(lines)
    kept = drop_repeated(lines)
    warnings = []
    if len(kept) < len(lines):
        warnings.append("Page headers and footers that repeat were left out.")
    silent = [number for number, page in enumerate(pages, 1) if not page]
    if silent:
        warnings.append(f"No text was found on {_name_pages(silent)}: perhaps pictures of text.")
    return Reading(split_lines(kept), tuple(warnings))


def _name_pages(numbers: list[int]) -> str:
    named = ", ".join(str(number) for number in numbers[:_MAX_NAMED_PAGES])
    more = len(numbers) - _MAX_NAMED_PAGES
    return f"page{'s' if len(numbers) > 1 else ''} {named}" + (f" and {more} more" if more > 0 else "")
