"""PDF files that mean harm, each with what becomes of it."""

from __future__ import annotations

import zlib

from tests.corpus.pdf import objects_of, show, stream
from tests.corpus.specimen import Threat
from tests.samples import hostile
from tests.samples.hostile import docx_of, paragraph
from tests.samples.tiny_pdf import assemble

_FLATE = b"/Filter /FlateDecode"
_CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << >> >>"
_TEXT = show("text", 72, 700)


def _tree(pages: bytes, *more: bytes) -> bytes:
    return assemble([_CATALOG, pages, _PAGE, stream(b""), *more])


def _packed_times(content: bytes, times: int) -> bytes:
    for _ in range(times):
        content = zlib.compress(content, 9)
    return stream(content, b"/Filter [%s]" % (b" /FlateDecode" * times))


def _one_page_many_times(count: int) -> bytes:
    """Pages that are all the same costly one."""
    objects = objects_of([b"".join(show("word " * 12, 72, 700 - n % 600) for n in range(4_000))])
    page = len(objects)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b"%d 0 R " % page * count, count)
    return assemble(objects)


def _stream_bomb() -> bytes:
    """Two gigabytes of blanks as a page's content, packed twice."""
    packer = zlib.compressobj(9)
    # After a full flush nothing refers back, so that one packed megabyte can be written as often as one likes.
    first, later = (packer.compress(b" " * 1024**2) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    once = first + later * 2_047 + packer.flush()
    return assemble([_CATALOG, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", _PAGE, _packed(once)])


def _packed(once: bytes) -> bytes:
    return stream(zlib.compress(once, 9), b"/Filter [/FlateDecode /FlateDecode]")


def _deep_tree(depth: int) -> bytes:
    levels = [
        b"<< /Type /Pages /Kids [%d 0 R] /Count 1 /Parent %d 0 R >>" % (number + 1, number - 1)
        for number in range(5, 5 + depth)
    ]
    last = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 9 9] >>" % (4 + depth)
    return _tree(b"<< /Type /Pages /Kids [5 0 R] /Count 1 >>", *levels, last)


def _form_of_itself() -> bytes:
    form = stream(
        b"/X0 Do /X0 Do\n" + _TEXT,
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] "
        b"/Resources << /XObject << /X0 8 0 R >> /Font << /F1 3 0 R >> >>",
    )
    return assemble(objects_of([b"/X0 Do\n"], more=[form]))


def _acting() -> bytes:
    objects = objects_of([_TEXT])
    script = b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> /AA << /WC << /S /Launch /F (/bin/sh) >> >>"
    files = b"/Names << /EmbeddedFiles << /Names [(x) << /F (x.exe) >>] >> >> /AcroForm << /XFA (x) >>"
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R %s %s >>" % (script, files)
    return assemble(objects)


def _looping_table() -> bytes:
    data = assemble(objects_of([_TEXT]))
    start = data[data.rindex(b"startxref") + 10 :].split()[0]
    return data.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev " + start)


def _wide_map() -> bytes:
    """A font that says of every code that it is ten thousand letters long."""
    objects = objects_of([b"BT /F3 11 Tf 72 700 Td <" + b"0001" * 20_000 + b"> Tj ET"])
    line = b"<0000> <ffff> <%s>\n" % (b"0041" * 10_000)
    objects[6] = stream(
        b"begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange "
        b"1 beginbfrange\n" + line + b"endbfrange endcmap"
    )
    return assemble(objects)


THREATS = (
    Threat("locked with a password.pdf", hostile.encrypted_pdf, "encrypted"),
    Threat("pictures only.pdf", hostile.scanned_pdf, "scanned"),
    Threat("truncated.pdf", hostile.truncated_pdf, "broken"),
    Threat("forms that draw each other.pdf", hostile.costly_pdf, "broken|hostile", slow=True),
    Threat("form that draws itself.pdf", _form_of_itself, "broken|hostile", slow=True),
    Threat("one page two thousand times.pdf", lambda: _one_page_many_times(2_000), "hostile", slow=True),
    Threat("one page a million times.pdf", lambda: _one_page_many_times(1_000_000), "too_large", slow=True),
    Threat("stream bomb.pdf", _stream_bomb, "broken|hostile", slow=True),
    Threat(
        "content packed thirty times.pdf",
        lambda: assemble([_CATALOG, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", _PAGE, _packed_times(_TEXT, 30)]),
        "any",
    ),
    Threat("pages in a circle.pdf", lambda: _tree(b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"), "any"),
    Threat("pages a hundred thousand deep.pdf", lambda: _deep_tree(100_000), "any", slow=True),
    Threat(
        "pages that are said to be two billion.pdf",
        lambda: _tree(b"<< /Type /Pages /Kids [3 0 R] /Count 2147483647 >>"),
        "any",
    ),
    Threat("pages fewer than none.pdf", lambda: _tree(b"<< /Type /Pages /Kids [3 0 R] /Count -5 >>"), "any"),
    Threat(
        "lists in lists.pdf",
        lambda: _tree(b"<< /Type /Pages /Kids [3 0 R] /Count 1 /X %s >>" % (b"[" * 100_000 + b"]" * 100_000)),
        "any",
    ),
    Threat(
        "dictionaries in dictionaries.pdf",
        lambda: _tree(b"<< /Type /Pages /Kids [3 0 R] /Count 1 /X %s >>" % (b"<< /X " * 100_000 + b">>" * 100_000)),
        "any",
    ),
    Threat("page as large as a country.pdf", lambda: assemble(objects_of([_TEXT], page=b"/MediaBox [0 0 1e12 1e12]"))),
    Threat("page of no size.pdf", lambda: assemble(objects_of([_TEXT], page=b"/MediaBox [0 0 0 0]")), "any"),
    Threat("letters as high as a tower.pdf", lambda: assemble(objects_of([show("text", 0, 0, 1e30)])), "any"),
    Threat(
        "picture of a billion points.pdf",
        lambda: assemble(
            objects_of(
                [_TEXT + b"/X0 Do\n"],
                more=[
                    stream(
                        b"x",
                        b"/Type /XObject /Subtype /Image /Width 100000 /Height 100000 "
                        b"/BitsPerComponent 8 /ColorSpace /DeviceRGB",
                    )
                ],
            )
        ),
    ),
    Threat("scripts and launches.pdf", _acting),
    Threat("table that leads to itself.pdf", _looping_table, "any"),
    Threat("code of ten thousand letters.pdf", _wide_map, "any", slow=True),
    Threat(
        "three million letters.pdf",
        lambda: assemble(objects_of([b"".join(show("word " * 100, 72, 700 - n % 600, 1) for n in range(6_000))])),
        "any",
        slow=True,
    ),
    Threat(
        "length that lies.pdf", lambda: assemble(objects_of([_TEXT])).replace(b"/Length ", b"/Length 9999999"), "any"
    ),
    Threat("null bytes.pdf", lambda: assemble(objects_of([_TEXT])).replace(b"text", b"t\0\0t"), "any"),
    Threat("PDF with a Word file behind.pdf", lambda: assemble(objects_of([_TEXT])) + docx_of(paragraph("other"))),
    Threat("page without a parent.pdf", lambda: assemble([b"<< /Type /Catalog >>"]), "any"),
)
