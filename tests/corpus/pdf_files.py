"""PDF files by the script they are in, and by how the file is written."""

from __future__ import annotations

from tests.corpus.pdf import compressed, locked_for_changes, objects_of, show, show_glyphs, show_unicode, stream
from tests.corpus.specimen import Specimen
from tests.samples.hostile import encrypted_pdf, scanned_pdf, truncated_pdf
from tests.samples.make_report import make_pdf
from tests.samples.tiny_pdf import assemble

_SCAN = stream(
    b"\xc0", b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray"
)
_SIMPLE = [show("Scope", 72, 780, 18), show("It covers all.", 72, 750)]
_LANDSCAPE = [
    show("Scope", 72, 500, 18),
    *[show(text, 72, 470 - 14 * n) for n, text in enumerate(["Wide", "ideas", "meet."])],
]
_READ = [("Scope", 1, "It covers all.")]
_LIGATURES = ["ﬁ", "ﬂ", "ﬃ", *"abcdefghijklmnopqrstuvwxyz", " ", "."]
_CHINESE = [*"概要错误数量大幅下降了。第"]
_ARABIC = ["لا", "خ", "ل", "ا", "ﷲ", " ", "أ", "لأ", "ط"]
_HEBREW = [*"שלוםעכ", " "]


def _later_version() -> bytes:
    """A file to which a newer page was appended, as editors save changes."""
    old = assemble(objects_of([show("Old words.", 72, 750)]))
    number = 8
    place = len(old)
    content = stream(b"".join(_SIMPLE))
    table = place + len(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    previous = old[old.rindex(b"startxref") + 10 :].split()[0]
    return (
        old + b"%d 0 obj\n%s\nendobj\nxref\n%d 1\n%010d 00000 n \n"
        b"trailer\n<< /Size 10 /Root 1 0 R /Prev %s >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            number,
            content,
            number,
            place,
            previous,
            table,
        )
    )


def _table_lost() -> bytes:
    """A file whose table of objects points nowhere; readers search for the objects themselves."""
    data = assemble(objects_of([b"".join(_SIMPLE)]))
    return data[: data.rindex(b"startxref")] + b"startxref\n999999\n%%EOF\n"


def _form() -> bytes:
    form = stream(
        show("Inside of a form.", 72, 690),
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>",
    )
    return assemble(objects_of([b"".join(_SIMPLE) + b"/X0 Do\n"], more=[form]))


SPECIMENS = (
    Specimen(
        "ligatures.pdf",
        lambda: assemble(
            objects_of(
                [
                    show_unicode("a diﬃcult ﬁle ﬂies.", _LIGATURES, 72, 750)
                    + show_unicode("the ﬁrst oﬃce.", _LIGATURES, 72, 700)
                ],
                _LIGATURES,
            )
        ),
        [("Whole document", 0, "a difficult file flies.\n\nthe first office.")],
    ),
    Specimen(
        "ligature as three letters of one glyph.pdf",
        lambda: assemble(objects_of([show_glyphs([1, 2, 3], 72, 750)], ["o", "ffi", "ce"])),
        [("Whole document", 0, "office")],
    ),
    Specimen(
        "Chinese.pdf",
        lambda: assemble(
            objects_of(
                [show_unicode("概要", _CHINESE, 72, 780, 18) + show_unicode("错误数量大幅下降了。", _CHINESE, 72, 740)],
                _CHINESE,
            )
        ),
        [("概要", 1, "错误数量大幅下降了。")],
    ),
    Specimen(
        "Hebrew.pdf",
        lambda: assemble(objects_of([show_unicode("םולש", _HEBREW, 72, 740)], _HEBREW)),
        [("Whole document", 0, "שלום")],
    ),
    Specimen(
        "Arabic with ligatures.pdf",
        lambda: assemble(objects_of([show_glyphs([3, 1, 2, 6, 2, 9, 8, 4], 72, 740)], _ARABIC)),
        [("Whole document", 0, "الأطخ خلال")],
    ),
    Specimen(
        "turned page.pdf",
        lambda: assemble(objects_of([b"0 1 -1 0 595 0 cm\n" + b"".join(_LANDSCAPE)], page=b"/Rotate 90")),
        [("Scope", 1, "Wide ideas meet.")],
    ),
    Specimen("form with text.pdf", _form, [("Scope", 1, "It covers all.\n\nInside of a form.")]),
    Specimen(
        "recognised text under a picture.pdf",
        lambda: assemble(
            objects_of([b"q 595 0 0 842 0 0 cm /X0 Do Q\n" + show("Seen by a machine.", 72, 700, mode=3)], more=[_SCAN])
        ),
        [("Whole document", 0, "Seen by a machine.")],
    ),
    Specimen("locked for changes only.pdf", lambda: locked_for_changes([b"".join(_SIMPLE)]), _READ),
    Specimen("compressed objects.pdf", lambda: compressed(objects_of([b"".join(_SIMPLE)])), _READ),
    Specimen("appended version.pdf", _later_version, _READ),
    Specimen("lost table.pdf", _table_lost, _READ),
    Specimen(
        "rubbish before the header.pdf",
        lambda: b"\r\nHTTP rubbish\r\n" + assemble(objects_of([b"".join(_SIMPLE)])),
        _READ,
    ),
    Specimen("scanned.pdf", scanned_pdf, refused="scanned"),
    Specimen("encrypted.pdf", encrypted_pdf, refused="encrypted"),
    Specimen("truncated.pdf", truncated_pdf, refused="broken"),
    Specimen("truncated in the middle.pdf", lambda: make_pdf()[:9000], refused="broken"),
)
