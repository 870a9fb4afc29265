"""Word files to drafts, and for an export the same sections with the runs behind them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tasks.documents.cutting import cut_text, part_title
from tasks.documents.docx_elements import ended_fields
from tasks.documents.docx_guessing import guess_headings
from tasks.documents.docx_hidden import find_hidden
from tasks.documents.docx_names import Element, value_of, w
from tasks.documents.docx_numbering import Numbering
from tasks.documents.docx_package import Package, open_package
from tasks.documents.docx_styles import Styles
from tasks.documents.docx_text import DocxText, Line, Piece
from tasks.documents.draft import BEGINNING, WHOLE_DOCUMENT, Draft, Reading, is_title, tidy_title

_LEFT_OUT = {
    "contents": "The table of contents was left out.",
    "hidden": "Hidden text was left out.",
    "chunk": "An embedded file was left out; paste its text into the document to have it read.",
}
_EXTERNAL = "Pictures or other parts that are linked from elsewhere were not fetched."


@dataclass(frozen=True)
class Span:
    """Code points ``start`` to ``end`` (exclusive) of a section's text come from ``run``.

    There they stand in its child ``node``, after ``skipped`` code points of the same node that belong
    to the section before. ``node`` is None when the run only refers to the text, as to a note.
    """

    start: int
    end: int
    run: Element
    node: Element | None = None
    skipped: int = 0


@dataclass(frozen=True)
class MappedSection:
    """A section and the runs of its text and of its heading, in order. Text between spans belongs to
    no run; without a heading, or when it is all formula, it has no runs."""

    draft: Draft
    spans: tuple[Span, ...]
    heading: tuple[Element, ...] = ()


def read(data: bytes) -> Reading:
    """A Word file's sections.

    Raises:
        Refused: see `docx_package.open_package`.
    """
    package = open_package(data)
    main = package.xml(package.main)
    lines, warnings = _read_lines(main, package)
    drafts = tuple(section.draft for section in _gather(lines))
    return Reading(drafts, warnings, find_hidden(main, package))


def map_sections(main: Element, package: Package) -> tuple[MappedSection, ...]:
    """The sections as `read` and `cutting` make them, with the runs of ``main`` behind their text.

    ``main`` is the root of the main part, as the caller is going to change it.
    """
    lines, _ = _walk(main, package)
    return tuple(part for section in _gather(lines) for part in _cut(section))


def _read_lines(main: Element, package: Package) -> tuple[list[Line], tuple[str, ...]]:
    lines, warnings = _walk(main, package)
    if package.has_external_parts():
        warnings.append(_EXTERNAL)
    return lines, tuple(warnings)


def _walk(main: Element, package: Package) -> tuple[list[Line], list[str]]:
    body = main.find(w("body"))
    styles, notes = Styles(package.related("styles")), _notes(package)
    fields = set().union(*map(ended_fields, (main, *notes.values())))
    walk = DocxText(styles, Numbering(package.related("numbering")), notes, fields)
    lines = [] if body is None else [_as_text_if_long(line) for line in walk.lines(body)]
    warnings = [_LEFT_OUT[name] for name in sorted(walk.left_out)]
    if not any(line.level for line in lines):
        lines, how = guess_headings(lines, styles)
        warnings += [how] if how else []
    return lines, warnings


def _notes(package: Package) -> dict[tuple[str, str], Element]:
    """Footnotes and endnotes by kind and id; those with a type are Word's separator lines."""
    return {
        (kind, value_of(note, "id") or ""): note
        for kind in ("footnote", "endnote")
        for note in _children(package.related(f"{kind}s"))
        if value_of(note, "type") is None
    }


def _children(root: Element | None) -> list[Element]:
    return [] if root is None else list(root)


def _as_text_if_long(line: Line) -> Line:
    return line if not line.level or is_title(line.text) else replace(line, level=0)


def _gather(lines: list[Line]) -> list[MappedSection]:
    """The lines as sections: each heading with the lines below it."""
    sections = list(_group(lines))
    title = BEGINNING if len(sections) > 1 else WHOLE_DOCUMENT
    return [_lay_out(heading, below, title) for heading, below in sections]


def _group(lines: list[Line]) -> Iterator[tuple[Line | None, list[Line]]]:
    heading: Line | None = None
    below: list[Line] = []
    for line in lines:
        if not line.level:
            below.append(line)
            continue
        if heading or below:
            yield heading, below
        heading, below = line, []
    if heading or below:
        yield heading, below


def _lay_out(heading: Line | None, lines: list[Line], untitled: str) -> MappedSection:
    """One text from many lines, and where each run's piece of it stands."""
    spans: list[Span] = []
    texts: list[str] = []
    offset = 0
    for piece in _flow(lines):
        end = offset + len(piece.text)
        if piece.run is not None:
            spans.append(Span(offset, end, piece.run, piece.node))
        texts.append(piece.text)
        offset = end
    title, level = (tidy_title(heading.text), heading.level) if heading else (untitled, 0)
    return MappedSection(Draft(title, level, "".join(texts)), tuple(spans), _runs_of(heading))


def _runs_of(line: Line | None) -> tuple[Element, ...]:
    return () if line is None else tuple(piece.run for piece in line.pieces if piece.run is not None)


def _flow(lines: list[Line]) -> Iterator[Piece]:
    """All pieces of the lines, with what separates the lines."""
    for number, line in enumerate(lines):
        if number:
            yield Piece(_separator(lines[number - 1], line))
        yield from line.pieces


def _separator(before: Line, after: Line) -> str:
    """Items of a list and rows of a table follow each other closely; paragraphs stand apart."""
    return "\n" if before.kind == after.kind and after.kind in {"item", "row", "note"} else "\n\n"


def _cut(section: MappedSection) -> Iterator[MappedSection]:
    """The section's parts, cut where `cutting.cut_draft` cuts the same text."""
    draft = section.draft
    parts = cut_text(draft.text)
    for number, (start, end) in enumerate(parts, 1):
        title = part_title(draft.title, number, len(parts))
        # Found by search, because a long section has many parts and very many spans.
        first = bisect_right(section.spans, start, key=lambda span: span.end)
        last = bisect_left(section.spans, end, key=lambda span: span.start)
        spans = tuple(_clip(span, start, end) for span in section.spans[first:last])
        yield MappedSection(Draft(title, draft.level, draft.text[start:end]), spans, section.heading)


def _clip(span: Span, start: int, end: int) -> Span:
    """The span as seen from the part; a run that the cut divides keeps only what lies inside."""
    first = max(span.start, start)
    skipped = span.skipped + first - span.start
    return replace(span, start=first - start, end=min(span.end, end) - start, skipped=skipped)
