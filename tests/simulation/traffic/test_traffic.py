"""The figures of the rules of admission, from scenes of some minutes; `make bench` plays them for an hour.

The provider's own books are the judge: what it let pass, what it refused, whose it was.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from tests.simulation.traffic.judge import MINUTE, Judge, fair_amounts, jain, max_min
from tests.simulation.traffic.scene import Change, Owner, Scene, Trouble
from tests.simulation.traffic.scenes import scenes_of
from tests.simulation.traffic.traffic import Traffic, play

RPM = 60.0
SETTLED = 2 * MINUTE


@cache
def _played(name: str, minutes: float, seed: int = 1) -> Traffic:
    return play(replace(scenes_of(RPM)[name], minutes=minutes), seed)


def _scene(name: str, **more: object) -> Scene:
    return replace(scenes_of(RPM)[name], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["requests", "output", "short_burst"])
def test_account_is_used_to_the_full_and_nobody_is_refused_at_true_limits(name: str) -> None:
    judge = Judge(_played(name, 8), SETTLED)
    assert judge.used >= 0.97
    assert judge.refused == 0


def test_equally_busy_owners_get_equal_shares_and_a_flood_no_more_than_its_own() -> None:
    judge = Judge(_played("requests", 8), SETTLED)
    assert judge.fairness >= 0.98
    assert abs(judge.off_share("flood")) < 3
    assert judge.wait_s("light") < 25, "two rounds of all owners"


def test_weight_of_two_gets_twice_and_many_identities_of_one_group_get_one_share() -> None:
    identities = tuple(Owner(f"cookie{n}", 10, group="@home") for n in range(8))
    owners = (Owner("heavy", RPM, weight=2), Owner("plain", RPM), *identities)
    shares = Judge(play(_scene("requests", minutes=8, owners=owners, troubles=()), 1), SETTLED).shares()
    of_group = sum(share for name, share in shares.items() if name.startswith("cookie"))
    assert shares["heavy"] == pytest.approx(0.5, abs=0.01)
    assert shares["plain"] == pytest.approx(0.25, abs=0.01)
    assert of_group == pytest.approx(0.25, abs=0.01)


def test_estimates_are_mostly_near_what_came() -> None:
    assert Judge(_played("requests", 8), SETTLED).estimate_error < 0.2


def test_limit_that_is_believed_too_high_or_too_low_is_found_by_the_first_answers() -> None:
    for name in ("believed_high", "believed_low"):
        judge = Judge(_played(name, 5))
        assert judge.refused == 0, name
        assert Judge(_played(name, 5), SETTLED).used >= 0.97, name


def test_limit_that_is_believed_too_high_and_never_told_is_found_by_its_429s() -> None:
    scene = scenes_of(180)["believed_high_untold"]
    traffic = play(replace(scene, minutes=5, limits=replace(scene.limits, burst_s=10)), 1)
    assert Judge(traffic).refused > 0, "it was believed too high"
    assert Judge(traffic, 0, SETTLED).refused_share <= 0.01
    assert Judge(traffic, SETTLED).refused_share <= 0.01
    assert Judge(traffic, SETTLED).used >= 0.9


def test_outage_fails_nobody_and_is_over_when_it_is_over() -> None:
    traffic = play(_scene("outage", minutes=7, troubles=(Trouble(90, 150, "reset"),)), 1)
    assert traffic.failed == []
    assert Judge(traffic, 3 * MINUTE, 4 * MINUTE).used == 0, "it really was one"
    assert Judge(traffic, 5.5 * MINUTE).used >= 0.97


def test_burst_of_errors_fails_nobody_and_costs_little() -> None:
    traffic = play(_scene("requests", minutes=7, troubles=(Trouble(180, 15, share=0.5),)), 1)
    assert traffic.failed == []
    assert any(call.status == 529 for call in traffic.account.calls)
    assert Judge(traffic, SETTLED).used >= 0.9


def test_limit_that_the_provider_changes_is_followed_down_and_up() -> None:
    changes = (Change(120, 0.5), Change(240, 1.5))
    traffic = play(_scene("requests", minutes=6, changes=changes), 1)
    assert Judge(traffic).refused == 0
    assert Judge(traffic, SETTLED).used >= 0.97


def test_scene_replays_call_by_call() -> None:
    first, again = (play(_scene("requests", minutes=1), 3).account.calls for _ in range(2))
    assert first == again


def test_fair_is_what_could_be_served_when_it_was_asked_for() -> None:
    served = [(float(at), 1.0) for at in range(10)]
    all_the_time = [(0.0, "a", 20.0), (0.0, "b", 20.0)]
    assert fair_amounts(all_the_time, served, 0) == {"a": 5, "b": 5}
    assert fair_amounts(all_the_time, served, 4) == {"a": 3, "b": 3}
    late = [(0.0, "a", 20.0), (8.0, "b", 20.0)]
    assert fair_amounts(late, served, 0) == {"a": 9, "b": 1}, "nobody saves up turns"
    assert fair_amounts([(0.0, "a", 20.0), (0.0, "b", 1.0)], served, 0) == {"a": 9, "b": 1}


def test_shares_are_judged_by_max_min() -> None:
    assert max_min(10, {"a": 1, "b": 20, "c": 20}) == {"a": 1, "b": 4.5, "c": 4.5}
    assert max_min(10, {"a": 1, "b": 2}) == {"a": 1, "b": 2}
    assert jain([1, 1, 1, 1]) == 1
    assert jain([1, 0, 0, 0]) == 0.25
