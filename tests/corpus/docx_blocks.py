"""Word files by what stands in them besides paragraphs: tables, lists, notes, boxes, controls."""

from __future__ import annotations

from tests.corpus.specimen import Specimen
from tests.corpus.word import (
    BULLETS,
    NUMBERS,
    NUMBERS_AGAIN,
    box,
    cell,
    control,
    head,
    item,
    note_mark,
    notes,
    para,
    row,
    run,
    table,
    tracked,
    word_file,
)

_DOWN, _ON = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
PAGES = 300
_PARAGRAPHS_A_PAGE = 7
_FILL = "It was looked at twice, by two people, and both of them found the same. " * 4


def long_body() -> str:
    """The text of 300 pages: a heading on each, and a list and a table on every tenth."""
    return "".join(map(_page, range(1, PAGES + 1)))


def _page(number: int) -> str:
    text = "".join(para(f"Point {k}. ", run("Seen. ", "<w:i/>"), _FILL) for k in range(_PARAGRAPHS_A_PAGE))
    extra = item("One.") + item("Two.") + table(row("a", str(number))) if number % 10 == 0 else ""
    return head(f"Page {number}") + text + extra


def _long_section(number: int) -> tuple[str, int, str]:
    text = "\n\n".join(f"Point {k}. Seen. {_FILL}" for k in range(_PARAGRAPHS_A_PAGE))
    extra = f"\n\n- One.\n- Two.\n\na | {number}" if number % 10 == 0 else ""
    return f"Page {number}", 1, text + extra


