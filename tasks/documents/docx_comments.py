"""Comments as WordprocessingML: the part that holds their words, and the marks in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Final

from lxml import etree

from tasks.documents.docx_names import TRANSITIONAL_MAIN, Element, value_of, w
from tasks.documents.docx_places import Place

INITIALS: Final = "G"

_MARKS: Final = tuple(map(w, ("comment", "commentRangeStart", "commentRangeEnd", "commentReference")))
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Comment:
    """What a comment says: who, when (ms since the Unix epoch), and its paragraphs."""

    author: str
    at_ms: int
    paragraphs: Sequence[str]


class CommentStyles:
    """The ids of Word's own comment styles in this document; they differ from language to language."""

    def __init__(self, styles: Element | None) -> None:
        found = [] if styles is None else styles.findall(w("style"))
        names = {(value_of(style.find(w("name"))) or "").lower(): value_of(style, "styleId") for style in found}
        self.reference = names.get("annotation reference")
        self.text = names.get("annotation text")


def new_comments_part() -> Element:
    """An empty comments part."""
    return etree.Element(w("comments"), nsmap={"w": TRANSITIONAL_MAIN})


def free_ids(*roots: Element) -> Iterator[str]:
    """Ids that no comment, and no mark of one that is lost, has in these parts."""
    taken = {value_of(mark, "id") for root in roots for mark in root.iter(*_MARKS)}
    return (str(number) for number in count(1) if str(number) not in taken)


def write_comment(part: Element, comment_id: str, comment: Comment, styles: CommentStyles) -> None:
    """Add the comment to the comments part."""
    at = datetime.fromtimestamp(comment.at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    stated = {"id": comment_id, "author": _clean(comment.author), "date": at, "initials": INITIALS}
    written = etree.SubElement(part, w("comment"), {w(name): value for name, value in stated.items()})
    for number, text in enumerate(comment.paragraphs or [""]):
        paragraph = _add_paragraph(written, _clean(text), styles)
        if number == 0:
            paragraph.insert(1, _styled_run(styles, "annotationRef"))


def mark_place(place: Place, comment_id: str, styles: CommentStyles) -> None:
    """Put the comment's marks around its place, and its balloon behind."""
    end = _mark("commentRangeEnd", comment_id)
    place.first.addprevious(_mark("commentRangeStart", comment_id))
    place.last.addnext(end)
    end.addnext(_reference(comment_id, styles))


def mark_point(paragraph: Element, comment_id: str, styles: CommentStyles) -> None:
    """Put the comment's balloon at the end of the paragraph, where there is no text to cover."""
    paragraph.append(_reference(comment_id, styles))


def _add_paragraph(comment: Element, text: str, styles: CommentStyles) -> Element:
    paragraph = etree.SubElement(comment, w("p"))
    properties = etree.SubElement(paragraph, w("pPr"))
    if styles.text:
        etree.SubElement(properties, w("pStyle"), {w("val"): styles.text})
    run = etree.SubElement(paragraph, w("r"))
    if _reads_from_right(text):
        etree.SubElement(properties, w("bidi"))
        etree.SubElement(etree.SubElement(run, w("rPr")), w("rtl"))
    _write_lines(run, text.splitlines())
    return paragraph


def _write_lines(run: Element, lines: Iterable[str]) -> None:
    for number, line in enumerate(lines):
        if number:
            etree.SubElement(run, w("br"))
        written = etree.SubElement(run, w("t"), {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
        written.text = line


def _reference(comment_id: str, styles: CommentStyles) -> Element:
    run = _styled_run(styles, "commentReference")
    run[-1].set(w("id"), comment_id)
    return run


def _styled_run(styles: CommentStyles, name: str) -> Element:
    run = etree.Element(w("r"), nsmap={"w": TRANSITIONAL_MAIN})
    if styles.reference:
        etree.SubElement(etree.SubElement(run, w("rPr")), w("rStyle"), {w("val"): styles.reference})
    etree.SubElement(run, w(name))
    return run


def _mark(name: str, comment_id: str) -> Element:
    return etree.Element(w(name), {w("id"): comment_id}, nsmap={"w": TRANSITIONAL_MAIN})


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


def _reads_from_right(text: str) -> bool:
    """Whether the first letter that has a direction is Arabic, Hebrew or another that runs to the left."""
    directions = (unicodedata.bidirectional(char) for char in text)
    return next((found for found in directions if found in {"L", "R", "AL"}), "L") != "L"
