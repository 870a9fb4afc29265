"""Shares, sums, durations and announced numbers."""

from __future__ import annotations

import pytest
from engine_subjects import alone, quotes

from tasks.engines.rules.announced import check_announced
from tasks.engines.rules.shares import check_shares
from tasks.engines.rules.sums import check_sums


@pytest.mark.parametrize(
    "text",
    [
        "Of 50 doors, 30 were locked (50%).",
        "We tested 200 lamps, of which 40 (30%) failed.",
        "So 12 of 48 seats were empty, or 20 percent.",
        "Sales were 400 in May and 500 in June, an increase of 20%.",
        "We printed 900 copies, 20% more than the 600 copies of last year.",
        "The smallest room has 20 seats, the largest 30 seats, 20% more.",
    ],
)
def test_a_share_or_difference_is_found_when_the_counts_beside_it_contradict_it(text: str) -> None:
    assert len(quotes(check_shares, alone(text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Of 50 doors, 30 were locked (60%).",
        "About a third, 17 of 50 (34%), came back.",
        "Of 300 people, 101 (about a third, 33%) came; 17 of 60 (28%) stayed.",
        "Sales were 400 in May and 500 in June, an increase of 25%.",
        "We printed 900 copies, 50% more than the 600 copies of last year.",
        "In 2019 of the 20 teams some had a share of 80%.",
        "Of 97 nights, 63 were late, or roughly 65%.",
    ],
)
def test_a_share_or_difference_is_left_alone_when_it_is_right_or_nothing_can_be_said(text: str) -> None:
    assert quotes(check_shares, alone(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Paper cost 40 euros, ink 25 euros and glue 10 euros, 85 euros in total.",
        "We sold 12 red, 9 green and 4 blue ones, a total of 30.",
        "The course lasts three hours, from 09:00 to 11:00.",
        "The line was down from 13:10 to 13:40 (an hour).",
        "The alarm came at 14:00. Somebody answered at 14:20, ten minutes later.",
    ],
)
def test_a_total_or_a_duration_is_found_when_its_parts_contradict_it(text: str) -> None:
    assert len(quotes(check_sums, alone(text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Paper cost 40 euros, ink 25 euros and glue 10 euros, 75 euros in total.",
        "In 2021 and 2022 we sold 12 in total.",
        "The course lasts two hours, from 09:00 to 11:00, and about an hour from 12:00 to 12:50.",
        "We met from 22:00 to 01:00, three hours.",
        "With 30 drippers at 2 litres an hour the beds get 60 litres in total.",
        "| 12 | 9 | 30 in total |",
    ],
)
def test_a_total_or_a_duration_is_left_alone_when_it_is_right_or_nothing_can_be_said(text: str) -> None:
    assert quotes(check_sums, alone(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "We speak three languages: Dutch, Greek, Welsh and Finnish.",
        "There are four tests: sound, light and smoke.",
        "We hired six people: two for the shop and three for the yard.",
        "Three steps:\n\n- Stop.\n- Look.\n- Listen.\n- Go.\n",
        "1. Stop.\n2. Look.\n\nThe three rules above are old.",
    ],
)
def test_a_list_is_found_when_it_is_longer_or_shorter_than_announced(text: str) -> None:
    assert len(quotes(check_announced, alone(text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "We speak three languages: Dutch, Greek and Welsh.",
        "Two things matter: that people come, and that they stay for a while if they can.",
        "Three steps:\n\n- Stop.\n- Look.\n- Listen.\n",
        "More than three cities: Oslo, Rome, Bern and Lyon.",
        "There is one rule: two is enough.",
        "It took five minutes: stop, look and listen.",
    ],
)
def test_a_list_is_left_alone_when_it_is_as_long_as_announced(text: str) -> None:
    assert quotes(check_announced, alone(text)) == []
