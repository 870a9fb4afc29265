"""References and their targets."""

from __future__ import annotations

import pytest
from engine_subjects import alone, document_of, quotes, quotes_in

from tasks.engines.rules.references import check_references

DOCUMENT = document_of(
    ("1 Method", 1, "See Table 1 and Figure 2. Tables 1 and 9 agree. As Section 2 says, Section 7 is gone."),
    (
        "2 Data",
        1,
        "Table 1: Visitors by month\n\nIt shows much.\n\nFigure 2. The bridge\n\nAppendix C has more.",
    ),
    ("Appendix A", 1, "Table 8 of Smith (2020) is older. Section 230 of the Act applies."),
)


def test_reference_is_reported_when_no_section_has_its_target() -> None:
    assert quotes_in(check_references, DOCUMENT, 0) == ["Tables 1 and 9", "Section 7"]


def test_appendix_is_reported_when_only_another_one_exists() -> None:
    assert quotes_in(check_references, DOCUMENT, 1) == ["Appendix C"]


def test_reference_is_left_alone_when_it_leads_to_another_work() -> None:
    assert quotes_in(check_references, DOCUMENT, 2) == []


def test_section_reference_is_left_alone_when_headings_have_no_numbers() -> None:
    assert quotes(check_references, alone("As Section 4 says, all is well.")) == []


@pytest.mark.parametrize(("captions", "confidence"), [("", 0.6), ("\nTable 1: Costs\n", 0.9)])
def test_reference_is_less_certain_when_nothing_has_a_caption(captions: str, confidence: float) -> None:
    (violation,) = check_references(alone(f"Costs are given in Table 3.{captions}"))
    assert violation.confidence == confidence
