"""A PDF writer of the smallest kind: lines of Helvetica at given places. Enough for every test here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PAGE_WIDTH, PAGE_HEIGHT = 595, 842
_NO_PASSWORD_KNOWN = b"<< /Filter /Standard /V 1 /R 2 /P -44 /O <%s> /U <%s> >>" % (b"5a" * 32, b"a5" * 32)


@dataclass(frozen=True)
class PdfLine:
    """A line of text; ``x`` and ``y`` are points from the lower left corner."""

    text: str
    y: float
    size: float = 11
    x: float = 72
    bold: bool = False


def write_pdf(pages: Sequence[Sequence[PdfLine]], *, encrypted: bool = False) -> bytes:
    """A PDF with these pages; ``encrypted`` locks it with a password that nobody knows."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", _font(b"Helvetica"), _font(b"Helvetica-Bold")]
    kids = []
    for lines in pages:
        content = "\n".join(_draw(line) for line in lines).encode("cp1252")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(_page(len(objects)))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    if encrypted:
        objects.append(_NO_PASSWORD_KNOWN)
    return assemble(objects, encrypted=encrypted)


def assemble(objects: Sequence[bytes], *, encrypted: bool = False) -> bytes:
    """Numbered objects, the first the catalogue, as a file with its table; the last may be the lock."""
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    lock = b" /Encrypt %d 0 R /ID [<00> <00>]" % len(objects) if encrypted else b""
    out += b"trailer\n<< /Size %d /Root 1 0 R%s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, lock, table)
    return bytes(out)


def _font(name: bytes) -> bytes:
    return b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>" % name


def _page(content: int) -> bytes:
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R "
        b"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % (PAGE_WIDTH, PAGE_HEIGHT, content)
    )


def _draw(line: PdfLine) -> str:
    text = line.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{'F2' if line.bold else 'F1'} {line.size} Tf {line.x} {line.y} Td ({text}) Tj ET"
