"""Unpack a zip archive without trusting a word of what it says about itself.

Sizes in a zip are claims. Each entry is inflated here piece by piece and counted; what differs from
its claim, or grows past a limit, is refused. All entries are counted, also those that the reader does
not need, because the export opens the original again with another library.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator

from tasks.documents.refusal import Refused

MAX_ENTRIES = 5_000
MAX_UNPACKED_BYTES = 256 * 1024**2
MAX_RATIO = 200
"""Dense Word XML packs about 1:30, extreme tables 1:100; the most that deflate can do is 1:1030."""
RATIO_FREE_BYTES = 1024**2
"""Below this size any ratio is harmless."""

_LOCAL_HEADER_BYTES = 30
_PIECE_BYTES = 256 * 1024
_ENCRYPTED_FLAG = 0x1
_UTF8_FLAG = 0x8
"""Of the upper byte of an entry's flags."""

_ENTRY_MARK = b"PK\x01\x02"

_TOO_MANY = f"The file holds {{:,}} parts; at most {MAX_ENTRIES:,} are read. Save it again in Word."
_BROKEN = "The file is damaged or was not uploaded completely. Open it in Word, save it again and upload that."
_BOMB = "The file unpacks to far more than a document needs, as a zip bomb does. Save it again in Word and retry."


def unpack(data: bytes, wanted: tuple[str, ...]) -> dict[str, bytes]:
    """All entries of the archive by name; content only for names that end in one of ``wanted``.

    Raises:
        Refused: damaged, encrypted, or built to exhaust or mislead a reader.
    """
    entries = _list_entries(data)
    _check_claims(entries, len(data))
    budget = MAX_UNPACKED_BYTES
    parts: dict[str, bytes] = {}
    for entry in entries:
        content = _read_entry(data, entry, budget)
        budget -= len(content)
        parts[entry.filename] = content if entry.filename.lower().endswith(wanted) else b""
    return parts


def _list_entries(data: bytes) -> list[zipfile.ZipInfo]:
    # Before the table is read: a quarter of a million entries take seconds. A zip inside may have some of its own.
    if data.count(_ENTRY_MARK) > 4 * MAX_ENTRIES:
        raise Refused(_TOO_MANY.format(data.count(_ENTRY_MARK)), reason="hostile")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise Refused(_BROKEN) from error


def _check_claims(entries: list[zipfile.ZipInfo], size_bytes: int) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Refused(_TOO_MANY.format(len(entries)), reason="hostile")
    if len({entry.filename for entry in entries}) < len(entries):
        raise Refused("The file holds two parts of one name. Save it again in Word.", reason="hostile")
    # Entries that share bytes are how a small file becomes a huge one without any high ratio.
    if sum(entry.compress_size for entry in entries) > size_bytes:
        raise Refused(_BOMB, reason="hostile")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise Refused(_BOMB, reason="hostile")
    for entry in entries:
        _check_entry(entry)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED_FLAG:
        raise Refused("The file is locked with a password. Save it without one and retry.", reason="encrypted")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Refused("A part of the file is a link to another file. Save it again in Word.", reason="hostile")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Refused(_BROKEN)
    name = entry.orig_filename
    if name.startswith("/") or "\\" in name or ":" in name or "\0" in name or ".." in name.split("/"):
        raise Refused("A part of the file is named like a path outside of it. Save it again in Word.", reason="hostile")


def _read_entry(data: bytes, entry: zipfile.ZipInfo, budget: int) -> bytes:
    content = bytearray()
    crc = 0
    for piece in _inflate(_packed_bytes(data, entry), entry.compress_type):
        content += piece
        crc = zlib.crc32(piece, crc)
        _check_growth(len(content), entry, budget)
    if len(content) != entry.file_size:
        raise Refused("A part of the file is not as long as the file says. Save it again in Word.", reason="hostile")
    if crc != entry.CRC:
        raise Refused(_BROKEN)
    return bytes(content)


def _check_growth(size: int, entry: zipfile.ZipInfo, budget: int) -> None:
    dense = size > RATIO_FREE_BYTES and size > MAX_RATIO * max(entry.compress_size, 1)
    if size > entry.file_size or size > budget or dense:
        raise Refused(_BOMB, reason="hostile")


def _packed_bytes(data: bytes, entry: zipfile.ZipInfo) -> bytes:
    """The entry's bytes as stored; its own header says where they begin."""
    header = data[entry.header_offset : entry.header_offset + _LOCAL_HEADER_BYTES]
    if len(header) < _LOCAL_HEADER_BYTES or not header.startswith(b"PK\x03\x04"):
        raise Refused(_BROKEN)
    name_bytes, extra_bytes = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    start = entry.header_offset + _LOCAL_HEADER_BYTES + name_bytes + extra_bytes
    name = data[start - extra_bytes - name_bytes : start - extra_bytes]
    if name.decode("utf-8" if header[7] & _UTF8_FLAG else "cp437", "replace") != entry.orig_filename:
        raise Refused("A part of the file has two names. Save it again in Word.", reason="hostile")
    return data[start : start + entry.compress_size]


def _inflate(packed: bytes, method: int) -> Iterator[bytes]:
    """The unpacked bytes in pieces, never more than one piece ahead of the caller's count."""
    if method == zipfile.ZIP_STORED:
        yield packed
        return
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while not stream.eof and packed:
            yield stream.decompress(packed, _PIECE_BYTES)
            packed = stream.unconsumed_tail
    except zlib.error as error:
        raise Refused(_BROKEN) from error
    if not stream.eof:
        raise Refused(_BROKEN)
