"""PDF files by what stands where on their pages."""

from __future__ import annotations

from collections.abc import Sequence

from tests.corpus.pdf import objects_of, show, stream
from tests.corpus.specimen import Specimen
from tests.samples.tiny_pdf import PdfLine, assemble, write_pdf

FULL = "This line is as full as a line of text can be on a page of this size, or so it is"
NARROW = "A column is narrow and holds few words"
REPEATED = "Page headers and footers that repeat were left out."
PAGES = 300
_READ = [("Scope", 1, "It covers all.")]


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


def _fake_bold() -> bytes:
    """A heading printed twice, a little beside itself, which is how some programs make bold."""
    twice = [show("Scope", 72 + shift, 780, 18) for shift in (0, 0.3)]
    return assemble(objects_of([b"".join([*twice, show("It covers all.", 72, 750)])]))


def _symbol_bullets() -> bytes:
    """A list as Word prints it: its bullet is a sign of a symbol font, and named by a number of that font."""
    items = b"".join(
        show("\xb7", 72, y, font="F2") + show(text, 90, y) for text, y in (("first", 736), ("second", 722))
    )
    objects = objects_of([show(f"{FULL}: these", 72, 750) + items])
    objects[3] = (
        b"<< /Type /Font /Subtype /TrueType /BaseFont /Wingdings /FirstChar 183 /LastChar 183 /Widths [460] "
        b"/ToUnicode 7 0 R >>"
    )
    begin = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def 1 begincodespacerange <00> <ff> "
    )
    objects[6] = stream(begin + b"endcodespacerange 1 beginbfchar <b7> <f0b7> endbfchar endcmap end end")
    return assemble(objects)


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
        "bullets of a symbol font.pdf",
        _symbol_bullets,
        [("Whole document", 0, f"{FULL}: these\n• first\n• second")],
    ),
    Specimen(
        "sizes that differ by a hair.pdf",
        lambda: write_pdf(
            [
                [
                    *[
                        PdfLine("Cause", 790, 16),
                        PdfLine(FULL, 770),
                        PdfLine(FULL, 756, 11.1),
                        PdfLine(FULL, 742, 10.9),
                    ],
                    *[
                        PdfLine("Cost", 720, 16.2),
                        PdfLine(FULL, 700, 10.95),
                        PdfLine("Time", 680, 15.9),
                        PdfLine(FULL, 660),
                    ],
                ]
            ]
        ),
        [("Cause", 1, f"{FULL} {FULL} {FULL}"), ("Cost", 1, FULL), ("Time", 1, FULL)],
    ),
    Specimen("fake bold.pdf", _fake_bold, _READ),
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
)
