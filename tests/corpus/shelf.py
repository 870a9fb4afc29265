"""The whole corpus: files to be read, files to be refused, files that mean harm."""

from __future__ import annotations

from tests.corpus import (
    docx_blocks,
    docx_headings,
    docx_strict,
    docx_words,
    markdown_shapes,
    pdf_columns,
    pdf_files,
    pdf_layouts,
    text_shapes,
    threats_pdf,
    threats_text,
    threats_word,
)
from tests.corpus.specimen import Specimen, Threat

CORPUS: tuple[Specimen, ...] = (
    *docx_headings.SPECIMENS,
    *docx_blocks.SPECIMENS,
    *docx_words.SPECIMENS,
    *docx_strict.SPECIMENS,
    *pdf_layouts.SPECIMENS,
    *pdf_columns.SPECIMENS,
    *pdf_files.SPECIMENS,
    *markdown_shapes.SPECIMENS,
    *text_shapes.SPECIMENS,
)
READABLE = tuple(specimen for specimen in CORPUS if not specimen.refused)
REFUSED = tuple(specimen for specimen in CORPUS if specimen.refused)
THREATS: tuple[Threat, ...] = (*threats_word.THREATS, *threats_pdf.THREATS, *threats_text.THREATS)
