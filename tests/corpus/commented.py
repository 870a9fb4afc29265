"""What a Word file with our comments must still be, and what it says: the judges of every test of it."""

from __future__ import annotations

import io
import zipfile
from copy import deepcopy
from typing import Any

from lxml import etree

from tasks.contract.documents import Document, Section
from tasks.contract.findings import Anchor, Finding, Source
from tasks.documents.cutting import cut_draft
from tasks.documents.docx_names import w
from tasks.documents.docx_package import open_package
from tasks.documents.docx_reader import Span, map_sections, read
from tasks.documents.export_docx import export_docx
from tasks.documents.export_remarks import Remark

AT = 1_700_000_000_000
SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def document_of(data: bytes) -> Document:
    drafts = [part for draft in read(data).drafts for part in cut_draft(draft)]
    sections = tuple(
        Section(section_id=f"s{n}", title=d.title, level=d.level, text=d.text) for n, d in enumerate(drafts, 1)
    )
    return Document(document_id="d", owner="o", name="a.docx", format="docx", sections=sections)


def remark(document: Document, quote: str | None, section_id: str = "", **more: Any) -> Remark:
    """A remark on the first place of the quote in the document, or on a whole section."""
    section = next(s for s in document.sections if s.section_id == section_id or (quote and quote in s.text))
    start = section.text.index(quote) if quote else 0
    anchor = Anchor(exact=quote, start=start, end=start + len(quote)) if quote else None
    return Remark(finding_at(section.section_id, anchor, **more), AT)


def finding_at(section_id: str, anchor: Anchor | None, **more: Any) -> Finding:
    fixed: dict[str, Any] = {"finding_id": "f", "fingerprint": "f", "category": "clarity", "severity": "major"}
    named = {"message": "Unclear.", "source": Source(engine="checker"), **more}
    return Finding(section_id=section_id, anchor=anchor, **fixed, **named)


def export(data: bytes, *quotes: str | None, section_id: str = "", **more: Any) -> bytes:
    document = document_of(data)
    return export_docx(data, document, [remark(document, quote, section_id, **more) for quote in quotes])


def main_of(data: bytes) -> Any:
    package = open_package(data)
    return package.xml(package.main)


def comments_of(data: bytes) -> dict[str, str]:
    """Text of each comment by id, paragraphs as lines."""
    package = open_package(data)
    root = package.related("comments")
    return {
        comment.get(w("id")): "\n".join("".join(p.itertext()) for p in comment.iter(w("p")))
        for comment in ([] if root is None else root)
    }


def marked_text(data: bytes, comment_id: str) -> str:
    """What stands between a comment's marks, as written in the main story."""
    text, inside = "", False
    for element in main_of(data).iter():
        if element.tag == w("commentRangeStart") and element.get(w("id")) == comment_id:
            inside = True
        elif element.tag == w("commentRangeEnd") and element.get(w("id")) == comment_id:
            return text
        elif inside and element.tag == w("t"):
            text += element.text or ""
        elif inside and element.tag in {w("tab"), w("br"), w("p")}:
            text += {w("tab"): "\t", w("br"): "\n", w("p"): "\n\n"}[element.tag]
    raise AssertionError("no such comment")


def ours(data: bytes) -> list[str]:
    return [comment_id for comment_id in comments_of(data) if comment_id != "7"]


def canonical(main: Any, without: set[str]) -> bytes:
    """The main part less the marks of these comments, with neighbouring runs of one look joined."""
    root = deepcopy(main)
    for mark in list(root.iter(w("commentRangeStart"), w("commentRangeEnd"), w("commentReference"))):
        if mark.get(w("id")) in without:
            gone = mark.getparent() if mark.tag == w("commentReference") else mark
            gone.getparent().remove(gone)
    for element in list(root.iter(w("r"))):
        _join_run(element)
    for text in root.iter(w("t")):
        text.attrib.pop(SPACE, None)
    return etree.tostring(root, method="c14n")


def _join_run(element: Any) -> None:
    before = element.getprevious()
    if before is not None and before.tag == w("r") and _look(before) == _look(element):
        before.extend(child for child in list(element) if child.tag != w("rPr"))
        element.getparent().remove(element)
        element = before
    for text in element.findall(w("t")):
        earlier = text.getprevious()
        if earlier is not None and earlier.tag == w("t"):
            earlier.text = (earlier.text or "") + (text.text or "")
            element.remove(text)


def _look(element: Any) -> tuple[dict[str, str], bytes]:
    properties = element.find(w("rPr"))
    return dict(element.attrib), b"" if properties is None else etree.tostring(properties, method="c14n")


def assert_unharmed(before: bytes, after: bytes) -> None:
    """Every other part is the same byte for byte; the main part and the old comments say the same."""
    package = open_package(before)
    comments = open_package(after).path_of("comments")
    grown = {"[Content_Types].xml", package.relationships_path, comments}
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(io.BytesIO(after)) as new:
        assert new.testzip() is None
        assert set(old.namelist()) <= set(new.namelist()) <= set(old.namelist()) | grown
        for name in set(old.namelist()) - grown - {package.main}:
            assert old.read(name) == new.read(name), name
        for name in grown & set(old.namelist()):
            kept = [etree.tostring(child, method="c14n") for child in etree.fromstring(old.read(name))]
            present = [etree.tostring(child, method="c14n") for child in etree.fromstring(new.read(name))]
            assert present[: len(kept)] == kept, name
    old_ids, new_ids = set(comments_of(before)), set(comments_of(after))
    assert old_ids <= new_ids
    assert canonical(main_of(after), new_ids - old_ids) == canonical(main_of(before), set())
    assert read(after) == read(before)


def range_of(data: bytes, section_number: int, comment_id: str) -> tuple[int, int, str]:
    """Which code points of a section a comment's marks enclose, as the file is read again, and their text.
    Only what is written in runs of the main story counts: notes and boxes hang on such runs."""
    package = open_package(data)
    main = package.xml(package.main)
    section = map_sections(main, package)[section_number]
    order = {element: place for place, element in enumerate(main.iter())}
    first, last = (
        next(place for element, place in order.items() if element.tag == w(name) and element.get(w("id")) == comment_id)
        for name in ("commentRangeStart", "commentRangeEnd")
    )
    inside = [span for span in section.spans if first < order.get(span.run, -1) < last and in_main_story(span)]
    start, end = (inside[0].start, inside[-1].end) if inside else (0, 0)
    return start, end, section.draft.text[start:end]


def in_main_story(span: Span) -> bool:
    """Whether it is written in a run of the text itself, not in a note or a text box."""
    return span.node is not None and not any(True for _ in span.run.iterancestors(w("txbxContent")))
