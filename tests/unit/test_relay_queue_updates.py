from __future__ import annotations

from dataclasses import replace

import pytest

from server.queue_view import Place
from server.relay.queue_updates import gist
from tasks.store.ports import WaitingFor

PLACE = Place(position=12, about=False, eta_s=100, waiting_for=WaitingFor.TURN, reopens_at=None)


@pytest.mark.parametrize(
    "changed",
    [
        replace(PLACE, position=11),
        replace(PLACE, eta_s=80),
        replace(PLACE, eta_s=None),
        replace(PLACE, waiting_for=WaitingFor.BUDGET),
        replace(PLACE, reopens_at=5),
        replace(PLACE, about=True),
    ],
)
def test_place_is_told_again_when_it_has_changed(changed: Place):
    assert gist(changed) != gist(PLACE)


def test_place_is_not_told_again_when_its_estimate_moved_by_a_hundredth():
    assert gist(replace(PLACE, eta_s=101)) == gist(PLACE)


def test_every_second_is_told_when_it_is_one_of_the_last_ten():
    assert len({gist(replace(PLACE, eta_s=eta)) for eta in range(10)}) == 10
