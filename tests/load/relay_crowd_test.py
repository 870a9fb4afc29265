from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.load.effort import Effort
from tests.load.ground import HOST
from tests.load.relay_crowd import Crowd, OnEvents
from tests.load.relay_dialects import PING, PONG, Step, text_message
from tests.load.relay_publisher import EVENT_BYTES, SEQ_HOLE, TASK_HOLE, event_template, task_id_of
from tests.load.relay_sides import GALLEY
from tests.load.relay_throughput import _measure_side, follow_evenly
from tests.processes import WAIT_S

EVENTS = b'42["task_events",[{"seq":1000001,"at":1},{"seq":1000002,"at":2}]]'


def greet(_: str) -> list[Step]:
    return [Step(b"hello", b"welcome")]


@contextmanager
def one_client(answer: bytes = b"welcome") -> Iterator[tuple[Crowd, socket.socket]]:
    """A crowd of one that has said its greeting, and the server's end of its connection."""
    with socket.create_server((HOST, 0)) as server, Crowd(server.getsockname()[1]) as crowd:
        ends: list[socket.socket] = []

        def serve() -> None:
            end, _ = server.accept()
            ends.append(end)
            end.recv(5)
            end.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            crowd.join(greet, ["t"])
        finally:
            thread.join(WAIT_S)
        with ends[0] as end:
            yield crowd, end


def taken(crowd: Crowd, enough: Callable[[], bool]) -> None:
    for _ in range(100):
        if enough():
            return
        crowd.take(WAIT_S / 100)


@pytest.mark.parametrize("cut", range(1, len(EVENTS), 3))
def test_events_are_counted_once_wherever_the_network_cuts_them(cut: int) -> None:
    with one_client() as (crowd, end):
        end.sendall(EVENTS[:cut])
        crowd.take(WAIT_S)
        end.sendall(EVENTS[cut:])
        crowd.take(WAIT_S)
        assert crowd.counts == [2]
        assert crowd.witnesses_agree


def test_witnesses_notice_an_event_that_is_missing_or_doubled() -> None:
    with one_client() as (crowd, end):
        end.sendall(EVENTS + EVENTS)
        taken(crowd, lambda: crowd.counts == [4])
        assert not crowd.witnesses_agree


def test_reset_counts_as_no_event() -> None:
    with one_client() as (crowd, end):
        end.sendall(b'42["task_reset",{"seq":7,"snapshot":{"seq":7,"created_at":1,"started_at":2}}]' + EVENTS)
        taken(crowd, lambda: crowd.counts == [2])
        assert not crowd.witnesses_agree


def test_events_are_told_with_the_time_when_they_arrived() -> None:
    with one_client() as (crowd, end):
        told: list[tuple[int, int, float]] = []
        crowd.on_events = lambda *said: told.append(said)
        before = time.time()
        end.sendall(EVENTS)
        crowd.take(WAIT_S)
        ((client, events, arrived),) = told
        assert (client, events) == (0, 2)
        assert before <= arrived <= time.time()


def test_crowd_answers_a_ping_that_comes_with_events() -> None:
    with one_client() as (crowd, end):
        end.sendall(EVENTS + PING)
        taken(crowd, lambda: crowd.counts == [2])
        end.settimeout(WAIT_S)
        assert end.recv(100) == PONG


def test_crowd_fails_when_a_client_is_refused() -> None:
    with pytest.raises(ConnectionError, match="forbidden"), one_client(b'{"ok":false,"code":"forbidden"} welcom'):
        pass


def test_message_of_a_client_states_its_length_in_the_form_for_its_size() -> None:
    assert text_message("40") == b"\x81\x82\0\0\0\x0040"
    assert text_message("x" * 300)[:8] == b"\x81\xfe\x01\x2c\0\0\0\0"


def test_filled_event_has_the_size_that_is_measured_with() -> None:
    event = event_template(epoch=7).replace(TASK_HOLE, task_id_of(12)).replace(str(SEQ_HOLE), "1000001")
    assert len(event) == EVENT_BYTES


class Told:
    """A crowd and a publisher: whatever is published has come by the next look."""

    def __init__(self) -> None:
        self.at: dict[int, int] = {}
        self.on_events: OnEvents | None = None
        self._coming: list[int] = []

    def publish(self, first: int, last: int) -> None:
        self._coming += range(first, last + 1)

    def take(self, _: float) -> int:
        taken, self._coming = self._coming, []
        for number in taken:
            self.at[number] = self.at.get(number, 0) + 1
            if self.on_events is not None:
                self.on_events(number, 1, time.time())
        return len(taken)


def test_events_at_an_even_rate_leave_all_tasks_at_one_number_so_that_none_is_skipped_next() -> None:
    told: Any = Told()
    delays = follow_evenly(told, told, tasks=40, per_second=10_000, seconds=0.01)
    assert len(told.at) == 40
    assert len(set(told.at.values())) == 1
    assert len(delays.arrived_ms) == len(delays.read_ms) == sum(told.at.values())


async def test_relay_loses_nothing_under_load() -> None:
    side = await _measure_side(GALLEY, Effort(runs=1, part=0.1))
    assert (side.own.lost, side.shared.lost) == (0, 0)
    assert side.own.in_order
    assert side.shared.in_order
    assert side.delays.arrived_ms
