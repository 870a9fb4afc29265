"""Write the sample report in every format: ``python -m tests.samples.make_report``."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator
from pathlib import Path

import docx

from tests.samples.report_text import SECTIONS, TITLE, Block
from tests.samples.tiny_pdf import PAGE_HEIGHT, PdfLine, write_pdf

HERE = Path(__file__).parent
_PAGE_LINES = 48
_LINE_CHARS = 88
_STEP = 14


def make_docx() -> bytes:
    """The report as Word file: ten sections under Heading 1; its title stands in the page header."""
    document = docx.Document()
    document.core_properties.title = TITLE
    document.sections[0].header.paragraphs[0].text = TITLE
    for title, blocks in SECTIONS:
        document.add_heading(title, level=1)
        for block in blocks:
            _add_block(document, block)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _add_block(document: docx.document.Document, block: Block) -> None:
    if isinstance(block, str):
        document.add_paragraph(block)
    elif isinstance(block, tuple):
        for item in block:
            document.add_paragraph(item, style="List Bullet")
    else:
        table = document.add_table(len(block), len(block[0]), style="Table Grid")
        for row, values in zip(table.rows, block, strict=True):
            for cell, value in zip(row.cells, values, strict=True):
                cell.text = value


def make_markdown() -> str:
    """The report as Markdown."""
    return "\n\n".join(f"## {title}\n\n" + "\n\n".join(map(_markdown, blocks)) for title, blocks in SECTIONS) + "\n"


def _markdown(block: Block) -> str:
    if isinstance(block, str):
        return block
    if isinstance(block, tuple):
        return "\n".join(f"- {item}" for item in block)
    head, *rows = (f"| {' | '.join(row)} |" for row in block)
    return "\n".join([head, "|" + " --- |" * len(block[0]), *rows])


def make_text() -> str:
    """The report as plain text with numbered headings."""
    return "\n\n".join(_text_section(number, *section) for number, section in enumerate(SECTIONS, 1)) + "\n"


def _text_section(number: int, title: str, blocks: list[Block]) -> str:
    return "\n\n".join([f"{number}. {title}", *("\n".join(_wrapped(block)) for block in blocks)])


def _wrapped(block: Block) -> Iterator[str]:
    """The lines of a block as a typewriter would set them."""
    if isinstance(block, str):
        yield from textwrap.wrap(block, _LINE_CHARS)
    elif isinstance(block, tuple):
        yield from (f"- {item}" for item in block)
    else:
        yield from ("  ".join(row) for row in block)


def make_pdf() -> bytes:
    """The report as PDF with larger headings, page numbers, and lines as narrow as a page."""
    lines = list(_pdf_lines())
    pages = [lines[start : start + _PAGE_LINES] for start in range(0, len(lines), _PAGE_LINES)]
    return write_pdf([_set_page(page, number) for number, page in enumerate(pages, 1)])


def _pdf_lines() -> Iterator[tuple[str, float]]:
    """Text and size of each line; an empty line makes the space between paragraphs."""
    for title, blocks in SECTIONS:
        yield title, 16
        for block in blocks:
            yield from ((line, 11) for line in _wrapped(block))
            yield "", 11


def _set_page(page: list[tuple[str, float]], number: int) -> list[PdfLine]:
    top = PAGE_HEIGHT - 72
    lines = [PdfLine(text, top - index * _STEP, size) for index, (text, size) in enumerate(page) if text]
    return [*lines, PdfLine(f"Page {number}", 40, 9, x=280)]


def main() -> None:
    """Write the files beside this module."""
    (HERE / "report.docx").write_bytes(make_docx())
    (HERE / "report.pdf").write_bytes(make_pdf())
    (HERE / "report.md").write_text(make_markdown(), encoding="utf-8")
    (HERE / "report.txt").write_text(make_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
