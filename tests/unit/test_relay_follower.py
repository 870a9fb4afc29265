from __future__ import annotations

from typing import Any

from server.follow import Follower, Reset


def event(seq: int, epoch: int = 1) -> dict[str, Any]:
    return {"epoch": epoch, "seq": seq, "type": "text_added"}


def following(seq: int) -> Follower:
    rules = Follower()
    rules.take_answer({"ok": True, "epoch": 1, "seq": seq, "events": [event(n + 1) for n in range(seq)]})
    return rules


def seqs(shown: list[Any]) -> list[int]:
    return [each["seq"] for each in shown]


def test_follower_shows_the_answer_and_then_what_was_held_when_events_overtook_it():
    rules = Follower()
    assert rules.take_events([event(2), event(3)]) == []
    shown = rules.take_answer({"ok": True, "epoch": 1, "seq": 2, "events": [event(1), event(2)]})
    assert seqs(shown) == [1, 2, 3]
    assert not rules.lost


def test_follower_drops_events_when_it_has_seen_them():
    assert seqs(following(3).take_events([event(2), event(3), event(4)])) == [4]


def test_follower_asks_for_a_watch_when_there_is_a_gap():
    rules = following(3)
    assert rules.take_events([event(5)]) == []
    assert rules.lost
    assert rules.at == (1, 3)


def test_follower_asks_for_a_watch_when_a_new_epoch_begins_without_a_reset():
    rules = following(3)
    assert rules.take_events([event(4, epoch=2)]) == []
    assert rules.lost


def test_follower_goes_on_from_the_reset_when_one_comes():
    rules = following(3)
    assert rules.take_reset({"epoch": 2, "seq": 1, "snapshot": {"state": "PROGRESS"}}) == [Reset({"state": "PROGRESS"})]
    assert seqs(rules.take_events([event(1, epoch=2), event(2, epoch=2)])) == [2]


def test_follower_shows_a_reset_when_the_answer_is_a_snapshot():
    rules = Follower()
    shown = rules.take_answer({"ok": True, "epoch": 1, "seq": 40, "snapshot": {"state": "PENDING"}})
    assert shown == [Reset({"state": "PENDING"})]
    assert seqs(rules.take_events([event(41)])) == [41]


def test_follower_holds_events_when_its_connection_is_new():
    rules = following(3)
    rules.lose()
    assert rules.take_events([event(4)]) == []
    assert seqs(rules.take_answer({"ok": True, "epoch": 1, "seq": 4, "events": [event(4)]})) == [4]


def test_follower_shows_nothing_when_a_watch_is_refused():
    rules = Follower()
    assert rules.take("answer", {"ok": False, "code": "store_unavailable"}) == []
    assert rules.lost
