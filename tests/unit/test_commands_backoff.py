"""How long a process that died is left lying."""

from __future__ import annotations

import io

from server.supervisor.children import Backoff
from server.supervisor.log_lines import LastLines, LogLines


def test_wait_doubles_up_to_5_s_while_a_process_dies_young() -> None:
    backoff = Backoff()
    assert [round(backoff.after(0.1), 1) for _ in range(7)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_wait_starts_again_when_a_process_had_lived_for_30_s() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.after(0.1)
    assert backoff.after(30.0) == 0.2
    assert backoff.after(0.1) == 0.4


def test_lines_stand_behind_the_name_of_who_said_them_without_colour_off_a_terminal() -> None:
    stream = io.StringIO()
    LogLines(stream)("worker-1", "ready")
    assert stream.getvalue() == "worker-1 | ready\n"


def test_last_lines_are_told_once_and_only_the_last_of_them() -> None:
    stream, kept = io.StringIO(), LastLines()
    for number in range(100):
        kept("server", str(number))
    kept.tell(LogLines(stream))
    kept.tell(LogLines(stream))
    assert len(stream.getvalue().splitlines()) == 40
    assert stream.getvalue().endswith("| 99\n")
