"""List markers are counted as Word counts them."""

from __future__ import annotations

import pytest
from lxml import etree

from tasks.documents.docx_numbering import Numbering, write_number
from tests.samples.hostile import W


def level(number: int, number_format: str, text: str, start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{number_format}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbering(*levels: str, override: str = "") -> Numbering:
    return Numbering(
        etree.fromstring(
            f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>'
            f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
            f'<w:num w:numId="2"><w:abstractNumId w:val="0"/>{override}</w:num></w:numbering>'
        )
    )


def test_deeper_levels_begin_anew_when_a_higher_one_goes_on() -> None:
    counted = numbering(level(0, "decimal", "%1."), level(1, "lowerLetter", "%1.%2)"))

    assert [counted.marker(1, depth) for depth in (0, 1, 1, 0, 1)] == ["1.", "1.a)", "1.b)", "2.", "2.a)"]


def test_two_lists_of_one_family_go_on_counting() -> None:
    counted = numbering(level(0, "decimal", "%1."))

    assert [counted.marker(1, 0), counted.marker(2, 0)] == ["1.", "2."]


def test_list_begins_anew_when_it_overrides_its_start() -> None:
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    counted = numbering(level(0, "decimal", "%1."), override=override)

    assert [counted.marker(1, 0), counted.marker(2, 0), counted.marker(2, 0)] == ["1.", "5.", "6."]


def test_bullets_and_unknown_lists_are_a_dash() -> None:
    assert numbering(level(0, "bullet", "\uf0b7")).marker(1, 0) == "-"
    assert numbering().marker(77, 0) == "-"


@pytest.mark.parametrize(
    ("value", "number_format", "written"),
    [
        (4, "lowerRoman", "iv"),
        (1999, "upperRoman", "MCMXCIX"),
        (28, "upperLetter", "BB"),
        (3, "none", ""),
        (7, "x", "7"),
    ],
)
def test_number_is_written_in_the_list_s_format(value: int, number_format: str, written: str) -> None:
    assert write_number(value, number_format) == written
