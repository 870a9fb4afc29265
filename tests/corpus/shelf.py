"""The whole corpus, and the part of it that can be read."""

from __future__ import annotations

from tests.corpus import docx_blocks, docx_headings, docx_words, markdown_shapes, pdf_shapes, text_shapes
from tests.corpus.specimen import Specimen

CORPUS: tuple[Specimen, ...] = (
    *docx_headings.SPECIMENS,
    *docx_blocks.SPECIMENS,
    *docx_words.SPECIMENS,
    *pdf_shapes.SPECIMENS,
    *markdown_shapes.SPECIMENS,
    *text_shapes.SPECIMENS,
)
READABLE = tuple(specimen for specimen in CORPUS if not specimen.refused)
REFUSED = tuple(specimen for specimen in CORPUS if specimen.refused)
