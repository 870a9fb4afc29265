"""How many submissions a second one server process on one core accepts, beside a plain Celery route.

No worker runs, so what is accepted stands in line, and afterwards the store must hold exactly as many
tasks as there were answers. The sides take turns, each time on a fresh store.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import redis

from tests.load.celery_peer import QUEUE_KEY
from tests.load.effort import Effort
from tests.load.figures import Fact, Figure, Outcome, Target, percentile
from tests.load.ground import Ground
from tests.load.http_load import MakeRequest, post_request, press
from tests.load.machine import cpu_seconds
from tests.load.pinned import Cores, staying_on
from tests.processes import Running, wait_until

CONNECTIONS: Final = 48
_SECONDS: Final = 5.0
_WARM_S: Final = 1.0
_PATH: Final = "/analyze_section"
_SENTENCE: Final = "Errors fell from 420 to 180 in the second quarter, and the team expects less. "


def plain_request() -> bytes:
    """A section of some 300 characters, as bytes ready to be sent."""
    return post_request(_PATH, json.dumps({"section": "Results", "content": _SENTENCE * 4}).encode())


def _keyed_request() -> bytes:
    """The same with an Idempotency-Key of its own, as the page sends it."""
    plain, line = plain_request(), f"\r\nIdempotency-Key: {uuid.uuid4()}\r\n\r\n".encode()
    return plain.replace(b"\r\n\r\n", line, 1)


@dataclass(frozen=True, slots=True)
class Round:
    """One run of one side. ``server_us`` and ``store_us`` are processor time for each answer."""

    per_second: float
    p99_ms: float
    accepted: int
    refused: int
    held: int
    server_us: float
    store_us: float


@dataclass(frozen=True, slots=True)
class Side:
    """What is pressed: how it is started, what it is asked, and how many it then holds."""

    name: str
    start: Callable[[Ground, int], Running]
    make: MakeRequest
    held: Callable[[Ground], int]


def _start_peer(ground: Ground, core: int) -> Running:
    argv = (sys.executable, "-m", "tests.load.celery_peer", str(ground.port), ground.broker_url)
    return ground.start(core, *argv, ready="/healthz")


def _held_by_galley(ground: Ground) -> int:
    return int(ground.stats()["total_pending"])


def _held_by_peer(ground: Ground) -> int:
    with redis.Redis.from_url(ground.redis_url) as client:
        return int(client.llen(QUEUE_KEY))


def _sides() -> tuple[Side, Side, Side]:
    plain = plain_request()
    same = itertools.repeat(plain).__next__
    return (
        Side("POST /analyze_section", Ground.start_server, same, _held_by_galley),
        Side("the usual way: Quart and Celery's apply_async", _start_peer, same, _held_by_peer),
        Side("POST /analyze_section with an Idempotency-Key", Ground.start_server, _keyed_request, _held_by_galley),
    )


async def measure(effort: Effort) -> Outcome:
    """Press each side in turn, as often as the effort says."""
    sides, cores = _sides(), Cores.of_this_machine()
    turns = [[await _press_once(side, cores, effort) for side in sides] for _ in range(effort.runs)]
    galley, celery, keyed = zip(*turns, strict=True)
    ratios = tuple(ours.per_second / theirs.per_second for ours, theirs in zip(galley, celery, strict=True))
    figures = [
        Figure(sides[0].name, "/s", tuple(run.per_second for run in galley), Target(2_000, at_least=True)),
        Figure(sides[1].name, "/s", tuple(run.per_second for run in celery)),
        Figure("times the usual way", "x", ratios, Target(1.5, at_least=True)),
        Figure(sides[2].name, "/s", tuple(run.per_second for run in keyed)),
        Figure(f"POST, p99 with {CONNECTIONS} connections", "ms", tuple(run.p99_ms for run in galley)),
        Figure("POST, the server's processor time for each", "us", tuple(run.server_us for run in galley)),
        Figure("POST, the store's processor time for each", "us", tuple(run.store_us for run in galley)),
        Figure("the usual way, the server's processor time for each", "us", tuple(run.server_us for run in celery)),
    ]
    facts = [_accounted_for(side, runs) for side, runs in zip(sides, (galley, celery, keyed), strict=True)]
    return Outcome("Submissions, one server process on one core, every one synced to disk", figures, facts)


def _accounted_for(side: Side, runs: tuple[Round, ...]) -> Fact:
    accepted, refused, held = (sum(figures) for figures in zip(*map(_counts, runs), strict=True))
    words = f"{side.name}: {accepted:,} answers 202, {refused:,} others, {held:,} tasks in line"
    return Fact(words, accepted == held and refused == 0)


def _counts(run: Round) -> tuple[int, int, int]:
    return run.accepted, run.refused, run.held


async def _press_once(side: Side, cores: Cores, effort: Effort) -> Round:
    with Ground(cores.store) as ground, staying_on(cores.load):
        server = side.start(ground, cores.server)
        warm = await press(ground.port, side.make, connections=CONNECTIONS, seconds=effort.seconds(_WARM_S))
        before = cpu_seconds(server.pid), cpu_seconds(ground.store.pid)
        load = await press(ground.port, side.make, connections=CONNECTIONS, seconds=effort.seconds(_SECONDS))
        after = cpu_seconds(server.pid), cpu_seconds(ground.store.pid)
        accepted, answers = warm.statuses[202] + load.statuses[202], load.statuses.total()
        return Round(
            per_second=load.per_second,
            p99_ms=1000 * percentile(load.latencies_s, 0.99),
            accepted=accepted,
            refused=warm.others(202) + load.others(202),
            held=_settled(side, ground, accepted),
            server_us=1e6 * (after[0] - before[0]) / answers,
            store_us=1e6 * (after[1] - before[1]) / answers,
        )


def _settled(side: Side, ground: Ground, accepted: int) -> int:
    """What is in line; the server's own count may be a quarter of a second old."""
    limit = time.monotonic() + 2.0
    wait_until(lambda: side.held(ground) == accepted or time.monotonic() > limit, "the store is counted")
    return side.held(ground)
