"""PDF: headings and paragraphs are recognised by what a reader sees."""

from __future__ import annotations

import pytest

from tasks.documents.pdf_reader import read
from tasks.documents.refusal import Refused
from tests.samples.hostile import encrypted_pdf, scanned_pdf, truncated_pdf
from tests.samples.tiny_pdf import PdfLine, write_pdf

FULL = "This line is as full as a line of text can be on a page of this size, or so it is"


def sections(*pages: list[PdfLine]) -> list[tuple[str, int, str]]:
    return [(draft.title, draft.level, draft.text) for draft in read(write_pdf(pages)).drafts]


def test_larger_lines_are_headings_with_levels_by_size() -> None:
    page = [
        PdfLine("Report", 780, 24),
        PdfLine("Cause", 740, 16),
        PdfLine(FULL, 720),
        PdfLine("and it goes on.", 706),
        PdfLine("A new paragraph.", 680),
        PdfLine("Costs", 650, 16),
        PdfLine("None.", 630),
    ]

    assert sections(page) == [
        ("Report", 1, ""),
        ("Cause", 2, f"{FULL} and it goes on.\n\nA new paragraph."),
        ("Costs", 2, "None."),
    ]


def test_heading_of_two_rows_is_one_title() -> None:
    page = [PdfLine("A long title that", 780, 20), PdfLine("needs two rows", 757, 20), PdfLine(FULL, 720)]

    assert sections(page) == [("A long title that needs two rows", 1, FULL)]


def test_bold_lines_are_headings_when_no_line_is_larger() -> None:
    page = [
        PdfLine("Cause", 780, bold=True),
        PdfLine(FULL, 766),
        PdfLine("Costs", 740, bold=True),
        PdfLine(FULL, 726),
        PdfLine(FULL, 712),
    ]

    assert [(title, level) for title, level, _ in sections(page)] == [("Cause", 1), ("Costs", 1)]


def test_numbered_lines_are_headings_when_nothing_else_marks_them() -> None:
    page = [
        PdfLine("1 Cause", 780),
        PdfLine(FULL, 750),
        PdfLine(FULL, 736),
        PdfLine(FULL, 722),
        PdfLine("1.1 Detail", 690),
        PdfLine(FULL, 660),
        PdfLine(FULL, 646),
    ]

    assert [(title, level) for title, level, _ in sections(page)] == [("1 Cause", 1), ("1.1 Detail", 2)]


def test_sentence_goes_on_over_the_end_of_a_page() -> None:
    first = [PdfLine(FULL, 100), PdfLine(FULL, 86)]
    second = [PdfLine("to its end.", 780), PdfLine("Next.", 740)]

    assert sections(first, second)[0][2] == f"{FULL} {FULL} to its end.\n\nNext."


def test_divided_word_is_joined_and_list_items_stand_apart() -> None:
    page = [
        PdfLine("This line is as full as a line of text can be on a page of this size, inter-", 780),
        PdfLine("national in scope:", 766),
        PdfLine("• one", 752),
        PdfLine("• two", 738),
    ]

    assert sections(page)[0][2].endswith("international in scope:\n• one\n• two")


def test_repeated_headers_and_page_numbers_are_left_out_with_a_word() -> None:
    pages = [
        [PdfLine("Company secret", 820, 9), PdfLine(f"Text of page {word} here.", 700), PdfLine(f"Page {n}", 30, 9)]
        for n, word in enumerate(("one", "two", "three", "four"), 1)
    ]

    reading = read(write_pdf(pages))

    assert "secret" not in reading.drafts[0].text
    assert "Page" not in reading.drafts[0].text
    assert reading.warnings == ("Page headers and footers that repeat were left out.",)


def test_chapter_titles_on_top_of_pages_are_kept() -> None:
    pages = [[PdfLine(f"Chapter {n}", 780, 18), PdfLine(FULL, 740), PdfLine(FULL, 726)] for n in range(1, 5)]

    assert [title for title, _, _ in sections(*pages)] == [f"Chapter {n}" for n in range(1, 5)]


def test_pages_without_text_are_named() -> None:
    assert read(write_pdf([[PdfLine("x", 700)], []])).warnings == (
        "No text was found on page 2: perhaps pictures of text.",
    )


@pytest.mark.parametrize(
    ("data", "reason"), [(encrypted_pdf(), "encrypted"), (scanned_pdf(), "scanned"), (truncated_pdf(), "broken")]
)
def test_file_that_gives_no_text_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read(data)

    assert refused.value.reason == reason
