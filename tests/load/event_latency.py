"""From the moment a worker appends an event to the moment the browser's handler has it.

A real server, a Socket.IO client over WebSocket, and the appends in a process of their own, as a
worker makes them. All on one clock. Each event must arrive once and in order.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Final

import socketio

from tasks.contract.events import TERMINAL_TYPES
from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tasks.store.ports import NothingAdmitted, WorkerCard
from tasks.store.redis_store import RedisStore
from tests.load.appender import token_of
from tests.load.effort import Effort
from tests.load.figures import Fact, Figure, Outcome, Target, percentile
from tests.load.ground import Ground
from tests.processes import WAIT_S, Running

_TASKS: Final = 10
_PER_SECOND: Final = 500
_SECONDS: Final = 10
_OWNER: Final = "local"
_WORKER: Final = "bench"


@dataclass(slots=True)
class Watcher:
    """What a browser notes: each event of each task with the time at which the handler had it."""

    seqs: dict[str, list[int]] = field(default_factory=dict)
    latencies_ms: list[float] = field(default_factory=list)
    resets: int = 0
    _open: set[str] = field(default_factory=set)
    _all_ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self, sio: socketio.AsyncClient, task_id: str) -> None:
        """Ask for a task; what is in its log already belongs to the count."""
        answer = await sio.call("watch", {"task_id": task_id}, timeout=WAIT_S)
        assert answer["ok"], answer
        self.seqs[task_id] = [event["seq"] for event in answer["events"]]
        self._open.add(task_id)

    def take(self, events: list[dict[str, Any]]) -> None:
        """The handler of ``task_events``."""
        now = time.time_ns()
        for event in events:
            self.seqs[event["task_id"]].append(event["seq"])
            if event["type"] == "progress_made":
                self.latencies_ms.append((now - int(event["data"]["status"])) / 1e6)
            elif event["type"] in TERMINAL_TYPES:
                self._open.discard(event["task_id"])
        if not self._open:
            self._all_ended.set()

    def reset(self, _: dict[str, Any]) -> None:
        """The handler of ``task_reset``: history was lost, which nothing here may cause."""
        self.resets += 1

    async def until_all_ended(self, within_s: float) -> None:
        """Return when the last event of each task has come."""
        async with asyncio.timeout(within_s + WAIT_S):
            await self._all_ended.wait()


@dataclass(frozen=True, slots=True)
class Round:
    """One run: what the browser noted, and how long the appends themselves took."""

    watcher: Watcher
    append_ms: list[float]
    expected: int

    @property
    def is_complete(self) -> bool:
        """Whether each task's events came once, in order, and all of them."""
        in_order = all(seqs == list(range(1, len(seqs) + 1)) for seqs in self.watcher.seqs.values())
        return in_order and self.watcher.resets == 0 and len(self.watcher.latencies_ms) == self.expected


async def measure(effort: Effort) -> Outcome:
    """Follow ten tasks at 500 events a second together."""
    with Ground() as ground:
        ground.start_server()
        store = ground.open_store()
        try:
            rounds = [await _follow_once(ground, store, number, effort) for number in range(effort.runs)]
        finally:
            await store.close()
    arrived = tuple(run.watcher.latencies_ms for run in rounds)
    appended = tuple(run.append_ms for run in rounds)
    figures = [
        Figure("an event, append to handler, p50", "ms", _percentiles(arrived, 0.5)),
        Figure("an event, append to handler, p99", "ms", _percentiles(arrived, 0.99), Target(20)),
        Figure("of that the append itself, synced to disk, p50", "ms", _percentiles(appended, 0.5)),
        Figure("of that the append itself, synced to disk, p99", "ms", _percentiles(appended, 0.99)),
    ]
    counted, expected = sum(map(len, arrived)), sum(run.expected for run in rounds)
    words = f"{counted:,} of {expected:,} events arrived, each once and in order"
    facts = [Fact(words, all(run.is_complete for run in rounds))]
    return Outcome(f"Events, {_PER_SECOND} a second over {_TASKS} tasks, one browser", figures, facts)


def _percentiles(rounds: tuple[list[float], ...], share: float) -> tuple[float, ...]:
    return tuple(percentile(values, share) for values in rounds)


async def _follow_once(ground: Ground, store: RedisStore, number: int, effort: Effort) -> Round:
    task_ids = await _claimed_tasks(store, number)
    count = int(effort.seconds(_SECONDS) * _PER_SECOND) // _TASKS
    watcher, sio = Watcher(), socketio.AsyncClient(reconnection=False)
    sio.on("task_events", watcher.take)
    sio.on("task_reset", watcher.reset)
    await sio.connect(ground.url, transports=["websocket"], wait_timeout=WAIT_S)
    try:
        for task_id in task_ids:
            await watcher.watch(sio, task_id)
        argv = ("-m", "tests.load.appender", ground.redis_url, str(_PER_SECOND), str(count), *task_ids)
        with Running((sys.executable, *argv)) as appender:
            await watcher.until_all_ended(effort.seconds(_SECONDS))
            said = await asyncio.to_thread(appender.wait_for_line, r"^{.*}$")
    finally:
        await sio.disconnect()
    return Round(watcher, [1000 * took for took in json.loads(said[0])["took_s"]], count * _TASKS)


async def _claimed_tasks(store: RedisStore, number: int) -> list[str]:
    """Tasks that a worker holds. The server admits as well; each task is admitted once, by whoever."""
    task_ids = [f"t_{number}_{task}" for task in range(_TASKS)]
    await store.announce(WorkerCard(_WORKER, tuple(TaskKind), 100 * _TASKS, "checker"))
    await store.submit([NewTask(task_id=task_id, kind=TaskKind.ANALYSIS, owner=_OWNER) for task_id in task_ids])
    while not isinstance(await store.admit(), NothingAdmitted):
        pass
    for task_id in task_ids:
        assert await store.claim(task_id, 1, token_of(task_id), _WORKER), f"{task_id} was not admitted"
    return task_ids
