"""A worker's writing side without an engine: events at a steady rate, each of them known by its text."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from processes import WAIT_S

from tasks.contract.errors import StoreUnavailable
from tasks.contract.events import EventData, TaskRestored, TaskStarted, TaskSucceeded, TextAdded
from tasks.contract.names import TaskKind
from tasks.contract.states import Snapshot, apply, effect_of
from tasks.contract.submissions import NewTask
from tasks.contract.timing import Timing
from tasks.store.ports import AppendOutcome, WorkerCard
from tasks.store.redis_store import RedisStore

AGAIN_S = 0.02
HOUR_MS = 3_600_000
LONG_LEASES = Timing(claim_ms=HOUR_MS, lease_ms=HOUR_MS, announce_ms=HOUR_MS)
"""These writers renew nothing: what a lost lease does is for the tests with real workers."""
_ids = itertools.count(1)


class Writer:
    """Writes one task. ``unanswered`` counts appends whose answer was lost, ``carried_out`` those of
    them that the store had carried out before the connection was cut."""

    def __init__(self, store: RedisStore, snapshot: Snapshot, token: str) -> None:
        self.store, self.task_id, self.token = store, snapshot.task_id, token
        self.snapshot = snapshot
        self.said = self.unanswered = self.carried_out = self.restored = 0
        self.outcome = AppendOutcome.APPENDED
        self._producer = 0

    @property
    def text(self) -> str:
        """All that it has said."""
        return "".join(f"{n} " for n in range(self.said))

    async def say(self) -> None:
        """The next piece of the answer."""
        self.said += 1
        await self.append(TextAdded(text=f"{self.said - 1} "))

    async def finish(self) -> None:
        """The end of the task."""
        await self.append(TaskSucceeded(result={}))

    async def append(self, data: EventData) -> None:
        """Append; as often as it takes, under the same number."""
        self.snapshot = apply(self.snapshot, effect_of(data), at=0)
        self._producer += 1
        seq_before: int | None = None
        async with asyncio.timeout(WAIT_S):
            while True:
                try:
                    if seq_before is not None:
                        (number,) = await self.store.numbers([self.task_id])
                        self.carried_out += number is not None and number[1] > seq_before  # None: the store is empty
                        seq_before = None
                    answer = await self.store.append(self.task_id, self.token, self._producer, data)
                    break
                except StoreUnavailable as error:
                    if not error.data.get("not_sent"):
                        self.unanswered += 1
                        seq_before = self.snapshot.seq
                    await asyncio.sleep(AGAIN_S)
        if answer.outcome is AppendOutcome.RESTORE_FIRST:
            await self._restore()
            await self.append(data)
            return
        self.outcome = answer.outcome
        self.snapshot = self.snapshot.model_copy(update={"seq": answer.seq})
        if answer.restore:
            await self._restore()

    async def _restore(self) -> None:
        self.restored += 1
        await self.append(TaskRestored(snapshot=self.snapshot.model_dump(mode="json")))


async def begin(store: RedisStore, count: int, owner: str = "local") -> list[Writer]:
    """That many new tasks, each claimed by a writer. Any dispatcher may admit them."""
    await store.announce(WorkerCard("writer", tuple(TaskKind), 1_000_000, "checker"))
    ids = [f"t{next(_ids)}" for _ in range(count)]
    await store.submit([NewTask(task_id=task_id, kind=TaskKind.CHAT, owner=owner) for task_id in ids])
    return [await _claim(store, task_id) for task_id in ids]


async def _claim(store: RedisStore, task_id: str) -> Writer:
    token = f"token-{task_id}"
    async with asyncio.timeout(WAIT_S):
        while True:
            await store.admit()
            reading = await store.read(task_id, -1, 0)
            assert reading is not None
            assert reading.snapshot is not None
            attempt = reading.snapshot.attempt
            claim = await store.claim(task_id, attempt, token, "writer") if attempt else None
            if claim is not None:
                writer = Writer(store, claim.snapshot, token)
                await writer.append(TaskStarted(attempt=attempt, engine="checker"))
                return writer
            await asyncio.sleep(AGAIN_S)


@asynccontextmanager
async def speaking(writers: Sequence[Writer], per_second: float) -> AsyncIterator[None]:
    """All of them speak, together at that rate, and finish their tasks at the end of the block."""
    stopped = asyncio.Event()

    async def speak(number: int, writer: Writer) -> None:
        due = asyncio.get_running_loop().time() + number / per_second
        while not stopped.is_set() and writer.outcome is AppendOutcome.APPENDED:
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            await writer.say()
            due += len(writers) / per_second
        if writer.outcome is AppendOutcome.APPENDED:
            await writer.finish()

    async with asyncio.TaskGroup() as group:
        for number, writer in enumerate(writers):
            group.create_task(speak(number, writer))
        try:
            yield
        finally:
            stopped.set()
