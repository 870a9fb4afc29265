"""PDF files of every shape: by layout, by script, and by how the file is written."""

from __future__ import annotations

from collections.abc import Sequence

from tests.corpus.pdf import compressed, locked_for_changes, objects_of, show, show_glyphs, show_unicode, stream
from tests.corpus.specimen import Specimen
from tests.samples.hostile import encrypted_pdf, scanned_pdf, truncated_pdf
from tests.samples.make_report import make_pdf
from tests.samples.tiny_pdf import PdfLine, assemble, write_pdf

FULL = "This line is as full as a line of text can be on a page of this size, or so it is"
NARROW = "A column is narrow and holds few words"
REPEATED = "Page headers and footers that repeat were left out."
PAGES = 300

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


def column(texts: Sequence[str], x: float, top: float) -> list[PdfLine]:
    """Lines below each other."""
    return [PdfLine(text, top - 14 * index, x=x) for index, text in enumerate(texts)]


def _columns() -> bytes:
    left = column([f"{NARROW} one", "and goes on below.", "", f"{NARROW} two,"], 50, 740)
    right = column(["which ends here.", "", f"{NARROW} three", "to its end."], 310, 740)
    return write_pdf([[PdfLine("A paper", 790, 20, x=50), *[line for line in left + right if line.text]]])


def _long() -> bytes:
    return write_pdf([_long_page(number) for number in range(1, PAGES + 1)])


def _long_page(number: int) -> list[PdfLine]:
    body = [PdfLine(FULL, 760 - 14 * index) for index in range(45)]
    return [PdfLine(f"Part {number}", 800, 18), *body, PdfLine(f"- {number} -", 30, 9, x=290)]


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


def _fake_bold() -> bytes:
    """A heading printed twice, a little beside itself, which is how some programs make bold."""
    twice = [show("Scope", 72 + shift, 780, 18) for shift in (0, 0.3)]
    return assemble(objects_of([b"".join([*twice, show("It covers all.", 72, 750)])]))


def _form() -> bytes:
    form = stream(
        show("Inside of a form.", 72, 690),
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>",
    )
    return assemble(objects_of([b"".join(_SIMPLE) + b"/X0 Do\n"], more=[form]))


SPECIMENS = (
    Specimen(
        "headings by size.pdf",
        lambda: write_pdf(
            [
                [
                    PdfLine("Report", 790, 24),
                    PdfLine("Cause", 750, 16),
                    PdfLine(FULL, 725),
                    PdfLine("and it goes on.", 711),
                ],
                [PdfLine("Detail", 790, 13), PdfLine(FULL, 770), PdfLine("Cost", 740, 16), PdfLine("None.", 720)],
            ]
        ),
        [("Report", 1, ""), ("Cause", 2, f"{FULL} and it goes on."), ("Detail", 3, FULL), ("Cost", 2, "None.")],
    ),
    Specimen(
        "headings in bold.pdf",
        lambda: write_pdf(
            [
                [
                    PdfLine("Cause", 790, bold=True),
                    PdfLine(FULL, 770),
                    PdfLine(FULL, 756),
                    PdfLine("Cost", 730, bold=True),
                    PdfLine(FULL, 710),
                ]
            ]
        ),
        [("Cause", 1, f"{FULL} {FULL}"), ("Cost", 1, FULL)],
    ),
    Specimen(
        "headings by number.pdf",
        lambda: write_pdf(
            [
                [
                    PdfLine("1 Cause", 790),
                    PdfLine(FULL, 760),
                    PdfLine(FULL, 746),
                    PdfLine(FULL, 732),
                    PdfLine("1.1 Detail", 700),
                    PdfLine(FULL, 670),
                    PdfLine(FULL, 656),
                ]
            ]
        ),
        [("1 Cause", 1, f"{FULL} {FULL} {FULL}"), ("1.1 Detail", 2, f"{FULL} {FULL}")],
    ),
    Specimen(
        "two columns.pdf",
        _columns,
        [
            (
                "A paper",
                1,
                f"{NARROW} one and goes on below.\n\n{NARROW} two, which ends here.\n\n{NARROW} three to its end.",
            )
        ],
    ),
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
        "words divided at line ends.pdf",
        lambda: write_pdf(
            [
                column(
                    [
                        f"{FULL[:-4]} inter-",
                        f"national, and {FULL[:50]} long-",
                        "TERM work goes on, as does every-",
                        "thing else.",
                    ],
                    72,
                    780,
                )
            ]
        ),
        [
            (
                "Whole document",
                0,
                f"{FULL[:-4]} international, and {FULL[:50]} long-TERM work goes on, as does everything else.",
            )
        ],
    ),
    Specimen(
        "lists and a table.pdf",
        lambda: write_pdf(
            [
                [
                    *column(
                        [
                            "Bring these things, all of them, and do not forget any of the things that are here:",
                            "• milk",
                            "• bread",
                        ],
                        72,
                        780,
                    ),
                    *[
                        PdfLine(text, 700 - 14 * n, x=x)
                        for n, row in enumerate([("Month", "Count"), ("May", "420")])
                        for text, x in zip(row, (72, 200), strict=True)
                    ],
                ]
            ]
        ),
        [
            (
                "Whole document",
                0,
                "Bring these things, all of them, and do not forget any of the things that are here:\n"
                "• milk\n• bread\n\nMonth Count\nMay 420",
            )
        ],
    ),
    Specimen(
        "headers, footers and numbers.pdf",
        lambda: write_pdf(
            [
                [
                    PdfLine("Company secret", 820, 9),
                    PdfLine(f"Text of page {word} here.", 700),
                    PdfLine(f"Page {n} of 4", 30, 9),
                ]
                for n, word in enumerate(("one", "two", "three", "four"), 1)
            ]
        ),
        [
            (
                "Whole document",
                0,
                "Text of page one here.\n\nText of page two here.\n\n"
                "Text of page three here.\n\nText of page four here.",
            )
        ],
        [REPEATED],
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
        lambda: assemble(objects_of([show("Seen by a machine.", 72, 700, mode=3)])),
        [("Whole document", 0, "Seen by a machine.")],
    ),
    Specimen("fake bold.pdf", _fake_bold, _READ),
    Specimen("locked for changes only.pdf", lambda: locked_for_changes([b"".join(_SIMPLE)]), _READ),
    Specimen("compressed objects.pdf", lambda: compressed(objects_of([b"".join(_SIMPLE)])), _READ),
    Specimen("appended version.pdf", _later_version, _READ),
    Specimen("lost table.pdf", _table_lost, _READ),
    Specimen(
        "rubbish before the header.pdf",
        lambda: b"\r\nHTTP rubbish\r\n" + assemble(objects_of([b"".join(_SIMPLE)])),
        _READ,
    ),
    Specimen(
        "one page scanned.pdf",
        lambda: write_pdf([[PdfLine("Words.", 700)], []]),
        [("Whole document", 0, "Words.")],
        ["No text was found on page 2: perhaps pictures of text."],
    ),
    Specimen(
        "three hundred pages.pdf",
        _long,
        [(f"Part {n}", 1, " ".join([FULL] * 45)) for n in range(1, PAGES + 1)],
        [REPEATED],
    ),
    Specimen("scanned.pdf", scanned_pdf, refused="scanned"),
    Specimen("encrypted.pdf", encrypted_pdf, refused="encrypted"),
    Specimen("truncated.pdf", truncated_pdf, refused="broken"),
    Specimen("truncated in the middle.pdf", lambda: make_pdf()[:9000], refused="broken"),
)
