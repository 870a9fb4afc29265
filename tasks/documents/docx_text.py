"""The text of a Word file as a reader sees it, with the run behind every piece.

This walk is the one source of offsets: the parser reads the text from it, and an export finds with it
the runs that a finding covers. Pieces without a run (list markers, cell separators) were never in a run.

Kept: text in hyperlinks, fields and tracked insertions, tables as one line a row, text boxes after
their paragraph, footnotes after the paragraph that refers to them. Left out: tracked deletions, hidden
text, field codes, tables of contents, headers and footers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from tasks.documents.docx_elements import (
    ALTERNATIVES,
    CONTROL,
    has_switch,
    is_contents_control,
    parts_within,
    shown,
    text_boxes,
)
from tasks.documents.docx_names import MATH, Element, value_of, w
from tasks.documents.docx_numbering import Numbering
from tasks.documents.docx_styles import Styles
from tasks.documents.docx_symbols import read_emoji, read_symbol

CELL_SEPARATOR = " | "
Kind = Literal["paragraph", "item", "row", "note"]

_DELETED = {w("del"), w("moveFrom")}
_CHARACTERS = {w("tab"): "\t", w("br"): "\n", w("cr"): "\n", w("noBreakHyphen"): "\u2011", w("ptab"): "\t"}
_RUN, _PARAGRAPH, _TABLE, _TEXT = w("r"), w("p"), w("tbl"), w("t")
_PARAGRAPH_PROPERTIES, _FIELD_MARK = w("pPr"), w("fldChar")
_HOLDERS = {w("drawing"), w("pict"), w("object"), ALTERNATIVES}
_SYMBOL, _RUBY = w("sym"), w("ruby")
_NOTE_MARKS = {w("footnoteReference"): "footnote", w("endnoteReference"): "endnote"}


@dataclass(frozen=True)
class Piece:
    """Text of one run, or generated text when ``run`` is None. ``node`` is the child of the run that the
    text is written in; None when the run only refers to it, as to a note."""

    text: str
    run: Element | None = None
    node: Element | None = None


@dataclass(frozen=True)
class Line:
    """A paragraph, a list item, a table row or a note. ``level`` is that of a heading, 0 for text."""

    pieces: tuple[Piece, ...]
    kind: Kind = "paragraph"
    level: int = 0

    @property
    def text(self) -> str:
        """The line's text."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def runs(self) -> tuple[Element, ...]:
        """The runs of what can be seen of it."""
        return tuple(piece.run for piece in self.pieces if piece.run is not None and piece.text.strip())


