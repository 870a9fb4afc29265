"""The uploaded Word file with each finding as a comment on its quote.

Only the main part, the comments part and the two parts that name it are written; everything else of the
file stays as it came. It takes up to some seconds and much memory; `export_process` runs it confined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tasks.contract.documents import Document, Section
from tasks.contract.errors import UnreadableDocument
from tasks.contract.findings import Finding
from tasks.documents.docx_archive import announce_comments, rewrite, to_xml
from tasks.documents.docx_comments import (
    Comment,
    CommentStyles,
    free_ids,
    mark_place,
    mark_point,
    new_comments_part,
    write_comment,
)
from tasks.documents.docx_names import Element, w
from tasks.documents.docx_package import Package, open_package
from tasks.documents.docx_places import Place, Places
from tasks.documents.docx_reader import MappedSection, map_sections
from tasks.documents.docx_strict import as_strict
from tasks.documents.export_remarks import Remark, author_of, body_of, headline_of
from tasks.documents.refusal import Refused


def export_docx(data: bytes, document: Document, remarks: Sequence[Remark]) -> bytes:
    """The Word file ``data`` with one comment for each remark.

    Raises:
        UnreadableDocument: the file is not the one that was uploaded.
    """
    if not remarks:
        return data
    try:
        package = open_package(data)
        changed = _commented_parts(package, document, remarks)
        if package.strict:
            changed = {path: as_strict(content) for path, content in changed.items()}
        return rewrite(data, changed)
    except Refused as refused:
        raise UnreadableDocument(refused.detail, reason=refused.reason) from refused


def _commented_parts(package: Package, document: Document, remarks: Sequence[Remark]) -> dict[str, bytes]:
    """The parts of the file that differ, by path."""
    main = package.xml(package.main)
    path, changed = announce_comments(package)
    comments = package.xml(path)
    comments = new_comments_part() if comments is None else comments
    ids = free_ids(main, comments)
    styles = CommentStyles(package.related("styles"))
    for spot, comment_id in zip(_spots(main, package, document, remarks), ids, strict=False):
        write_comment(comments, comment_id, spot.comment(), styles)
        spot.mark(main, comment_id, styles)
    return changed | {package.main: to_xml(main), path: to_xml(comments)}


@dataclass(frozen=True)
class _Spot:
    """A remark with the section it is about and the place found for it."""

    remark: Remark
    section: Section | None
    place: Place | None

    def comment(self) -> Comment:
        """What is said there."""
        finding = self.remark.finding
        paragraphs = [headline_of(finding), *self._where(), *body_of(finding)]
        return Comment(author_of(finding), self.remark.made_at_ms, paragraphs)

    def mark(self, main: Element, comment_id: str, styles: CommentStyles) -> None:
        """Put the marks into the text."""
        if self.place is not None:
            mark_place(self.place, comment_id, styles)
        else:
            mark_point(next(main.iter(w("p"))), comment_id, styles)

    def _where(self) -> Iterator[str]:
        """What the marked text alone would not tell."""
        anchor, place = self.remark.finding.anchor, self.place
        if anchor is None:
            title = self.section.title if self.section else self.remark.finding.section_id
            yield f"On the whole section “{title}”."
        elif place is None or not place.exact:
            inside = f" (in a {place.aside})" if place and place.aside else ""
            yield f"On “{anchor.exact}”{inside}:"


def _spots(main: Element, package: Package, document: Document, remarks: Sequence[Remark]) -> Iterator[_Spot]:
    """The remarks in the order of the text, each with its place. Of two that end together the inner comes
    first, so that their marks nest."""
    sections = {section.section_id: section for section in document.sections}
    mapped = dict(zip(sections, map_sections(main, package), strict=False))
    order = {section_id: number for number, section_id in enumerate(sections)}
    places = Places(main)
    for remark in sorted(remarks, key=lambda remark: _sort_key(remark.finding, order)):
        place = _place(remark.finding, mapped.get(remark.finding.section_id), places)
        yield _Spot(remark, sections.get(remark.finding.section_id), place)


def _sort_key(finding: Finding, order: dict[str, int]) -> tuple[int, int, int]:
    start, end = (finding.anchor.start, finding.anchor.end) if finding.anchor else (-1, -1)
    return order.get(finding.section_id, len(order)), start, -end


def _place(finding: Finding, found: MappedSection | None, places: Places) -> Place | None:
    if found is None:
        return None
    quoted = _offsets(finding, found.draft.text)
    if quoted is None:
        return places.of_heading(found)
    return places.of_quote(found, *quoted) or places.of_heading(found)


def _offsets(finding: Finding, text: str) -> tuple[int, int] | None:
    """Where the quote stands in the text as it is read today. The reader may have learned since the
    upload; then the words count, not the numbers."""
    anchor = finding.anchor
    if anchor is None:
        return None
    if text[anchor.start : anchor.end] == anchor.exact:
        return anchor.start, anchor.end
    start = text.find(anchor.exact) if anchor.exact else -1
    return None if start < 0 else (start, start + len(anchor.exact))
