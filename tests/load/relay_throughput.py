"""How many events a second one server core delivers, beside the other ways to do it.

A closed loop: the next events are published when earlier ones have arrived, so each side is measured
at what it sustains, and what does not arrive is counted as lost and not hidden by the rate. The
server has one core; the store, the publisher and the clients have another, and whether these were the
limit shows in how busy they were.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Final

from tests.load.effort import Effort
from tests.load.figures import Fact, Figure, Outcome, Target, percentile
from tests.load.ground import Ground
from tests.load.machine import cpu_seconds
from tests.load.pinned import Cores, staying_on
from tests.load.relay_crowd import Crowd, OnEvents
from tests.load.relay_publisher import Publisher, task_id_of
from tests.load.relay_sides import GALLEY, NODE, ON_UVICORN, RAW, SOCKETIO, Side, install_node_peer, sides

CLIENTS: Final = 1_000
_SECONDS: Final = 2.0
_WARM_S: Final = 0.5
_IN_FLIGHT: Final = 4 * CLIENTS
"""Deliveries under way: enough that the server always has the next one."""
_BATCH: Final = 250
_EVEN_BATCH: Final = 25
"""Few enough that what was put off does not wait for each other in the store, which would look like the server."""
_SILENCE_S: Final = 3.0
"""What has not come after so long a silence is lost."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One run. The server's time is for each delivery; the load is all that ran on the other core."""

    per_second: float
    server_us: float
    load_busy: float
    lost: int
    in_order: bool


@dataclass(frozen=True, slots=True)
class Delays:
    """From just before each event was published: until the kernel had it for its client, which is the server's
    doing and the store's, and until the crowd, which is a thousand clients in one thread, had read it."""

    arrived_ms: list[float]
    read_ms: list[float]


@dataclass(frozen=True, slots=True)
class Round:
    """One side, once: each its own task, one task for all, and each its own at half the rate."""

    own: Rate
    shared: Rate
    delays: Delays
    kb_each: float


class Press:
    """Publishes to a crowd in a closed loop. Its tasks are numbered from 0; each publication goes to
    ``batch`` of them and is delivered ``deliveries`` times."""

    def __init__(self, crowd: Crowd, publisher: Publisher, tasks: int, watchers: int) -> None:
        self._crowd, self._publisher, self._tasks = crowd, publisher, tasks
        self._batch = min(_BATCH, tasks)
        self._deliveries = self._batch * watchers
        self._next = 0
        self.sent = self.received = self.lost = 0

    def press(self, seconds: float) -> float:
        """Go on for that long; how long it really was, in seconds."""
        began = heard = time.perf_counter()
        while (now := time.perf_counter()) < began + seconds:
            outstanding = self.sent - self.received - self.lost
            if outstanding < _IN_FLIGHT:
                self._publish()
            if got := self._crowd.take(0 if outstanding < _IN_FLIGHT else 0.1):
                self.received += got
                heard = now
            elif now > heard + _SILENCE_S:
                self.lost, heard = self.sent - self.received, now
        return now - began

    def _publish(self) -> None:
        last = min(self._next + self._batch, self._tasks) - 1
        self._publisher.publish(self._next, last)
        self._next = (last + 1) % self._tasks
        self.sent += self._deliveries

    def settle(self) -> None:
        """End the round, so that all tasks stand at the same number, and wait for what is under way;
        what does not come is lost."""
        while self._next:
            self._publish()
        heard = time.perf_counter()
        while self.received < self.sent and time.perf_counter() < heard + _SILENCE_S:
            if got := self._crowd.take(0.1):
                self.received += got
                heard = time.perf_counter()
        self.lost = self.sent - self.received


async def measure(effort: Effort) -> Outcome:
    """Each side in turn, as often as the effort says."""
    install_node_peer()
    compared = sides()
    runs: dict[str, list[Round]] = {side.name: [] for side in compared}
    for _ in range(effort.runs):
        for side in compared:
            runs[side.name].append(await _measure_side(side, effort))
    title = f"Relay, one server core, 300-byte events, {CLIENTS:,} WebSockets: own = each watches its own task"
    return Outcome(title, _figures(runs), [_arrived(name, rounds) for name, rounds in runs.items()])


async def _measure_side(side: Side, effort: Effort) -> Round:
    cores = Cores.of_this_machine()
    with Ground(cores.store) as ground, staying_on(cores.load):
        templates = await side.prepare(ground, CLIENTS)
        server = side.start(ground, cores.server)
        publisher, before = Publisher(ground.redis_url, templates), resident_kb(server.pid)
        try:
            with Crowd(ground.port) as crowd:
                crowd.join(side.dialect, [task_id_of(number) for number in range(CLIENTS)])
                kb_each = (resident_kb(server.pid) - before) / CLIENTS
                own = _rate(Press(crowd, publisher, CLIENTS, watchers=1), crowd, server.pid, ground, effort)
                delays = follow_evenly(crowd, publisher, CLIENTS, own.per_second / 2, effort.seconds(_SECONDS))
            with Crowd(ground.port) as crowd:
                crowd.join(side.dialect, [task_id_of(0)] * CLIENTS)
                shared = _rate(Press(crowd, publisher, 1, watchers=CLIENTS), crowd, server.pid, ground, effort)
        finally:
            publisher.close()
    return Round(own, shared, delays, kb_each)


