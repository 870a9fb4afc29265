"""Read an uploaded file: check it, parse it in a child process, number its sections."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from tasks.contract.documents import DocumentFormat, Section
from tasks.documents.kinds import check_content, check_size, clean_name, format_of
from tasks.documents.parser_process import run_parser


@dataclass(frozen=True)
class Parsed:
    """A document as read: its clean name, its format, its sections in order, and what to know about it."""

    name: str
    format: DocumentFormat
    sections: tuple[Section, ...]
    warnings: tuple[str, ...]


async def read_document(source: bytes | os.PathLike[str] | str, filename: str, owner: str = "") -> Parsed:
    """Parse a file given as bytes or as a path; ``filename`` is the name that the person gave it.

    Sections are called s1, s2, … in order. Offsets into a section count code points of its text. At
    most two files are parsed at once per event loop; others wait their turn, those of the ``owner`` who has
    fewest being parsed before the others.

    Raises:
        UnsupportedFormat: not docx, pdf, md or txt, by name or by content (415).
        TooLarge: over 20 MB or over 2,000 sections (413).
        UnreadableDocument: everything else, with ``reason`` encrypted, scanned, broken, hostile, empty
            or encoding (422). A parser that crashes or takes too long is this as well.
        OSError: the path cannot be read.
    """
    fmt = format_of(filename)
    data = source if isinstance(source, bytes) else await asyncio.to_thread(_load, Path(source))
    check_size(len(data))
    check_content(data, fmt)
    drafts, warnings = await run_parser(data, fmt, owner)
    sections = tuple(
        Section(section_id=f"s{number}", title=title, level=level, text=text, hidden=hidden)
        for number, (title, level, text, hidden) in enumerate(drafts, 1)
    )
    return Parsed(clean_name(filename), fmt, sections, warnings)


def _load(path: Path) -> bytes:
    check_size(path.stat().st_size)
    return path.read_bytes()
