"""Strict Open XML: read like the usual kind, and still strict when comments are in it."""

from __future__ import annotations

import io
import zipfile

import pytest

from tasks.documents.docx_package import open_package
from tasks.documents.docx_reader import read
from tasks.documents.docx_strict import as_strict, as_usual
from tasks.documents.refusal import Refused
from tests.corpus.commented import export
from tests.corpus.docx_strict import strict, strict_report
from tests.corpus.word import head, para, run, word_file
from tests.samples.hostile import zip_of

USUAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_strict_file_with_comments_stays_strict_and_the_rest_of_it_stays_as_it_was() -> None:
    before = strict_report()
    after = export(before, "whole")
    old, new = parts_of(before), parts_of(after)
    written = {"word/document.xml", "word/comments.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"}

    assert {name for name in new if new[name] != old.get(name)} == written
    assert STRICT in new["word/document.xml"] and STRICT in new["word/comments.xml"]
    assert not [name for name in new if USUAL in new[name]]
    assert b"http://purl.oclc.org/ooxml/officeDocument/relationships/comments" in new["word/_rels/document.xml.rels"]
    assert b'conformance="strict"' in new["word/document.xml"]
    assert read(after).drafts == read(before).drafts
    assert b"/content-types" in new["[Content_Types].xml"] and b"purl" not in new["[Content_Types].xml"]
    comments = open_package(after).related("comments")
    assert comments is not None and "Unclear." in "".join(comments.itertext())


def test_a_usual_file_that_speaks_of_strict_addresses_stays_usual() -> None:
    before = word_file(head("A"), para(run(f'It has xmlns:w="{STRICT.decode()}" in it, and more.')))
    package = open_package(before)
    assert not package.strict
    assert parts_of(export(before, "more"))["word/document.xml"].count(STRICT) == 1


def test_addresses_are_exchanged_there_and_back() -> None:
    usual = parts_of(word_file(head("A"), para(run("b"))))
    for name, content in parts_of(strict(word_file(head("A"), para(run("b"))))).items():
        assert as_strict(as_usual(content)) == content
        assert as_usual(content).replace(b'w:conformance="strict" ', b"") == usual[name]


def test_a_strict_file_in_another_encoding_is_refused_with_what_to_do() -> None:
    body = f'<?xml version="1.0" encoding="UTF-16"?><w:document xmlns:w="{STRICT.decode()}"/>'
    with pytest.raises(Refused, match="Save it in Word as ordinary"):
        open_package(zip_of({"word/document.xml": body.encode("utf-16")}))
