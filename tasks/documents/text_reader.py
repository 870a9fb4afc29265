"""Plain text to drafts."""

from __future__ import annotations

from tasks.documents.draft import Reading
from tasks.documents.plain_headings import split_plain_text
from tasks.documents.text_decoding import decode_text


def read(data: bytes) -> Reading:
    """A txt file's sections.

    Raises:
        Refused: binary data or an unknown encoding.
    """
    text, warnings = decode_text(data)
    return Reading(split_plain_text(text), warnings)
