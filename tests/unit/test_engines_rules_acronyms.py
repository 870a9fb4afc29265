"""Acronyms and where they are explained."""

from __future__ import annotations

import pytest
from engine_subjects import alone, document_of, quotes, quotes_in

from tasks.engines.rules.acronyms import check_acronyms


def test_acronym_is_reported_once_when_nothing_explains_it() -> None:
    assert quotes(check_acronyms, alone("The QVRS is slow. QVRS clocks drift.")) == ["QVRS"]


@pytest.mark.parametrize(
    "text",
    [
        "The quick voice relay system (QVRS) is slow. QVRS drifts.",
        "QVRS (quick voice relay system) is slow.",
        "QVRS stands for quick voice relay system.",
        "QVRS: the quick voice relay system",
        "The API answers in JSON.",
        "Chapter XIV is about TODO lists.",
        "ALL VISITORS MUST LEAVE NOW",
        "The file REPORT-2.PDF and the variable MAX_SIZE are kept.",
    ],
)
def test_acronym_is_left_alone_when_it_is_explained_or_none(text: str) -> None:
    assert quotes(check_acronyms, alone(text)) == []


def test_acronym_is_reported_where_it_is_used_first_when_another_section_uses_it_too() -> None:
    document = document_of(("A", 1, "The KRS is new."), ("B", 1, "The KRS is old."))
    assert quotes_in(check_acronyms, document, 0) == ["KRS"]
    assert quotes_in(check_acronyms, document, 1) == []


def test_acronym_is_only_a_hint_when_it_is_explained_later() -> None:
    document = document_of(("A", 1, "The KRS is new."), ("B", 1, "The key record store (KRS) is old."))
    assert quotes_in(check_acronyms, document, 1) == []
    assert quotes_in(check_acronyms, document, 0) == ["KRS"]