class DocxText:
    """Walks a document once, in reading order. ``left_out`` names afterwards what a person may miss."""

    def __init__(
        self, styles: Styles, numbering: Numbering, notes: dict[tuple[str, str], Element], fields: set[Element]
    ) -> None:
        self.left_out: set[str] = set()
        self._styles = styles
        self._numbering = numbering
        self._notes = notes
        self._ended_fields = fields
        self._fields: list[bool] = []  # for each open field: whether its code, not its result, is being read
        self._boxes: list[Element] = []
        self._references: list[tuple[str, Element, Element]] = []
        self._noted = 0
        self._cells_open = 0

    def lines(self, container: Element) -> Iterator[Line]:
        """The lines of a body, a cell, a text box or a note."""
        for child in container:
            if child.tag == _PARAGRAPH:
                yield from self._paragraph(child)
                yield from self._attached()
            elif child.tag == _TABLE:
                yield from self._rows(child)
                yield from self._attached()
            elif child.tag == CONTROL and is_contents_control(child):
                self.left_out.add("contents")
            elif child.tag == w("altChunk"):
                self.left_out.add("chunk")
            elif child.tag not in _DELETED:
                yield from self.lines(shown(child))

    def _paragraph(self, paragraph: Element) -> Iterator[Line]:
        if self._styles.is_contents(paragraph):
            self.left_out.add("contents")
            return
        line = self._line(paragraph)
        if line.text.strip():
            yield line

    def _line(self, paragraph: Element) -> Line:
        pieces = tuple(self._inline(paragraph))
        level = self._styles.heading_level(paragraph)
        marker = self._marker(paragraph) if any(piece.text.strip() for piece in pieces) else None
        if marker is None:
            return Line(pieces, "paragraph", level)
        return Line((marker, *pieces), "paragraph" if level else "item", level)

    def _marker(self, paragraph: Element) -> Piece | None:
        """The list marker, indented by its depth; a heading's number is not indented."""
        numbering = self._styles.numbering(paragraph)
        if numbering is None:
            return None
        text = self._numbering.marker(*numbering)
        indent = "" if self._styles.heading_level(paragraph) else "  " * numbering[1]
        return Piece(f"{indent}{text} ") if text else None

    def _rows(self, table: Element) -> Iterator[Line]:
        for row in parts_within(table, w("tr")):
            if row.find(f"{w('trPr')}/{w('del')}") is None:
                line = Line(tuple(self._cells(row)), "row")
                if line.text.replace(CELL_SEPARATOR.strip(), "").strip():
                    yield line

    def _cells(self, row: Element) -> Iterator[Piece]:
        for number, cell in enumerate(parts_within(row, w("tc"))):
            if number:
                yield Piece(CELL_SEPARATOR)
            yield from _joined([line.pieces for line in self._cell_lines(cell)], " ")

    def _cell_lines(self, cell: Element) -> Iterator[Line]:
        """A cell's lines, each kept on the row's one line."""
        self._cells_open += 1
        for line in self.lines(cell):
            yield Line(tuple(replace(piece, text=piece.text.replace("\n", " ")) for piece in line.pieces))
        self._cells_open -= 1

    def _attached(self) -> Iterator[Line]:
        """The text boxes and notes met since the last line. Those met in a table wait for its end."""
        if self._cells_open:
            return
        boxes, self._boxes = self._boxes, []
        for box in boxes:
            yield from self.lines(box)
        references, self._references = self._references, []
        for mark, note, run in references:
            # A finding in a note belongs to its reference: comments can only stand in the main text.
            text = " ".join(line.text for line in self._note_lines(note)).strip()
            yield Line((Piece(f"{mark} {text}", run),), "note")

    def _note_lines(self, note: Element) -> Iterator[Line]:
        """A note's lines. Notes that it refers to are not followed: it could be the note itself."""
        notes, self._notes = self._notes, {}
        yield from self.lines(note)
        self._notes = notes

    def _inline(self, element: Element) -> Iterator[Piece]:
        """The pieces of a paragraph or of anything inside it that wraps runs."""
        for child in shown(element):
            if child.tag == _RUN:
                yield from self._run(child)
            elif isinstance(child.tag, str) and child.tag.startswith(MATH):
                yield Piece("".join(found.text or "" for found in child.iter(f"{MATH}t")))
            elif child.tag not in _DELETED and child.tag != _PARAGRAPH_PROPERTIES:
                yield from self._inline(child)

    def _run(self, run: Element) -> Iterator[Piece]:
        if has_switch(run, "vanish"):
            self.left_out.add("hidden")
            return
        for node, text in self._content(run):
            if text:
                yield Piece(text, run, node)

    def _content(self, run: Element) -> Iterator[tuple[Element, str]]:
        for child in run:
            if child.tag == _FIELD_MARK:
                self._turn_field(child)
            elif any(self._fields):
                continue
            elif child.tag == _TEXT:
                yield child, child.text or ""
            elif child.tag in _CHARACTERS:
                yield child, _character(child)
            elif child.tag in _NOTE_MARKS:
                yield child, self._note_mark(child, run)
            elif child.tag == _SYMBOL:
                yield child, read_symbol(child)
            elif child.tag == _RUBY:
                yield child, "".join(text.text or "" for base in child.iter(w("rubyBase")) for text in base.iter(_TEXT))
            elif child.tag in _HOLDERS:
                yield child, read_emoji(child)
                self._boxes.extend(text_boxes(child))

    def _turn_field(self, mark: Element) -> None:
        kind = value_of(mark, "fldCharType")
        if kind == "begin":
            # A field that nothing ends would swallow the rest of the document.
            if mark in self._ended_fields:
                self._fields.append(True)
        elif kind == "separate" and self._fields:
            self._fields[-1] = False
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _note_mark(self, reference: Element, run: Element) -> str:
        note = self._notes.get((_NOTE_MARKS[reference.tag], value_of(reference, "id") or ""))
        if note is None:
            return ""
        self._noted += 1
        mark = f"[note {self._noted}]"
        self._references.append((mark, note, run))
        return f" {mark}"


def _joined(parts: Iterable[tuple[Piece, ...]], separator: str) -> Iterator[Piece]:
    for number, part in enumerate(parts):
        if number:
            yield Piece(separator)
        yield from part


def _character(element: Element) -> str:
    """A tab, a line break or a hyphen. A page or column break is the layout's, not the text's."""
    if value_of(element, "type") in {"page", "column"}:
        return ""
    return _CHARACTERS[element.tag]
