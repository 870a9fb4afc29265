"""Word files and archives that mean harm, each with what becomes of it."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib

from tests.corpus.specimen import Threat
from tests.corpus.word import NAMESPACES, W, box, link, notes, para, run, word_file
from tests.samples import hostile
from tests.samples.hostile import docx_of, paragraph, zip_of

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
NOWHERE = "http://192.0.2.1/evil"


def _with_entry(entry: zipfile.ZipInfo, content: bytes = b"x") -> bytes:
    buffer = io.BytesIO(docx_of(paragraph("text")))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(entry, content)
    return buffer.getvalue()


def _named(name: str) -> bytes:
    return _with_entry(zipfile.ZipInfo(name))


def _symlink() -> bytes:
    entry = zipfile.ZipInfo("word/media/link")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return _with_entry(entry, b"/etc/passwd")


def _twice() -> bytes:
    """Two main parts of one name: what is checked could be one and what is read the other."""
    data = docx_of(paragraph("text"), {"word/documenX.xml": hostile.document_xml(paragraph("other"))})
    return data.replace(b"word/documenX.xml", b"word/document.xml")


def _local_name_differs() -> bytes:
    """An entry whose own header gives another name than the table of the archive."""
    data = docx_of(paragraph("text"))
    place = data.index(b"word/document.xml")
    return data[:place] + b"word/evil.exe.xml" + data[place + 17 :]


def _packed(method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("word/document.xml", hostile.document_xml(paragraph("text")))
    return buffer.getvalue()


def _marked_encrypted() -> bytes:
    data = bytearray(docx_of(paragraph("text")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.rindex(mark)
        data[place + offset] |= 1
    return bytes(data)


def _sizes_of_the_future() -> bytes:
    """A size of 4 GiB less one, which is how an archive says: look elsewhere, for an even larger one."""
    data = bytearray(docx_of(paragraph("text")))
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 0xFFFFFFFE)
    return bytes(data)


def _table_elsewhere() -> bytes:
    data = bytearray(docx_of(paragraph("text")))
    end = data.rindex(b"PK\x05\x06")
    data[end + 16 : end + 20] = struct.pack("<I", 0x7FFFFFFF)
    return bytes(data)


def _crowd(count: int = 250_000) -> bytes:
    """Hundreds of thousands of entries without content: a table that costs more than what it lists."""
    local = b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    entry = b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0)
    table = b"".join(entry + b"%06d" % number for number in range(count))
    end = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, len(table), len(local))
    where = b"PK\x06\x07" + struct.pack("<IQI", 0, len(local) + len(table), 1)
    return (
        local
        + table
        + end
        + where
        + b"PK\x05\x06"
        + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    )


def _nested_zips() -> bytes:
    """A zip in a zip in a zip, as deep as it goes, at the end a bomb."""
    data = zlib.compress(bytes(10 * 1024**2))
    for _ in range(20):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.zip", data)
        data = buffer.getvalue()
    return docx_of(paragraph("text"), {"word/embeddings/inner.zip": data})


def _linked(kind: str, target: str, mode: str = ' TargetMode="External"') -> bytes:
    links = f'<Relationship Id="evil" Type="{_OFFICE}/{kind}" Target="{target}"{mode}/>'
    return word_file(para("text"), links=links)


def _main_outside() -> bytes:
    links = (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
        f'TargetMode="External" Target="{NOWHERE}"/></Relationships>'
    )
    return zip_of({"_rels/.rels": links.encode(), "word/document.xml": hostile.document_xml(paragraph("text"))})


def _declared(part: str, declaration: str) -> bytes:
    root = part.rpartition("/")[2].partition(".")[0]
    return docx_of(paragraph("text"), {part: f'<?xml version="1.0"?>{declaration}<w:{root} xmlns:w="{W}"/>'.encode()})


def _in_encoding(encoding: str) -> bytes:
    text = hostile.document_xml(paragraph("&e;"), '<!DOCTYPE w:document [<!ENTITY e "boom">]>').decode()
    return zip_of(
        {"word/document.xml": text.replace('version="1.0"', f'version="1.0" encoding="{encoding}"').encode(encoding)}
    )


def _include(target: str) -> bytes:
    return docx_of(
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{target}" parse="text"/>{paragraph("text")}'
    )


def _note_of_itself() -> bytes:
    mark = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    return word_file(para("text", mark), parts={"footnotes": notes("footnote", n2=para("again", mark, mark))})


def _notes_in_a_circle() -> bytes:
    marks = [f'<w:r><w:footnoteReference w:id="{number}"/></w:r>' for number in (2, 3)]
    parts = {"footnotes": notes("footnote", n2=para("a", *marks), n3=para("b", *marks))}
    return word_file(para("text", marks[0]), parts=parts)


def _nested(before: str, after: str, depth: int) -> bytes:
    return docx_of(paragraph("text") + before * depth + after * depth)


def _boxes(depth: int) -> bytes:
    inner = para("deep")
    for _ in range(depth):
        inner = para("box", box(inner))
    return word_file(para("text"), inner)


def _endless_marker() -> bytes:
    """A list whose marker has a megabyte, ten thousand times."""
    marker = "x" * 1_000_000
    lists = (
        f'<w:numbering {NAMESPACES}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/>'
        f'<w:lvlText w:val="{marker}"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        "</w:numbering>"
    )
    item = '<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>'
    return word_file(item * 10_000, parts={"numbering": lists.encode()})


def _huge_numbers() -> bytes:
    numbers = "".join(
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        f'<w:outlineLvl w:val="{level}"/>'
        f'</w:pPr><w:r><w:rPr><w:sz w:val="{number}"/></w:rPr><w:t>text</w:t></w:r></w:p>'
        for level, number in [("99999999999", "9" * 400), ("-1", "-99999999999"), ("1e9", "0x10"), ("٣", "²")]
    )
    return word_file(numbers)


_ENTITY = '<!DOCTYPE x [<!ENTITY e "boom">]>'
_EXTERNAL_DTD = f'<!DOCTYPE x SYSTEM "{NOWHERE}.dtd">'
_PARAMETER = f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{NOWHERE}"> %p;]>'
_MACRO_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override '
    'PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
)

THREATS = (
    Threat("zip bomb with an honest size.docx", hostile.zip_bomb, "hostile", slow=True),
    Threat("zip bomb with a lying size.docx", hostile.lying_zip_bomb, "hostile"),
    Threat("entries that share bytes.docx", hostile.overlapping_zip, "hostile"),
    Threat("zips in zips.docx", _nested_zips),
    Threat("six thousand entries.docx", hostile.crowded_docx, "hostile"),
    Threat("crowd of entries.docx", _crowd, "hostile"),
    Threat("size of the future.docx", _sizes_of_the_future, "hostile"),
    Threat("table elsewhere.docx", _table_elsewhere, "broken"),
    Threat("packed with bzip2.docx", lambda: _packed(zipfile.ZIP_BZIP2), "broken"),
    Threat("packed with lzma.docx", lambda: _packed(zipfile.ZIP_LZMA), "broken"),
    Threat("marked encrypted.docx", _marked_encrypted, "encrypted"),
    Threat("name that climbs.docx", hostile.climbing_docx, "hostile"),
    Threat("name of the root.docx", lambda: _named("/etc/passwd"), "hostile"),
    Threat("name of a drive.docx", lambda: _named("C:/x"), "hostile"),
    Threat("name with backslashes.docx", lambda: _named("word\\..\\..\\x"), "hostile"),
    Threat("name of sixty thousand letters.docx", lambda: _named("a" * 60_000)),
    Threat("symbolic link.docx", _symlink, "hostile"),
    Threat("two entries of one name.docx", _twice, "hostile"),
    Threat("two names of one entry.docx", _local_name_differs, "hostile"),
    Threat("truncated.docx", hostile.truncated_docx, "broken"),
    Threat("flipped byte.docx", hostile.damaged_docx, "broken"),
    Threat("entity bomb.docx", hostile.entity_bomb, "hostile"),
    Threat("entity bomb in UTF-16.docx", hostile.entity_bomb_in_utf16, "hostile"),
    Threat("entity in UTF-7.docx", lambda: _in_encoding("utf-7"), "hostile"),
    Threat("entity in EBCDIC.docx", lambda: _in_encoding("cp037"), "broken"),
    Threat("entity in UTF-32.docx", lambda: _in_encoding("utf-32"), "hostile"),
    Threat("external entity.docx", lambda: hostile.external_entity("file:///etc/passwd"), "hostile"),
    Threat("entity in the styles.docx", lambda: _declared("word/styles.xml", _ENTITY), "hostile"),
    Threat("entity in the comments.docx", lambda: _declared("word/comments.xml", _ENTITY), "hostile"),
    Threat("external declarations.docx", lambda: _declared("word/styles.xml", _EXTERNAL_DTD), "hostile"),
    Threat("parameter entity.docx", lambda: _declared("word/styles.xml", _PARAMETER), "hostile"),
    Threat("entity in the links.docx", lambda: zip_of({"_rels/.rels": f"{_ENTITY}<x/>".encode()}), "hostile"),
    Threat("inclusion of a file.docx", lambda: _include("file:///etc/passwd")),
    Threat("template from elsewhere.docx", lambda: _linked("attachedTemplate", NOWHERE)),
    Threat("object from elsewhere.docx", lambda: _linked("oleObject", "file:///etc/passwd")),
    Threat("styles outside of the file.docx", lambda: _linked("styles", "../../../../etc/passwd", "")),
    Threat("main part from elsewhere.docx", _main_outside),
    Threat("macros.docx", hostile.macro_docx, "hostile"),
    Threat("macros by their type.docx", lambda: zip_of({"[Content_Types].xml": _MACRO_TYPES.encode()}), "hostile"),
    Threat("tables five thousand deep.docx", hostile.deep_docx, "broken"),
    Threat("tables eighty deep.docx", lambda: _nested("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>", 80)),
    Threat(
        "controls a hundred and twenty deep.docx",
        lambda: _nested("<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>", 120),
    ),
    Threat("insertions deep.docx", lambda: _nested("<w:p>" + "<w:ins>" * 240, "</w:ins>" * 240 + "</w:p>", 1)),
    Threat("boxes in boxes.docx", lambda: _boxes(6)),
    Threat("note that refers to itself.docx", _note_of_itself),
    Threat("notes in a circle.docx", _notes_in_a_circle),
    Threat("endless marker.docx", _endless_marker, "hostile", slow=True),
    Threat("two million elements.docx", hostile.xml_bomb, "hostile", slow=True),
    Threat("huge numbers.docx", _huge_numbers),
    Threat("null bytes in the text.docx", lambda: docx_of(paragraph("a\0b")), "broken"),
    Threat("PDF and Word in one.docx", lambda: b"%PDF-1.4\n" + docx_of(paragraph("text")), "unsupported"),
    Threat("Word behind a picture.docx", lambda: b"GIF89a" + docx_of(paragraph("text")), "unsupported"),
    Threat("spreadsheet.docx", lambda: zip_of({"xl/workbook.xml": b"<workbook/>"}), "unsupported"),
    Threat("link with a script.docx", lambda: word_file(para("text", link("x"), run("&lt;script&gt;")))),
)