SPECIMENS = (
    Specimen(
        "table with merged cells.docx",
        lambda: word_file(
            para("Before."),
            table(
                row(cell("Errors by month", '<w:gridSpan w:val="3"/>')),
                row(cell("North", _DOWN), "May", "420"),
                row(cell("", _ON), "June", "180"),
                row(cell("Sum", '<w:gridSpan w:val="2"/>'), "600"),
                columns=3,
            ),
            para("After."),
        ),
        [("Whole document", 0, "Before.\n\nErrors by month\nNorth | May | 420\n | June | 180\nSum | 600\n\nAfter.")],
    ),
    Specimen(
        "tables in tables, first and empty.docx",
        lambda: word_file(
            table(row("a", cell(table(row("n", "m")) + para()))),
            para(),
            table(row("", "")),
            para("Between."),
            table(row(cell(item("One.") + item("Two.")), cell(para("x") + para("y")))),
        ),
        [("Whole document", 0, "a | n | m\n\nBetween.\n\n- One. - Two. | x y")],
    ),
    Specimen(
        "two tables one after the other.docx",
        lambda: word_file(table(row("a", "b")), para(), table(row("c", "d")), head("End")),
        [("Beginning", 0, "a | b\nc | d"), ("End", 1, "")],
    ),
    Specimen(
        "table rows inserted and deleted.docx",
        lambda: word_file(
            table(
                row("kept", "1"),
                row("gone", "2", properties='<w:del w:id="5" w:author="Ann"/>'),
                row("new", "3", properties='<w:ins w:id="6" w:author="Ann"/>'),
            )
        ),
        [("Whole document", 0, "kept | 1\nnew | 3")],
    ),
    Specimen(
        "nested lists.docx",
        lambda: word_file(
            item("One", NUMBERS),
            item("Deep", NUMBERS, 1),
            item("Deeper", NUMBERS, 2),
            item("Deeper still", NUMBERS, 2),
            item("Deep again", NUMBERS, 1),
            item("Two", NUMBERS),
            item("Anew", NUMBERS, 1),
            item("Dot", BULLETS),
            item("Dot below", BULLETS, 1),
        ),
        [
            (
                "Whole document",
                0,
                "1. One\n  a) Deep\n    i. Deeper\n    ii. Deeper still\n  b) Deep again\n"
                "2. Two\n  a) Anew\n- Dot\n  - Dot below",
            )
        ],
    ),
    Specimen(
        "list that goes on and list that begins anew.docx",
        lambda: word_file(
            item("One", NUMBERS), para("Between."), item("Two", NUMBERS), para("Then:"), item("One", NUMBERS_AGAIN)
        ),
        [("Whole document", 0, "1. One\n\nBetween.\n\n2. Two\n\nThen:\n\n1. One")],
    ),
    Specimen(
        "list of unknown number and turned off.docx",
        lambda: word_file(item("Lost", 99), para("Plain", properties='<w:numPr><w:numId w:val="0"/></w:numPr>')),
        [("Whole document", 0, "- Lost\n\nPlain")],
    ),
    Specimen(
        "footnotes and endnotes.docx",
        lambda: word_file(
            para("A claim", note_mark(2), " and another", note_mark(2, "endnote"), "."),
            para("Later", note_mark(3), "."),
            parts={
                "footnotes": notes("footnote", n2="Source one.", n3=para("Two ") + para("parts.")),
                "endnotes": notes("endnote", n2="At the end."),
            },
        ),
        [
            (
                "Whole document",
                0,
                "A claim [note 1] and another [note 2].\n\n[note 1] Source one.\n[note 2] At the end.\n\n"
                "Later [note 3].\n\n[note 3] Two  parts.",
            )
        ],
    ),
    Specimen(
        "note that is lost.docx",
        lambda: word_file(para("Lost", note_mark(77), "."), parts={"footnotes": notes("footnote", n2="Another.")}),
        [("Whole document", 0, "Lost.")],
    ),
    Specimen(
        "footnote in a table.docx",
        lambda: word_file(
            table(row(cell(para("a", note_mark(2))), "b"), row("c", "d")),
            para("After."),
            parts={"footnotes": notes("footnote", n2="Counted by hand.")},
        ),
        [("Whole document", 0, "a [note 1] | b\nc | d\n\n[note 1] Counted by hand.\n\nAfter.")],
    ),
    Specimen(
        "text boxes.docx",
        lambda: word_file(
            para("Around.", box(para("In the box.") + para("Twice."))), para(box(para("Alone."))), para("End.")
        ),
        [("Whole document", 0, "Around.\n\nIn the box.\n\nTwice.\n\nAlone.\n\nEnd.")],
    ),
    Specimen(
        "box in a box and old box.docx",
        lambda: word_file(
            para("Around.", box(para("Outer.", box(para("Inner."))))),
            para(
                "Old.",
                '<w:r><w:pict><v:shape style="width:144pt;height:36pt"><v:textbox><w:txbxContent>'
                f"{para('In VML.')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>",
            ),
        ),
        [("Whole document", 0, "Around.\n\nOuter.\n\nInner.\n\nOld.\n\nIn VML.")],
    ),
    Specimen(
        "content controls.docx",
        lambda: word_file(
            control(head("Scope") + para("Block.")),
            para("Name: ", control(run("Ann")), control(control(run(" Lee"))), "."),
            table(row("a", control(cell("in a cell"))), control(row("b", "row")), row(cell(control(para("c"))), "d")),
        ),
        [("Scope", 1, "Block.\n\nName: Ann Lee.\n\na | in a cell\nb | row\nc | d")],
    ),
    Specimen(
        "tracked paragraphs and moves.docx",
        lambda: word_file(
            para("Stays."),
            para(tracked("moveFrom", run("Was here."))),
            para(tracked("ins", run("Came in."))),
            para("Half ", tracked("del", '<w:r><w:delText xml:space="preserve">of it </w:delText></w:r>'), "stays."),
            para(tracked("moveTo", run("Was here."))),
        ),
        [("Whole document", 0, "Stays.\n\nCame in.\n\nHalf stays.\n\nWas here.")],
    ),
    Specimen(
        "embedded file.docx",
        lambda: word_file(para("Before."), '<w:altChunk r:id="rIdLink"/>', para("After.")),
        [("Whole document", 0, "Before.\n\nAfter.")],
        ["An embedded file was left out; paste its text into the document to have it read."],
    ),
    Specimen(
        "three hundred pages.docx",
        lambda: word_file(long_body()),
        [_long_section(number) for number in range(1, PAGES + 1)],
    ),
)
