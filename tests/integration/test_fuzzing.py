"""A few hundred damaged files, always the same ones; ``make quality`` tries others for ten minutes."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.fuzzing.case import case_of, check

CASES = 400
SLICE = 50


@pytest.mark.parametrize("first", range(0, CASES, SLICE))
def test_damaged_file_is_refused_or_read_and_written_in_order(first: int) -> None:
    outcomes = Counter(check(case_of(number)) for number in range(first, first + SLICE))

    assert outcomes["read"] > SLICE / 4, "the damage is not so great that nothing is read any more"
    assert outcomes["refused"] > 0


def test_case_is_the_same_whenever_it_is_made() -> None:
    assert [case_of(number).data for number in range(20)] == [case_of(number).data for number in range(20)]
