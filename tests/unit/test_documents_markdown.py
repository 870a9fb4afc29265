"""Markdown: sections are its own source lines."""

from __future__ import annotations

from tasks.documents.markdown_reader import split_markdown


def sections(text: str) -> list[tuple[str, int, str]]:
    return [(draft.title, draft.level, draft.text) for draft in split_markdown(text)]


def test_section_text_is_the_source_between_headings() -> None:
    text = "Before.\n\n# One\n\nSome *text*.\n\n- a\n- b\n\nTwo\n---\n\nMore.\n"

    assert sections(text) == [
        ("Beginning", 0, "Before."),
        ("One", 1, "Some *text*.\n\n- a\n- b"),
        ("Two", 2, "More."),
    ]


def test_title_is_plain_when_the_heading_has_markup() -> None:
    assert sections("## The `pool` and [its **limit**](x) ##\ntext")[0][:2] == ("The pool and its limit", 2)


def test_hash_signs_in_code_quotes_and_lists_are_no_headings() -> None:
    text = "# Only one\n\n```\n# no\n```\n\n> # no\n\n- # no\n\n    # no"

    assert [title for title, _, _ in sections(text)] == ["Only one"]


def test_repeated_titles_stay_separate_sections() -> None:
    assert sections("# A\nx\n# A\ny") == [("A", 1, "x"), ("A", 1, "y")]


def test_heading_without_text_stays_as_empty_section() -> None:
    assert sections("# A\n## B\ntext") == [("A", 1, ""), ("B", 2, "text")]


def test_front_matter_is_text_and_no_heading() -> None:
    assert sections("---\ntitle: x\n---\n\n# A\ntext") == [("Beginning", 0, "---\ntitle: x\n---"), ("A", 1, "text")]


def test_text_without_headings_is_the_whole_document() -> None:
    assert sections("Only text.\n\nNo heading.") == [("Whole document", 0, "Only text.\n\nNo heading.")]


def test_heading_that_is_a_paragraph_long_stays_text() -> None:
    long = "word " * 100

    assert sections(f"# {long}\n\n# A\n\ntext")[0][0] == "Beginning"
