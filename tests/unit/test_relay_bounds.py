from __future__ import annotations

import pytest

from server.relay.bounds import Bounds, Throttle


def test_throttle_lets_a_seconds_worth_pass_when_nothing_was_sent_before():
    throttle = Throttle(5, clock=lambda: 0.0)
    assert [throttle.wait_s() for _ in range(5)] == [0.0] * 5
    assert throttle.wait_s() == pytest.approx(0.2)
    assert throttle.wait_s() == pytest.approx(0.4)


def test_throttle_recovers_when_time_passes():
    now = [0.0]
    throttle = Throttle(5, clock=lambda: now[0])
    for _ in range(7):
        throttle.wait_s()
    now[0] = 10.0
    assert throttle.wait_s() == 0.0


def test_one_message_can_carry_a_thousand_positions():
    entry = '"t_' + "x" * 32 + '":[1795457961963,3456],'
    assert 1_000 * len(entry) < Bounds().message_bytes
