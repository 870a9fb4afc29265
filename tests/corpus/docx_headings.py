"""Word files by how they mark their headings."""

from __future__ import annotations

from tests.corpus.specimen import Specimen
from tests.corpus.word import (
    BULLETS,
    NUMBERS,
    OUTLINE,
    box,
    field,
    head,
    item,
    link,
    note_mark,
    notes,
    para,
    run,
    word_file,
)

BOLD = "<w:b/>"
GUESSED = "The document has no headings in heading styles; lines in bold were taken as headings."
GUESSED_BY_SIZE = "The document has no headings in heading styles; lines in larger letters were taken as headings."
GUESSED_BY_NUMBER = "The document has no headings in heading styles; numbered lines were taken as headings."


def sized(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/>'


def outlined(text: str, level: int) -> str:
    numbered = f'<w:numPr><w:ilvl w:val="{level - 1}"/><w:numId w:val="{OUTLINE}"/></w:numPr>'
    return para(text, style=f"Heading{level}", properties=numbered)


LONG = "This sentence was set as a heading by mistake and goes on and on. " * 6

SPECIMENS = (
    Specimen(
        "headings in styles.docx",
        lambda: word_file(head("Scope"), para("It covers all."), head("Terms", 2), para("None.")),
        [("Scope", 1, "It covers all."), ("Terms", 2, "None.")],
    ),
    Specimen(
        "text before the first heading.docx",
        lambda: word_file(para("For the board."), head("Scope"), para("All.")),
        [("Beginning", 0, "For the board."), ("Scope", 1, "All.")],
    ),
    Specimen(
        "no headings at all.docx",
        lambda: word_file(para("One paragraph."), para("Another one.")),
        [("Whole document", 0, "One paragraph.\n\nAnother one.")],
    ),
    Specimen(
        "bold lines as headings.docx",
        lambda: word_file(
            para(run("Cause", BOLD)),
            para("The disk was full."),
            para(run("Cost", BOLD), run(" and time", BOLD)),
            para("Two ", run("hours", BOLD), "."),
        ),
        [("Cause", 1, "The disk was full."), ("Cost and time", 1, "Two hours.")],
        [GUESSED],
    ),
    Specimen(
        "bold lines by a style of one's own.docx",
        lambda: word_file(
            para("Cause", style="Own"),
            para("The disk was full."),
            para(run("Cost", '<w:rStyle w:val="Strong"/>')),
            para("Two hours."),
            para(run("Not bold here", '<w:b w:val="0"/>'), style="Own"),
            styles='<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Zwischentitel"/>'
            "<w:rPr><w:b/></w:rPr></w:style>",
        ),
        [("Cause", 1, "The disk was full."), ("Cost", 1, "Two hours.\n\nNot bold here")],
        [GUESSED],
    ),
    Specimen(
        "larger lines as headings.docx",
        lambda: word_file(
            para(run("Report", sized(40))),
            para("For the board, who asked for it in May and have waited since."),
            para(run("Cause", sized(28))),
            para("The disk was full, because nobody had looked at it for a month."),
            para(run("Cost", sized(28))),
            para("Two hours of work, and a cup of tea."),
        ),
        [
            ("Report", 1, "For the board, who asked for it in May and have waited since."),
            ("Cause", 2, "The disk was full, because nobody had looked at it for a month."),
            ("Cost", 2, "Two hours of work, and a cup of tea."),
        ],
        [GUESSED_BY_SIZE],
    ),
    Specimen(
        "typed numbers as headings.docx",
        lambda: word_file(
            para("1. Scope"),
            para("It covers all."),
            para("1.1 Terms"),
            para("None are needed."),
            para("2. Costs"),
            para("None at all."),
        ),
        [("1. Scope", 1, "It covers all."), ("1.1 Terms", 2, "None are needed."), ("2. Costs", 1, "None at all.")],
        [GUESSED_BY_NUMBER],
    ),
    Specimen(
        "typed list is no heading.docx",
        lambda: word_file(para("Bring these:"), para("1. Milk"), para("2. Bread"), para("3. Salt"), para("Thank you.")),
        [("Whole document", 0, "Bring these:\n\n1. Milk\n\n2. Bread\n\n3. Salt\n\nThank you.")],
    ),
    Specimen(
        "numbered headings.docx",
        lambda: word_file(
            outlined("Scope", 1),
            para("All."),
            outlined("Terms", 2),
            outlined("Signs", 2),
            para("None."),
            outlined("Costs", 1),
            outlined("Hidden ones", 3),
            para("Few."),
        ),
        [
            ("1 Scope", 1, "All."),
            ("1.1 Terms", 2, ""),
            ("1.2 Signs", 2, "None."),
            ("2 Costs", 1, ""),
            ("2.1.1 Hidden ones", 3, "Few."),
        ],
    ),
    Specimen(
        "repeated titles.docx",
        lambda: word_file(head("Results"), para("One."), head("Results"), para("Two."), head("Results"), para("One.")),
        [("Results", 1, "One."), ("Results", 1, "Two."), ("Results", 1, "One.")],
    ),
    Specimen(
        "empty sections.docx",
        lambda: word_file(
            head("A"), head("B", 2), head("C", 3), para(), para(" "), head("D"), para("Text."), head("E")
        ),
        [("A", 1, ""), ("B", 2, ""), ("C", 3, ""), ("D", 1, "Text."), ("E", 1, "")],
    ),
    Specimen(
        "jumping levels and empty headings.docx",
        lambda: word_file(head("A"), head("", 2), head("  ", 1), head("B", 4), para("Text."), head("C", 2)),
        [("A", 1, ""), ("B", 4, "Text."), ("C", 2, "")],
    ),
    Specimen(
        "title and subtitle.docx",
        lambda: word_file(
            para("Annual report", style="Title"), para("For the board", style="Subtitle"), head("Scope"), para("All.")
        ),
        [("Annual report", 1, "For the board"), ("Scope", 1, "All.")],
    ),
    Specimen(
        "localised and inherited styles.docx",
        lambda: word_file(
            para("Umfang", style="berschrift2"),
            para("Alles."),
            para("Anhang", style="Eigene"),
            para("Nichts."),
            para("Direct", properties='<w:outlineLvl w:val="2"/>'),
            para("Once a heading", style="berschrift2", properties='<w:outlineLvl w:val="9"/>'),
            styles='<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
            '<w:style w:type="paragraph" w:styleId="Eigene"><w:name w:val="Kapitelkopf"/>'
            '<w:basedOn w:val="Heading3"/></w:style>',
        ),
        [("Umfang", 2, "Alles."), ("Anhang", 3, "Nichts."), ("Direct", 3, "Once a heading")],
    ),
    Specimen(
        "paragraph in a heading style by mistake.docx",
        lambda: word_file(head("Scope"), para(LONG, style="Heading1"), para("More.")),
        [("Scope", 1, f"{LONG}\n\nMore.")],
    ),
    Specimen(
        "headings of many pieces.docx",
        lambda: word_file(
            para("The ", link("whole"), run(" truth", BOLD), style="Heading1"),
            para("Text."),
            para("Two", "lines", style="Heading1"),
            para(
                run("Broken"),
                "<w:r><w:br/></w:r>",
                run("in two"),
                "<w:r><w:tab/></w:r>",
                run("parts"),
                style="Heading2",
            ),
            para(run("Sources"), note_mark(2), style="Heading1"),
            para("End."),
            parts={"footnotes": notes("footnote", n2="See below.")},
        ),
        [
            ("The whole truth", 1, "Text."),
            ("Twolines", 1, ""),
            ("Broken in two parts", 2, ""),
            ("Sources [note 1]", 1, "[note 1] See below.\n\nEnd."),
        ],
    ),
    Specimen(
        "table of contents.docx",
        lambda: word_file(
            para("1 Scope", "<w:r><w:tab/></w:r>", "3", style="TOC1"),
            '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
            f"<w:sdtContent>{para('Contents', style='Heading1')}{para('Scope 3', style='TOC1')}</w:sdtContent></w:sdt>",
            head("Scope"),
            para(field(" PAGEREF x ", run("All."))),
        ),
        [("Scope", 1, "All.")],
        ["The table of contents was left out."],
    ),
    Specimen(
        "heading in a text box and in a table.docx",
        lambda: word_file(
            head("Scope"),
            para("Text.", box(head("Boxed", 2) + para("In it."))),
            f"<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc>{head('In a cell')}</w:tc></w:tr></w:tbl>",
            para("End."),
        ),
        [("Scope", 1, "Text."), ("Boxed", 2, "In it.\n\nIn a cell\n\nEnd.")],
    ),
    Specimen(
        "lists under headings.docx",
        lambda: word_file(
            head("Do"), item("Measure."), item("Cut."), head("Then"), item("Glue.", NUMBERS), item("Wait.", BULLETS)
        ),
        [("Do", 1, "- Measure.\n- Cut."), ("Then", 1, "1. Glue.\n- Wait.")],
    ),
)
