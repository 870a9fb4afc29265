"""What one `append` of an ordinary event costs the store, by the store's own clock (``INFO commandstats``).

The event is a piece of an answer and has 300 bytes. One task streams, and then as many as a worker process has
slots, over its one connection: their events reach the store together, and its caches stay warm between them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import redis

from tasks.contract.events import EventData, TaskStarted, TextAdded
from tasks.contract.names import TaskKind, key
from tasks.contract.submissions import NewTask
from tasks.store.ports import NothingAdmitted, WorkerCard
from tasks.store.redis_store import RedisStore
from tests.load.effort import Effort
from tests.load.figures import Fact, Figure, Outcome, Target, percentile
from tests.load.ground import Ground
from tests.load.pinned import Cores, staying_on
from tests.load.store_time import script_micros

_WINDOWS: Final = 50
_EACH: Final = 128
"""Appends in one window."""
_STREAMS: Final = 16
_TARGET_US: Final = 15.0
_BEFORE: Final = 3
"""Events of each task before the measured ones: queued, admitted, started."""
_EVENT: Final = TextAdded(text="x" * 190)


async def measure(effort: Effort) -> Outcome:
    """One worker that appends as fast as it is answered, to a store set up as the embedded one."""
    windows = effort.count(_WINDOWS)
    lone, together, took_ms, logged = zip(*[await _run(windows) for _ in range(effort.runs)], strict=True)
    figures = [
        Figure("append, the store's time, one task streams", "us", lone, Target(_TARGET_US)),
        Figure(f"append, the store's time, {_STREAMS} tasks stream", "us", together, Target(_TARGET_US)),
        Figure("append, seen by a worker, synced to disk, p50", "ms", tuple(percentile(t, 0.5) for t in took_ms)),
        Figure("append, seen by a worker, synced to disk, p99", "ms", tuple(percentile(t, 0.99) for t in took_ms)),
    ]
    asked = 2 * windows * _EACH * effort.runs
    facts = [Fact(f"{sum(logged):,} of {asked:,} events were numbered", sum(logged) == asked)]
    return Outcome("An append of 300 bytes", figures, facts)


async def _run(windows: int) -> tuple[float, float, list[float], int]:
    """The store's time for an append of a lone stream, and of many; how long each of the former took in ms; and
    how many were numbered."""
    cores = Cores.of_this_machine()
    with Ground(cores.store) as ground, staying_on(cores.server), redis.Redis.from_url(ground.redis_url) as client:
        store = ground.open_store()
        try:
            alone, *others = [Stream(store, number) for number in range(_STREAMS + 1)]
            await _claim(store, [alone, *others])
            lone = await script_micros(client, windows, lambda: alone.go_on(_EACH))
            together = await script_micros(client, windows, lambda: _go_on(others))
            logged = sum(int(client.hget(key("task", s.task_id), "seq")) - _BEFORE for s in (alone, *others))
        finally:
            await store.close()
        return lone, together, alone.took_ms, logged


class Stream:
    """A task that says one piece after the other."""

    def __init__(self, store: RedisStore, number: int) -> None:
        self.task_id = f"t_{number:022}"
        self.took_ms: list[float] = []
        self._store = store
        self._said = 0

    async def say(self, data: EventData) -> None:
        """Append one event."""
        self._said += 1
        await self._store.append(self.task_id, self.task_id, self._said, data)

    async def go_on(self, count: int) -> None:
        """Say so much more, each piece once the one before it is in the log."""
        for _ in range(count):
            began = time.perf_counter()
            await self.say(_EVENT)
            self.took_ms.append(1e3 * (time.perf_counter() - began))


async def _go_on(streams: Sequence[Stream]) -> None:
    await asyncio.gather(*(stream.go_on(_EACH // len(streams)) for stream in streams))


async def _claim(store: RedisStore, streams: Sequence[Stream]) -> None:
    await store.announce(WorkerCard("w", tuple(TaskKind), 2 * len(streams), "checker"))
    await store.submit([NewTask(task_id=s.task_id, kind=TaskKind.ANALYSIS, owner="local") for s in streams])
    for stream in streams:
        assert not isinstance(await store.admit(), NothingAdmitted)
        assert await store.claim(stream.task_id, 1, stream.task_id, "w")
        await stream.say(TaskStarted(engine="checker", attempt=1))
