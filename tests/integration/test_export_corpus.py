"""Word files out, over the whole corpus: any quote is marked exactly, and nothing else of the file is changed."""

from __future__ import annotations

import functools
import random

import pytest
from hypothesis import given, settings, strategies as st

from tasks.contract.documents import Document
from tasks.contract.findings import Anchor
from tasks.documents.docx_fields import WrittenAnew
from tasks.documents.docx_package import open_package
from tasks.documents.docx_reader import MappedSection, map_sections
from tasks.documents.export_docx import export_docx
from tasks.documents.export_remarks import Remark
from tests.corpus.commented import (
    AT,
    assert_unharmed,
    comments_of,
    document_of,
    finding_at,
    in_main_story,
    ours,
    range_of,
)
from tests.corpus.shelf import READABLE
from tests.samples.make_report import make_docx
from tests.samples.rich_docx import rich_docx

LARGE = "three hundred pages.docx"
FILES = {specimen.name: specimen.make for specimen in READABLE if specimen.format == "docx"}
FILES |= {"report.docx": make_docx, "rich.docx": rich_docx}
SMALL = sorted(FILES.keys() - {LARGE})


@functools.cache
def made(name: str) -> tuple[bytes, Document]:
    data = FILES[name]()
    return data, document_of(data)


@functools.cache
def mapped(name: str) -> tuple[tuple[MappedSection, ...], WrittenAnew]:
    package = open_package(made(name)[0])
    main = package.xml(package.main)
    return map_sections(main, package), WrittenAnew(main)


def remark_on(document: Document, number: int, start: int, end: int) -> Remark:
    anchor = Anchor(exact=document.sections[number].text[start:end], start=start, end=end)
    return Remark(finding_at(document.sections[number].section_id, anchor), AT)


def enclosable(name: str, number: int, start: int, end: int) -> tuple[int, int] | None:
    """What of a quote a range can enclose: characters of runs in the main story. Of what is one character or one
    field to Word, all or nothing. None: nothing of it."""
    (sections, anew) = mapped(name)
    own = [span for span in sections[number].spans if span.start < end and span.end > start and in_main_story(span)]
    if not own or any(anew.around(span.run) for span in (own[0], own[-1])):
        return None
    first = max(start, own[0].start) if own[0].node.tag.endswith("}t") else own[0].start
    last = min(end, own[-1].end) if own[-1].node.tag.endswith("}t") else own[-1].end
    return first, last


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SMALL), st.integers(0, 20), st.integers(0, 400), st.integers(1, 60))
def test_any_quote_of_any_file_gets_a_comment_on_exactly_its_characters(
    name: str, number: int, offset: int, length: int
) -> None:
    data, document = made(name)
    number %= len(document.sections)
    text = document.sections[number].text
    if not text:
        return
    start = offset % len(text)
    end = min(start + length, len(text))

    after = export_docx(data, document, [remark_on(document, number, start, end)])

    (comment_id,) = set(ours(after)) - set(comments_of(data))
    wanted = enclosable(name, number, start, end)
    if wanted is not None:
        assert range_of(after, number, comment_id) == (*wanted, text[slice(*wanted)])


@pytest.mark.parametrize("name", sorted(FILES))
def test_file_less_our_comments_is_the_upload_in_text_and_structure(name: str) -> None:
    data, document = made(name)
    chance = random.Random(name)
    remarks = []
    for number, section in enumerate(document.sections[:40]):
        for _ in range(3 if section.text else 0):
            start = chance.randrange(len(section.text))
            remarks.append(remark_on(document, number, start, min(start + chance.randint(1, 80), len(section.text))))
        remarks.append(Remark(finding_at(section.section_id, None), AT))

    after = export_docx(data, document, remarks)

    assert len(comments_of(after)) == len(comments_of(data)) + len(remarks)
    assert_unharmed(data, after)
