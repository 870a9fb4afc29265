"""Bytes of a text file to text: strict UTF-8 first, then a guess that is said aloud."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import CharsetMatch, CharsetMatches, from_bytes

from tasks.documents.refusal import Refused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES = 1_000_000
_LIKELIEST = "cp1252"
_CHAOS_MARGIN = 0.1
_WESTERN = frozenset(
    ("English", "French", "German", "Spanish", "Portuguese", "Italian", "Dutch", "Swedish", "Danish", "Norwegian")
)
"""Languages that Windows writes in `_LIKELIEST`."""
_ZERO_SHARE = 4
"""In UTF-16 of a European language nearly every second byte is zero; at least every fourth must be."""
_PAGE_ENDS = re.compile(r"[\f\v]")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")

NOT_TEXT = "The file holds binary data, not text. Save it as plain text (UTF-8) and upload it again."


def decode_text(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text with line ends as ``\\n`` and without a byte order mark, and warnings.

    Raises:
        Refused: binary data, or no encoding fits (reason "encoding").
    """
    text, warnings = _decode(data)
    if "\0" in text:
        raise Refused(NOT_TEXT, reason="encoding")
    return normalize_text(text), warnings


def normalize_text(text: str) -> str:
    """Line ends as ``\\n``, a form feed as a blank line, other control characters gone."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", _PAGE_ENDS.sub("\n\n", text))


def _decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_strictly(data[len(mark) :], encoding), ()
    unmarked = _unmarked_utf16(data)
    if unmarked is not None:
        return _decode_strictly(data, unmarked), ()
    if b"\0" in data:
        raise Refused(NOT_TEXT, reason="encoding")
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        return _guess(data)


def _unmarked_utf16(data: bytes) -> str | None:
    """The kind of UTF-16 that the bytes are, told from where their zeros stand; None: they are something else."""
    first, second = data[::2].count(0), data[1::2].count(0)
    if len(data) % 2 or first + second < len(data) / _ZERO_SHARE or (first and second):
        return None
    letters = data[1::2] if first else data[::2]
    return None if _BINARY.search(letters) else "utf-16-be" if first else "utf-16-le"


def _decode_strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        detail = f"The file says it is {encoding.upper()} but is not. Save it as UTF-8 and upload it again."
        raise Refused(detail, reason="encoding") from error


def _guess(data: bytes) -> tuple[str, tuple[str, ...]]:
    # The guess is made on the beginning only: it takes about a second a megabyte.
    matches = from_bytes(data[:_SAMPLE_BYTES])
    best = matches.best()
    if best is None:
        raise Refused(
            "The text's encoding cannot be recognised. Save it as UTF-8 and upload it again.", reason="encoding"
        )
    encoding = _LIKELIEST if _could_be_western(data, matches, best) else best.encoding
    text = data.decode(encoding, "replace")
    return text, (f"The text is not UTF-8; it was read as {encoding}. Check accents and quotation marks.",)


def _could_be_western(data: bytes, matches: CharsetMatches, best: CharsetMatch) -> bool:
    """Whether what Windows writes in the West fits as well as the best guess, which on a short text is often
    one of its Baltic or Central European sisters."""
    for match in matches:
        if match.encoding == _LIKELIEST:
            return match.coherence >= best.coherence and match.chaos <= best.chaos + _CHAOS_MARGIN
    try:
        text = data.decode(_LIKELIEST)
        return best.language in _WESTERN or text == data.decode(best.encoding)
    except UnicodeDecodeError:
        return False
