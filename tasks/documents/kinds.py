"""Which format a file claims to be by its name, and whether its first bytes agree."""

from __future__ import annotations

import re
from typing import Final

from tasks.contract.documents import DocumentFormat
from tasks.contract.errors import TooLarge, UnreadableDocument, UnsupportedFormat
from tasks.contract.submissions import MAX_DOCUMENT_BYTES

_FORMATS: Final[dict[str, DocumentFormat]] = {
    "docx": "docx",
    "pdf": "pdf",
    "md": "md",
    "markdown": "md",
    "txt": "txt",
    "text": "txt",
}
_OTHER_WORD = {
    "doc": "Old Word files (.doc) cannot be read. Save it as Word document (.docx) and upload that.",
    "docm": "Word files with macros (.docm) are not taken. Save it as Word document (.docx) and upload that.",
    "dotx": "Word templates (.dotx) are not taken. Save it as Word document (.docx) and upload that.",
}
_ZIP = b"PK"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_PACKAGE_STREAM = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = {"a PDF": b"%PDF-", "a zip or Office file": b"PK\x03\x04", "an old Office file": _OLE}
_PDF_HEADER_BYTES = 1024
"""Readers accept rubbish of this length before ``%PDF-``, and real files have it."""

MAX_NAME_CHARS: Final = 200


def clean_name(filename: str) -> str:
    """The last part of a file name as a person may see it: no folders, no control characters."""
    last = re.split(r"[/\\]", filename)[-1]
    printable = "".join(char for char in last if char.isprintable()).strip()
    return printable[-MAX_NAME_CHARS:] or "document"


def format_of(filename: str) -> DocumentFormat:
    """The format that the name's ending claims.

    Raises:
        UnsupportedFormat: another ending, or none.
    """
    ending = filename.rpartition(".")[2].lower() if "." in filename else ""
    if ending in _FORMATS:
        return _FORMATS[ending]
    named = f"Files named .{ending[:20]} cannot be read" if ending else "The file's name has no ending"
    raise UnsupportedFormat(_OTHER_WORD.get(ending, f"{named}. Choose a docx, pdf, md or txt file."))


def check_size(size_bytes: int) -> None:
    """Refuse what is empty or over the limit.

    Raises:
        UnreadableDocument: nothing at all.
        TooLarge: more than `MAX_DOCUMENT_BYTES`.
    """
    if size_bytes == 0:
        raise UnreadableDocument("The file is empty. Choose a file with some text in it.", reason="empty")
    if size_bytes > MAX_DOCUMENT_BYTES:
        limit = MAX_DOCUMENT_BYTES // 1024**2
        raise TooLarge(
            f"The file has {size_bytes / 1024**2:.1f} MB; at most {limit} MB can be taken. "
            "Split it, or save it with smaller pictures.",
            limit_bytes=MAX_DOCUMENT_BYTES,
        )


def check_content(data: bytes, fmt: DocumentFormat) -> None:
    """Refuse content that is of another kind than the name says.

    Raises:
        UnsupportedFormat: the first bytes belong to something else.
        UnreadableDocument: a Word file that is locked with a password.
    """
    if fmt == "docx":
        _check_docx(data)
    elif fmt == "pdf":
        _check_pdf(data)
    else:
        _check_text(data, fmt)


def _check_docx(data: bytes) -> None:
    if data.startswith(_OLE) and _PACKAGE_STREAM in data:
        raise UnreadableDocument(
            "The document is locked with a password. Save it without one and upload it again.", reason="encrypted"
        )
    if not data.startswith(_ZIP):
        raise UnsupportedFormat("The file is named .docx but is no Word document. Save it as .docx in Word.")


def _check_pdf(data: bytes) -> None:
    if b"%PDF-" not in data[:_PDF_HEADER_BYTES]:
        raise UnsupportedFormat("The file is named .pdf but is no PDF. Export it as PDF again.")


def _check_text(data: bytes, fmt: DocumentFormat) -> None:
    for what, magic in _FOREIGN.items():
        if data.startswith(magic):
            raise UnsupportedFormat(f"The file is named .{fmt} but is {what}. Give it its right ending.")
