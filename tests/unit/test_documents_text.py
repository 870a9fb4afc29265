"""Plain text: how its bytes become characters, and how its headings are guessed."""

from __future__ import annotations

import codecs

import pytest

from tasks.documents.plain_headings import split_plain_text
from tasks.documents.refusal import Refused
from tasks.documents.text_decoding import decode_text
from tasks.documents.text_reader import read


def titles(text: str) -> list[tuple[str, int]]:
    return [(draft.title, draft.level) for draft in split_plain_text(text)]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF32_BE, "utf-32-be")],
)
def test_byte_order_mark_is_obeyed_and_dropped(mark: bytes, encoding: str) -> None:
    assert decode_text(mark + "Größe 😀".encode(encoding)) == ("Größe 😀", ())


def test_line_ends_are_evened_out() -> None:
    assert decode_text(b"a\r\nb\rc\fd\x07") == ("a\nb\nc\n\nd", ())


def test_other_encoding_is_guessed_and_said_aloud_when_it_is_not_utf8() -> None:
    text, warnings = decode_text("Les élèves étaient déjà là, à côté du château.".encode("cp1252"))

    assert text == "Les élèves étaient déjà là, à côté du château."
    assert warnings == ("The text is not UTF-8; it was read as cp1252. Check accents and quotation marks.",)


@pytest.mark.parametrize("data", [b"text\0text", b"\xff\xfea\x00\x00\x00", codecs.BOM_UTF8 + b"\xff\xff"])
def test_binary_or_false_data_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        decode_text(data)

    assert refused.value.reason == "encoding"


def test_text_is_one_section_when_nothing_looks_like_a_heading() -> None:
    assert titles("Just a note.\n\nAnd more of it.") == [("Whole document", 0)]


def test_one_lonely_heading_is_not_believed() -> None:
    assert titles("1. Bring the milk\n\nand more text.") == [("Whole document", 0)]


def test_numbered_lines_are_headings_when_they_stand_alone() -> None:
    text = "Preface.\n\n1. Scope\n\nText one.\n\n1.1 Terms\n\nText two.\n\n2 Method\n\nIn 2 steps\nof 1. Kind"

    assert titles(text) == [("Beginning", 0), ("1. Scope", 1), ("1.1 Terms", 2), ("2 Method", 1)]
    assert split_plain_text(text)[1].text == "Text one."


def test_underlined_and_capital_lines_are_headings() -> None:
    assert titles("Report\n======\n\nText.\n\nDetails\n---\n\nMORE TO SAY\n\nText.") == [
        ("Report", 1),
        ("Details", 2),
        ("MORE TO SAY", 1),
    ]


def test_sentences_are_no_headings() -> None:
    assert titles("1. We went home.\n\n2. They stayed there.\n\nSTOP!\n\nNO!") == [("Whole document", 0)]


def test_reading_keeps_the_lines_of_the_text() -> None:
    assert read(b"one\r\ntwo\r\n").drafts[0].text == "one\ntwo"