def _rate(press: Press, crowd: Crowd, server: int, ground: Ground, effort: Effort) -> Rate:
    press.press(effort.seconds(_WARM_S))
    press.settle()
    crowd.begin_to_count()
    press.sent = press.received = press.lost = 0
    before = cpu_seconds(server), cpu_seconds(ground.store.pid) + time.process_time()
    took = press.press(effort.seconds(_SECONDS))
    received = press.received
    after = cpu_seconds(server), cpu_seconds(ground.store.pid) + time.process_time()
    press.settle()
    return Rate(
        per_second=received / took,
        server_us=1e6 * (after[0] - before[0]) / max(1, received),
        load_busy=100 * (after[1] - before[1]) / took,
        lost=press.lost,
        in_order=crowd.witnesses_agree,
    )


def follow_evenly(crowd: Crowd, publisher: Publisher, tasks: int, per_second: float, seconds: float) -> Delays:
    """How long each event took at an even rate; each of the crowd's clients watches the task of its own
    number. The last round is gone through to its end."""
    delays = Delays([], [])
    sent: list[deque[float]] = [deque() for _ in range(tasks)]
    crowd.on_events = _noting(sent, delays)
    began, published, first = time.perf_counter(), 0, 0
    while (now := time.perf_counter()) < began + seconds or first:
        due = min(int((now - began) * per_second) - published, _EVEN_BATCH)
        if due > 0:
            last, at = min(first + due, tasks) - 1, time.time()
            for number in range(first, last + 1):
                sent[number].append(at)
            publisher.publish(first, last)
            published += last + 1 - first
            first = (last + 1) % tasks
        crowd.take(0 if due == _EVEN_BATCH else 0.0005)
    heard = time.perf_counter()
    while any(sent) and time.perf_counter() < heard + _SILENCE_S:
        if crowd.take(0.1):
            heard = time.perf_counter()
    crowd.on_events = None
    return delays


def _noting(sent: list[deque[float]], delays: Delays) -> OnEvents:
    def note(client: int, events: int, arrived: float) -> None:
        now, waiting = time.time(), sent[client]
        for _ in range(min(events, len(waiting))):  # more are of an earlier round that was given up
            at = waiting.popleft()
            delays.arrived_ms.append(1000 * (arrived - at))
            delays.read_ms.append(1000 * (now - at))

    return note


def resident_kb(pid: int) -> float:
    """The memory that a process holds, in KB."""
    with open(f"/proc/{pid}/status") as status:
        return next(float(line.split()[1]) for line in status if line.startswith("VmRSS"))


def _figures(runs: dict[str, list[Round]]) -> list[Figure]:
    figures: list[Figure] = []
    for kind, words in (("own", "own"), ("shared", "one task for all")):
        for name, rounds in runs.items():
            rates = [getattr(each, kind) for each in rounds]
            figures.append(Figure(f"{name}, {words}", "/s", tuple(rate.per_second for rate in rates)))
        figures += _ratios(runs, kind, words)
        for name, rounds in runs.items():
            rates = [getattr(each, kind) for each in rounds]
            figures.append(Figure(f"{name}: server's time", "us", tuple(rate.server_us for rate in rates)))
            figures.append(Figure(f"  store, publisher and clients busy, {words}", "%", _busy(rates)))
    for name, rounds in runs.items():
        target = Target(5.0) if name in (GALLEY.name, ON_UVICORN.name) else None
        arrived = tuple(percentile(each.delays.arrived_ms, 0.99) for each in rounds)
        read = tuple(percentile(each.delays.read_ms, 0.99) for each in rounds)
        figures.append(Figure(f"{name}: p99, at half of own", "ms", arrived, target))
        figures.append(Figure("  until the crowd has read it, which it does in turns", "ms", read))
        figures.append(Figure("  memory for each of these connections", "KB", tuple(each.kb_each for each in rounds)))
    return figures


def _busy(rates: list[Rate]) -> tuple[float, ...]:
    return tuple(rate.load_busy for rate in rates)


_WANTED: Final = (
    (GALLEY, NODE, 1.0),
    (GALLEY, SOCKETIO, 7.0),
    (ON_UVICORN, NODE, 1.5),
    (ON_UVICORN, RAW, 0.5),
)
"""Whose rate should be at least how many times whose."""


def _ratios(runs: dict[str, list[Round]], kind: str, words: str) -> list[Figure]:
    figures = []
    for ours, theirs, least in _WANTED:
        if ours.name in runs:
            both = zip(runs[ours.name], runs[theirs.name], strict=True)
            times = tuple(getattr(a, kind).per_second / max(1, getattr(b, kind).per_second) for a, b in both)
            name = f"{_short(ours)} : {_short(theirs)}, {words}"
            figures.append(Figure(name, "x", times, Target(least, at_least=True)))
    return figures


def _short(side: Side) -> str:
    return side.name.partition(" with")[0].partition(",")[0]


def _arrived(name: str, rounds: list[Round]) -> Fact:
    """A peer may lose; that is a figure of it. Ours may not."""
    rates = [rate for each in rounds for rate in (each.own, each.shared)]
    lost = sum(rate.lost for rate in rates)
    in_order = all(rate.in_order for rate in rates)
    words = f"{name}: {lost:,} events lost, each once and in order: {'yes' if in_order else 'no'}"
    return Fact(words, (lost == 0 and in_order) or name not in (GALLEY.name, ON_UVICORN.name))
