"""Makers of files that must be refused: each is what an attacker, or a bad day, would upload."""

from __future__ import annotations

import functools
import io
import struct
import zipfile
import zlib

from tests.samples.make_report import make_docx, make_pdf
from tests.samples.tiny_pdf import assemble, write_pdf

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONSHIPS = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    b'Target="word/document.xml"/></Relationships>'
)
_TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def document_xml(body: str, before: str = "") -> bytes:
    """A main part with this body; ``before`` stands in front of the root element."""
    return f'<?xml version="1.0"?>{before}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'.encode()


def paragraph(text: str, properties: str = "") -> str:
    """A paragraph of one run."""
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def docx_of(body: str, parts: dict[str, bytes] | None = None, before: str = "") -> bytes:
    """The smallest Word file with this body, and further parts."""
    return zip_of({"word/document.xml": document_xml(body, before), **(parts or {})})


def zip_of(parts: dict[str, bytes]) -> bytes:
    """A Word-like archive of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELATIONSHIPS, **parts}.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@functools.cache
def zip_bomb() -> bytes:
    """A picture of 400 MB of zeros, with its size honestly stated."""
    buffer = io.BytesIO(docx_of(paragraph("text")))
    with (
        zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/media/bomb.bin", "w", force_zip64=True) as entry,
    ):
        for _ in range(400):
            entry.write(bytes(1024**2))
    return buffer.getvalue()


@functools.cache
def lying_zip_bomb() -> bytes:
    """A main part of 100 MB that says it has 100 bytes, in both of the places where a zip says so."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(document_xml(paragraph("A" * 100 * 1024**2))) + packer.flush()
    return _raw_zip("word/document.xml", packed, claimed=100)


def overlapping_zip() -> bytes:
    """Forty parts that are all the same packed bytes, so that no single ratio gives the bomb away."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", document_xml(paragraph("text")))
        first = archive.infolist()[0]
        for number in range(40):
            twin = zipfile.ZipInfo(f"word/media/{number}.bin")
            twin.header_offset, twin.CRC, twin.compress_type = first.header_offset, first.CRC, first.compress_type
            twin.compress_size, twin.file_size = first.compress_size, first.file_size
            archive.filelist.append(twin)
    return buffer.getvalue()


def xml_bomb() -> bytes:
    """Two million elements below every limit on sizes and ratios: small as a zip, huge as a tree."""
    body = "".join(f'<w:p w:x="{number * 7919 % 99991}"/>' for number in range(1_900_000))
    return docx_of(body)


def _raw_zip(name: str, packed: bytes, claimed: int) -> bytes:
    encoded = name.encode()
    sizes = struct.pack("<III", 0, len(packed), claimed)
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 0) + sizes + struct.pack("<HH", len(encoded), 0)
    central = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 0) + sizes
    central += struct.pack("<HHHHHII", len(encoded), 0, 0, 0, 0, 0, 0) + encoded
    start = len(local) + len(encoded) + len(packed)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), start, 0)
    return local + encoded + packed + central + end


def entity_bomb() -> bytes:
    """Entities that expand to ten billion letters."""
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE w:document [<!ENTITY e0 "{"x" * 10}">{levels}]>'
    return docx_of(paragraph("&e9;"), before=doctype)


def entity_bomb_in_utf16() -> bytes:
    """The same in an encoding in which a search for plain letters does not find it."""
    text = document_xml(paragraph("&e;"), '<!DOCTYPE w:document [<!ENTITY e "boom">]>').decode()
    text = text.replace('version="1.0"', 'version="1.0" encoding="UTF-16"')
    return zip_of({"word/document.xml": text.encode("utf-16")})


def external_entity(target: str) -> bytes:
    """An entity that would bring in a file of the server."""
    return docx_of(paragraph("&e;"), before=f'<!DOCTYPE w:document [<!ENTITY e SYSTEM "{target}">]>')


def macro_docx() -> bytes:
    """A Word file with a macro project under an innocent ending."""
    return docx_of(paragraph("text"), {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"})


def climbing_docx() -> bytes:
    """A part whose name would leave the folder it is unpacked into."""
    return docx_of(paragraph("text"), {"../../etc/cron.d/evil": b"* * * * * root true"})


def crowded_docx() -> bytes:
    """More parts than any document has."""
    return docx_of(paragraph("text"), {f"word/{number}.bin": b"" for number in range(6_000)})


def truncated_docx() -> bytes:
    """An upload that broke off in the middle."""
    data = make_docx()
    return data[: len(data) // 2]


def damaged_docx() -> bytes:
    """A Word file whose text has one flipped byte."""
    data = bytearray(docx_of(paragraph("some text " * 50)))
    data[data.index(b"word/document.xml") + 60] ^= 0xFF
    return bytes(data)


def deep_docx() -> bytes:
    """Tables in tables, five thousand deep."""
    return docx_of("<w:tbl><w:tr><w:tc>" * 5_000 + "</w:tc></w:tr></w:tbl>" * 5_000)


def truncated_pdf() -> bytes:
    """A PDF that ends in its first object."""
    return make_pdf()[:120]


def encrypted_pdf() -> bytes:
    """A PDF locked with a password."""
    return write_pdf([[]], encrypted=True)


def scanned_pdf() -> bytes:
    """Pages without a letter."""
    return write_pdf([[], []])


def costly_pdf() -> bytes:
    """A few kilobytes that draw each other again and again: forms that call the next one ten times over."""
    depth = 9
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R /Resources 6 0 R >>"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page]
    objects += [b"null", _stream(b"/X Do", b""), b"<< /XObject << /X 7 0 R >> >>"]
    first_form = len(objects) + 1
    for level in range(depth):
        below = first_form + level + 1
        resources = b"/Resources << /XObject << /X %d 0 R >> >>" % below
        objects.append(_stream(b"/X Do " * 10, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] " + resources))
    objects.append(_stream(b"0 0 m 9 9 l S " * 10, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]"))
    return assemble(objects)


def _stream(content: bytes, entries: bytes) -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)
