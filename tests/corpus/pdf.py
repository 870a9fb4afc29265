"""PDF files for the corpus: text in any script, forms, locks, compressed tables, on top of the small writer."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence

from tests.samples.tiny_pdf import PAGE_HEIGHT, PAGE_WIDTH, assemble

_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_FONTS_AT = 3
_UNICODE_FONT = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-H "
    b"/DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>"
)
_PLAIN_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """An object with content."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def objects_of(
    contents: Sequence[bytes], glyphs: Sequence[str] = (), page: bytes = b"", more: Sequence[bytes] = ()
) -> list[bytes]:
    """The objects of a file with these pages. Fonts are F1 plain, F2 bold, F3 whose code ``n`` means ``glyphs[n - 1]``.

    ``page`` is added to each page's entries; ``more`` are further objects, from number 8.
    """
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", _PLAIN_FONT % b"Helvetica", _PLAIN_FONT % b"Helvetica-Bold"]
    objects += [_UNICODE_FONT % (6, 7), _descendant(), _to_unicode(glyphs), *more]
    fonts = b"/Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >>"
    forms = b"".join(b" /X%d %d 0 R" % (number, 8 + number) for number in range(len(more)))
    kids = []
    for content in contents:
        objects.append(stream(content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R "
            b"/Resources << %s /XObject <<%s >> >> %s >>" % (PAGE_WIDTH, PAGE_HEIGHT, len(objects), fonts, forms, page)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return objects


def show(text: str, x: float, y: float, size: float = 11, font: str = "F1", mode: int = 0) -> bytes:
    """A line of text; mode 3 is invisible, as text recognition lays it under a picture."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT {mode} Tr /{font} {size} Tf {x} {y} Td ({escaped}) Tj ET\n".encode("cp1252")


def show_glyphs(codes: Sequence[int], x: float, y: float, size: float = 11) -> bytes:
    """A line in the font F3."""
    return b"BT /F3 %g Tf %g %g Td <%s> Tj ET\n" % (size, x, y, b"".join(b"%04x" % code for code in codes))


def show_unicode(text: str, glyphs: Sequence[str], x: float, y: float, size: float = 11) -> bytes:
    """A line in the font F3, each of its characters one of ``glyphs``."""
    return show_glyphs([glyphs.index(char) + 1 for char in text], x, y, size)


def _descendant() -> bytes:
    return (
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Any /DW 600 /CIDSystemInfo << /Registry (Adobe) "
        b"/Ordering (Identity) "
        b"/Supplement 0 >> /FontDescriptor << /Type /FontDescriptor /FontName /Any /Flags 4 /Ascent 800 /Descent -200 "
        b"/CapHeight 700 /ItalicAngle 0 /StemV 80 /FontBBox [0 -200 1000 800] >> >>"
    )


def _to_unicode(glyphs: Sequence[str]) -> bytes:
    lines = b"".join(
        b"<%04x> <%s>\n" % (n, glyph.encode("utf-16-be").hex().encode()) for n, glyph in enumerate(glyphs, 1)
    )
    table = b"%d beginbfchar\n%sendbfchar\n" % (len(glyphs), lines)
    begin = b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def /CMapType 2 def\n"
    return stream(begin + b"1 begincodespacerange <0000> <ffff> endcodespacerange\n" + table + b"endcmap end end\n")


def locked_for_changes(contents: Sequence[bytes]) -> bytes:
    """A file that anybody may open and nobody may change: an owner's password, and none for readers."""
    identity, permissions = b"galley-corpus-id", -44
    owner_key = hashlib.md5(b"owner" + _PADDING[:27], usedforsecurity=False).digest()[:5]
    owner = _rc4(owner_key, _PADDING)
    key = hashlib.md5(
        _PADDING + owner + permissions.to_bytes(4, "little", signed=True) + identity, usedforsecurity=False
    ).digest()[:5]
    objects = objects_of([])
    count = 2 * len(contents)
    kids = []
    for content in contents:
        number = len(objects) + 1
        objects.append(stream(_rc4(_object_key(key, number), content)))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % number
        )
        kids.append(b"%d 0 R" % (number + 1))
    assert len(kids) * 2 == count
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    lock = b"<< /Filter /Standard /V 1 /R 2 /P %d /O <%s> /U <%s> >>"
    objects.append(lock % (permissions, owner.hex().encode(), _rc4(key, _PADDING).hex().encode()))
    named = b"[<%s> <%s>]" % (identity.hex().encode(), identity.hex().encode())
    return assemble(objects, encrypted=True).replace(b"[<00> <00>]", named)


def _object_key(key: bytes, number: int) -> bytes:
    salt = number.to_bytes(3, "little") + b"\0\0"
    return hashlib.md5(key + salt, usedforsecurity=False).digest()[:10]


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def compressed(objects: Sequence[bytes]) -> bytes:
    """The same objects as PDF 1.5 writes them: those without content packed into one, and the table packed as well."""
    packed = [(n, body) for n, body in enumerate(objects, 1) if b"\nstream\n" not in body]
    loose = [(n, body) for n, body in enumerate(objects, 1) if b"\nstream\n" in body]
    holder, table = len(objects) + 1, len(objects) + 2
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    places = {}
    for number, body in [*loose, (holder, _object_stream(packed))]:
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    places[table] = len(out)
    rows = {0: (0, 0, 65535), **{n: (1, place, 0) for n, place in places.items()}}
    rows |= {number: (2, holder, index) for index, (number, _) in enumerate(packed)}
    data = b"".join(
        kind.to_bytes(1, "big") + a.to_bytes(4, "big") + b.to_bytes(2, "big")
        for _, (kind, a, b) in sorted(rows.items())
    )
    entries = b"/Type /XRef /Size %d /W [1 4 2] /Root 1 0 R /Filter /FlateDecode" % (table + 1)
    out += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        stream(zlib.compress(data), entries),
        places[table],
    )
    return bytes(out)


def _object_stream(packed: Sequence[tuple[int, bytes]]) -> bytes:
    head, body = b"", b""
    for number, content in packed:
        head += b"%d %d " % (number, len(body))
        body += content + b" "
    entries = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (len(packed), len(head))
    return stream(zlib.compress(head + body), entries)
