"""Stores that each lack one rule. The simulation is worth what it finds in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tasks.contract.events import EventData
from tasks.contract.names import TaskKind
from tasks.contract.states import ENDED
from tasks.contract.submissions import NewTask
from tasks.store.admission import kept_slots
from tasks.store.memory_log import Record
from tasks.store.ports import Appended, AppendOutcome, Claim, Reading, Submitted, WorkerCard
from tests.simulation.simulated_store import SimulatedStore, State


class WithoutFence(SimulatedStore):
    """An older attempt may still write."""

    @staticmethod
    def _is_writer(record: Record, token: str) -> bool:
        return True


class FencingByAttempt(SimulatedStore):
    """Who writes is told apart by the attempt's number, which a restore gives out again."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._attempts: dict[str, int] = {}

    async def claim(self, task_id: str, attempt: int, token: str, worker_id: str) -> Claim | None:
        self._attempts[token] = attempt
        return await super().claim(task_id, attempt, token, worker_id)

    def restore(self, state: State) -> None:
        attempts = self._attempts
        super().restore(state)
        self._attempts = attempts  # the workers know theirs

    def _is_writer(self, record: Record, token: str) -> bool:  # type: ignore[override]
        return self._attempts[token] == record.attempt


class WithoutLease(SimulatedStore):
    """Whoever asks may go on."""

    async def renew(self, task_id: str, attempt: int, token: str) -> bool:
        if task_id in self._tasks:
            self._claimed[task_id] = self._clock() + self._timing.lease_ms
        return True


class WithoutLoss(SimulatedStore):
    """A sweep never takes a lease that ran out."""

    def _lose(self, record: Record) -> None:
        return


class WithoutSweep(SimulatedStore):
    """Nobody puts back what was lost."""

    async def sweep(self) -> int:
        return 0


class WithoutGeneration(SimulatedStore):
    """A restart is not noticed."""

    def begin_generation(self) -> None:
        return


class WithoutProducerNumbers(SimulatedStore):
    """An append that is repeated is taken again."""

    async def append(self, task_id: str, token: str, producer: int, data: EventData) -> Appended:
        if task_id in self._tasks:
            self._tasks[task_id].producer = 0
        return await super().append(task_id, token, producer, data)


class WithoutToken(SimulatedStore):
    """A claim answers anybody who knows the attempt."""

    async def claim(self, task_id: str, attempt: int, token: str, worker_id: str) -> Claim | None:
        record = self._tasks.get(task_id)
        if record is not None and task_id in self._claimed:
            record.token = token
        return await super().claim(task_id, attempt, token, worker_id)


class WithoutRefund(SimulatedStore):
    """An admission that no worker began stays charged."""

    def _refund(self, record: Record) -> None:
        self._reserved[record.new.kind].pop(record.new.task_id, None)
        self._free_call(record)


class WithoutFreeingCalls(SimulatedStore):
    """A lease that ends keeps its call."""

    def _free_call(self, record: Record) -> None:
        record.model = None


class ReleasingTwice(SimulatedStore):
    """A release frees whatever lease there is, whoever holds it by now."""

    async def release(self, task_id: str, token: str, **more: Any) -> None:
        held = self._tasks[task_id].token if task_id in self._tasks else None
        await super().release(task_id, held or token, **more)


class WithoutKeptSlots(SimulatedStore):
    """A batch may take the slots that are kept for those who talk."""

    def _free(self, kind: TaskKind, cards: Sequence[WorkerCard]) -> int:
        shared = sum(card.slots for card in cards if kind in card.kinds and len(card.kinds) > 1)
        return super()._free(kind, cards) + (kept_slots(shared) if kind is TaskKind.ANALYSIS else 0)


class WithoutCountingReserved(SimulatedStore):
    """What was admitted and not yet claimed takes no slot."""

    def _free(self, kind: TaskKind, cards: Sequence[WorkerCard]) -> int:
        return super()._free(kind, cards) + sum(len(tasks) for tasks in self._reserved.values())


class WithoutSuspects(SimulatedStore):
    """A process may run several tasks that have lost a worker."""

    async def claim(self, task_id: str, attempt: int, token: str, worker_id: str) -> Claim | None:
        for record in self._tasks.values():
            record.suspect = False
        return await super().claim(task_id, attempt, token, worker_id)


class LosingPatience(SimulatedStore):
    """The first lost worker ends the task."""

    def _lose(self, record: Record) -> None:
        record.losses = 3
        super()._lose(record)


class GoingOnAfterTheEnd(SimulatedStore):
    """An ended task takes further events."""

    async def append(self, task_id: str, token: str, producer: int, data: EventData) -> Appended:
        record = self._tasks.get(task_id)
        if record is not None and token == record.writer and record.snapshot.state in ENDED:
            event = self._log(record, data)
            return Appended(AppendOutcome.APPENDED, event.epoch, event.seq)
        return await super().append(task_id, token, producer, data)


class StayingInLine(SimulatedStore):
    """A task that was cancelled while it waited stays in line."""

    def _end(self, record: Record) -> None:
        assert record.snapshot.state in ENDED


class WithoutIdempotency(SimulatedStore):
    """A key is not remembered."""

    async def submit(self, tasks: Sequence[NewTask], **_: Any) -> Submitted:
        return await super().submit(tasks)


class ReadingAcrossGenerations(SimulatedStore):
    """A reader of an older generation is given what follows its number."""

    async def read(self, task_id: str, epoch: int | None, since: int) -> Reading | None:
        record = self._tasks.get(task_id)
        if record is not None and epoch is not None and since <= record.snapshot.seq:
            record.epoch_from = 1
            epoch = record.snapshot.epoch
        return await super().read(task_id, epoch, since)


MUTANTS: Final[dict[str, type[SimulatedStore]]] = {
    mutant.__name__: mutant
    for mutant in (
        WithoutFence,
        FencingByAttempt,
        WithoutLease,
        WithoutLoss,
        WithoutSweep,
        WithoutGeneration,
        WithoutProducerNumbers,
        WithoutToken,
        WithoutRefund,
        WithoutFreeingCalls,
        ReleasingTwice,
        WithoutKeptSlots,
        WithoutCountingReserved,
        WithoutSuspects,
        LosingPatience,
        GoingOnAfterTheEnd,
        StayingInLine,
        WithoutIdempotency,
        ReadingAcrossGenerations,
    )
}
