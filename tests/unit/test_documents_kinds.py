"""Names, endings, sizes and first bytes are checked before any parser runs."""

from __future__ import annotations

import pytest

from tasks.contract.errors import TooLarge, UnreadableDocument, UnsupportedFormat
from tasks.contract.submissions import MAX_DOCUMENT_BYTES, MAX_SECTIONS_AT_ONCE
from tasks.documents import child
from tasks.documents.kinds import check_content, check_size, clean_name, format_of

OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("name", "fmt"), [("a.DOCX", "docx"), ("b.c.pdf", "pdf"), ("x.markdown", "md"), ("t.txt", "txt")]
)
def test_ending_gives_the_format(name: str, fmt: str) -> None:
    assert format_of(name) == fmt


@pytest.mark.parametrize("name", ["a.doc", "a.docm", "a.exe", "noending", "", "pdf"])
def test_other_endings_are_refused(name: str) -> None:
    with pytest.raises(UnsupportedFormat, match="docx"):
        format_of(name)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [("../../etc/report.md", "report.md"), ("C:\\x\\r.md", "r.md"), ("a\n\x00b.md", "ab.md"), ("/", "document")],
)
def test_name_loses_folders_and_control_characters(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


def test_empty_file_is_refused() -> None:
    with pytest.raises(UnreadableDocument) as refused:
        check_size(0)

    assert refused.value.data["reason"] == "empty"


def test_large_file_is_refused_with_the_limit_in_words() -> None:
    check_size(MAX_DOCUMENT_BYTES)
    with pytest.raises(TooLarge, match="at most 20 MB"):
        check_size(MAX_DOCUMENT_BYTES + 1)


@pytest.mark.parametrize(
    ("data", "fmt"),
    [
        (b"%PDF-1.7", "docx"),
        (b"hello", "docx"),
        (b"hello", "pdf"),
        (b"PK\x03\x04", "md"),
        (b"%PDF-1.4", "txt"),
        (OLE, "docx"),
    ],
)
def test_content_of_another_kind_is_refused(data: bytes, fmt: str) -> None:
    with pytest.raises(UnsupportedFormat):
        check_content(data, fmt)  # type: ignore[arg-type]


def test_word_file_with_a_password_is_refused_as_encrypted() -> None:
    with pytest.raises(UnreadableDocument) as refused:
        check_content(OLE + "EncryptedPackage".encode("utf-16-le"), "docx")

    assert refused.value.data["reason"] == "encrypted"


def test_as_many_sections_are_read_as_can_be_asked_for_at_once() -> None:
    assert child.MAX_SECTIONS == MAX_SECTIONS_AT_ONCE
