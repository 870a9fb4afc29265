"""How long `GET /queue_stats` takes while 10,000 tasks wait.

At an even rate and not as fast as possible: the server looks at the store at most four times a
second, so at full speed the looks would be too few among the answers to be seen in a percentile.
"""

from __future__ import annotations

import itertools
from typing import Final

from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tests.load.effort import Effort
from tests.load.figures import Fact, Figure, Outcome, Target, percentile
from tests.load.ground import Ground
from tests.load.http_load import Load, get_request, pace
from tests.processes import wait_until

_WAITING: Final = 10_000
_OWNERS: Final = 100
_REQUESTS: Final = 2_000
_PER_SECOND: Final = 200
_CONNECTIONS: Final = 4


async def measure(effort: Effort) -> Outcome:
    """Fill the line once, then ask."""
    with Ground() as ground:
        ground.start_server()
        await _fill_line(ground)
        wait_until(lambda: ground.stats()["total_pending"] == _WAITING, "all tasks are counted")
        loads = [await _ask(ground, effort) for _ in range(effort.runs)]
        still = ground.stats()["total_pending"]
    figures = [
        Figure("GET /queue_stats, p50", "ms", _percentiles(loads, 0.5)),
        Figure("GET /queue_stats, p99", "ms", _percentiles(loads, 0.99), Target(20)),
        Figure("GET /queue_stats, the slowest", "ms", _percentiles(loads, 1.0)),
    ]
    answers, others = sum(load.statuses.total() for load in loads), sum(load.others(200) for load in loads)
    facts = [
        Fact(f"{answers:,} answers, {others:,} of them other than 200", others == 0),
        Fact(f"it counted {still:,} waiting tasks", still == _WAITING),
    ]
    return Outcome(f"Queue figures, {_WAITING:,} tasks in line, {_PER_SECOND} requests a second", figures, facts)


async def _fill_line(ground: Ground) -> None:
    store = ground.open_store()
    try:
        for owner in range(_OWNERS):
            await store.submit([_task(owner, number) for number in range(_WAITING // _OWNERS)])
    finally:
        await store.close()


def _task(owner: int, number: int) -> NewTask:
    given = {"section": "S", "content": "A short text."}
    return NewTask(task_id=f"t_{owner}_{number}", kind=TaskKind.ANALYSIS, owner=f"owner_{owner}", input=given)


async def _ask(ground: Ground, effort: Effort) -> Load:
    make, count = itertools.repeat(get_request("/queue_stats")).__next__, effort.count(_REQUESTS)
    return await pace(ground.port, make, connections=_CONNECTIONS, per_second=_PER_SECOND, count=count)


def _percentiles(loads: list[Load], share: float) -> tuple[float, ...]:
    return tuple(1000 * percentile(load.latencies_s, share) for load in loads)
