"""What it costs the server to keep one person up to date for a minute: by watching, and by polling.

The task has one event a second, as a review that streams has. Who polls every 100 ms sees an event 50
ms late on average and 100 ms at worst; who watches sees it in one or two.
"""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Final

from tests.load.effort import Effort
from tests.load.figures import Fact, Figure, Outcome, Target
from tests.load.ground import Ground
from tests.load.http_load import get_request, pace, press
from tests.load.machine import cpu_seconds
from tests.load.pinned import Cores, staying_on
from tests.load.relay_crowd import Crowd
from tests.load.relay_dialects import socket_io
from tests.load.relay_publisher import Publisher, create_tasks, galley_templates, task_id_of
from tests.load.relay_throughput import follow_evenly

_WATCHERS: Final = 1_000
_POLLS_PER_S: Final = 300
_CONNECTIONS: Final = 16
_SECONDS: Final = 4.0
_OFTEN_S: Final = 0.1
_SELDOM_S: Final = 2.0
"""As the recipe polls that this product replaces."""


async def measure(effort: Effort) -> Outcome:
    """The same server, first left alone, then watched, then polled."""
    cores, seconds = Cores.of_this_machine(), effort.seconds(_SECONDS)
    rounds = []
    with Ground(cores.store) as ground, staying_on(cores.load):
        publisher = Publisher(ground.redis_url, galley_templates(await create_tasks(ground, _WATCHERS)))
        server = ground.start_server(cores.server)
        try:
            for _ in range(effort.runs):
                alone = _alone(server.pid, seconds)
                watched, arrived, agree = _watched(ground, publisher, server.pid, seconds)
                polled, each_s, polls_per_s = await _polled(ground, server.pid, seconds)
                per_minute = 60 / seconds * (watched - alone) / _WATCHERS
                rounds.append(
                    (per_minute, each_s - alone / (_POLLS_PER_S * seconds), polls_per_s, arrived, agree, polled)
                )
        finally:
            publisher.close()
    watching, poll, most, arrived, agree, polled = (tuple(each) for each in zip(*rounds, strict=True))
    often, seldom = (tuple(60 / every * each for each in poll) for every in (_OFTEN_S, _SELDOM_S))
    figures = [
        Figure("watching, one event a second: server's time a minute", "ms", tuple(1e3 * s for s in watching)),
        Figure("polling GET /task_status every 100 ms: a minute", "ms", tuple(1e3 * s for s in often)),
        Figure("polling every 2 s, as the recipe does: a minute", "ms", tuple(1e3 * s for s in seldom)),
        Figure("times watching, at equal freshness", "x", _times(often, watching), Target(50, at_least=True)),
        Figure("times watching, polled every 2 s", "x", _times(seldom, watching)),
        Figure("polls that one server core answers", "/s", most),
    ]
    whole = all(agree) and all(count > 0 and count % _WATCHERS == 0 for count in arrived)  # rounds are whole
    facts = [
        Fact(f"{sum(arrived):,} events reached their watchers, none was left, each once and in order", whole),
        Fact(f"{sum(polled):,} polls, all answered 200", all(polled)),
    ]
    return Outcome("One person kept up to date for a minute", figures, facts)


def _times(theirs: tuple[float, ...], ours: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(a / max(b, 1e-9) for a, b in zip(theirs, ours, strict=True))


def _alone(server: int, seconds: float) -> float:
    before = scheduled_seconds(server)
    time.sleep(seconds)
    return scheduled_seconds(server) - before


def _watched(ground: Ground, publisher: Publisher, server: int, seconds: float) -> tuple[float, int, bool]:
    with Crowd(ground.port) as crowd:
        crowd.join(socket_io, [task_id_of(number) for number in range(_WATCHERS)])
        _drain(crowd)
        crowd.begin_to_count()
        before = scheduled_seconds(server)
        delays = follow_evenly(crowd, publisher, _WATCHERS, _WATCHERS, seconds)
        return scheduled_seconds(server) - before, len(delays.arrived_ms), crowd.witnesses_agree


def _drain(crowd: Crowd) -> None:
    while crowd.take(0.2):
        pass


async def _polled(ground: Ground, server: int, seconds: float) -> tuple[int, float, float]:
    make = itertools.cycle([get_request(f"/task_status/{task_id_of(number)}") for number in range(50)]).__next__
    before, count = scheduled_seconds(server), int(seconds * _POLLS_PER_S)
    load = await pace(ground.port, make, connections=_CONNECTIONS, per_second=_POLLS_PER_S, count=count)
    each = (scheduled_seconds(server) - before) / count
    assert load.others(200) == 0, dict(load.statuses)
    most = await press(ground.port, make, connections=_CONNECTIONS, seconds=seconds / 2)
    return load.statuses[200], each, most.per_second


def scheduled_seconds(pid: int) -> float:
    """What a process has spent so far, in steps of nanoseconds; see `cpu_seconds`, whose are 10 ms."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
    except OSError:
        return cpu_seconds(pid)
