"""The memory store's base: its state, the lines, and the log."""

from __future__ import annotations

import time
from bisect import insort
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from tasks.contract.events import TERMINAL_TYPES, Event, EventData, QueueReason, TaskQueued, TaskRestored, UsageReported
from tasks.contract.names import TaskKind, key
from tasks.contract.states import ENDED, Effect, Snapshot, TaskState, apply, effect_of
from tasks.contract.submissions import NewTask
from tasks.contract.timing import Timing
from tasks.store.admission import (
    FIRST_GUESS,
    Estimates,
    Need,
)
from tasks.store.buckets import (
    Bucket,
)
from tasks.store.calls import (
    Account,
)
from tasks.store.history import MINUTE_MS, MINUTES
from tasks.store.memory_documents import MemoryDocuments
from tasks.store.memory_feed import Exchange
from tasks.store.money import NANOS, Books
from tasks.store.ports import Appended, AppendOutcome, WorkerCard
from tasks.store.reading import DOORBELL_BYTES, LOG_BOUND
from tasks.store.turns import Party, Turns

Warmed = tuple[TaskKind, str, str]
"""What stands in a cache: a document, for the calls of a kind (reviews and questions begin differently) to a
model."""


@dataclass(slots=True)
class Record:
    """A task with everything that the store knows of it."""

    new: NewTask
    snapshot: Snapshot
    order: int  # of arrival
    log: list[tuple[int, str]] = field(default_factory=list)
    epoch_from: int = 1  # the first seq of the present epoch
    attempt: int = 0
    producer: int = 0
    producer_seq: int = 0
    token: str | None = None  # of the lease
    writer: str | None = None  # the token of the last claim, which outlives the lease until the next admission
    writer_epoch: int = 0  # in which that claim was made, or its worker last said what it knows
    worker: str | None = None
    model: str | None = None  # whose call it holds
    held: Need | None = None  # what this attempt was charged, until it is settled
    held_shared: float = 0  # the part of it that is its document
    warms: bool = False  # its call writes its document to the cache
    claimed_at: int = 0
    ran_ms: int = 0  # in attempts that counted as tries
    tries: int = 0
    failures: int = 0
    losses: int = 0
    suspect: bool = False
    failed_at: int = 0
    sent_again_as: str | None = None
    held_nanos: int = 0  # what it may still cost

    @property
    def party(self) -> Party:
        """Who takes turns for it."""
        return Party(self.new.group, self.new.owner)

    @property
    def place(self) -> tuple[int, int]:
        """Sorts an owner's own line."""
        return (-self.new.priority, self.order)


def system_clock_ms() -> int:
    """Milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


class MemoryLog(MemoryDocuments):
    """Tasks with their logs and their places in line."""

    def __init__(self, timing: Timing, clock: Callable[[], int] = system_clock_ms) -> None:
        self._clock = clock
        self._timing = timing
        self._exchange = Exchange()
        self._epoch = clock()
        self._order = 0
        self._tasks: dict[str, Record] = {}
        self._waiting: dict[TaskKind, list[tuple[int, str]]] = {kind: [] for kind in TaskKind}
        self._unbilled: dict[TaskKind, list[tuple[int, str]]] = {kind: [] for kind in TaskKind}
        self._lines: dict[tuple[TaskKind, Party], list[tuple[tuple[int, int], str]]] = defaultdict(list)
        self._turns = Turns()
        self._admitted_at: dict[TaskKind, int] = {}
        self._parked: dict[str, int] = {}
        self._reserved: dict[TaskKind, dict[str, int]] = {kind: {} for kind in TaskKind}
        self._claimed: dict[str, int] = {}
        self._dead: dict[str, int] = {}
        self._buckets: dict[str, Bucket] = defaultdict(Bucket)
        self._estimates: dict[tuple[str | None, TaskKind], Estimates] = {}
        self._calls: dict[str, set[str]] = defaultdict(set)
        self._pace: dict[TaskKind, int] = {}
        self._step: dict[TaskKind, float] = {}
        self._stood: dict[TaskKind, int] = {}  # how many waited when one was started last
        self._inflow: dict[TaskKind, float] = {}
        self._success: dict[str, int] = {}
        self._warmth: dict[Warmed, tuple[str | None, int]] = {}  # writer, or None once it is there, and until when
        self._known: dict[tuple[str, str], str] = {}  # owner and identity -> the task that answered it last
        self._books = Books()
        self._caps: Account | None = None  # what live workers said last, also while none is up
        self._cards: dict[str, tuple[int, WorkerCard]] = {}
        self._worker_tasks: dict[str, set[str]] = defaultdict(set)
        self._lost_crowds: dict[str, int] = {}
        self._swept_at = clock()
        self._minutes: dict[int, dict[str, float]] = {}
        super().__init__()

    def _count_up(self, field_: str, by: float = 1) -> None:
        """Add to a count of the present minute; see `history`."""
        present = self._clock() // MINUTE_MS
        if present not in self._minutes:
            self._minutes = {at: counts for at, counts in self._minutes.items() if at > present - MINUTES}
        counts = self._minutes.setdefault(present, {})
        counts[field_] = counts.get(field_, 0) + by

    def _take(self, budget: str, amount: float = 1) -> None:
        bucket = self._buckets[budget]
        bucket.take(self._clock(), amount)
        if bucket.rate:
            self._count_up(f"share:{budget}", amount / bucket.rate)

    def _give_back(self, budget: str, amount: float = 1) -> None:
        bucket = self._buckets[budget]
        bucket.give_back(self._clock(), amount)
        if bucket.rate:
            self._count_up(f"share:{budget}", -amount / bucket.rate)

    def _queued(self, record: Record, reason: QueueReason) -> TaskQueued:
        new = record.new
        return TaskQueued(
            kind=new.kind,
            document_id=new.document_id,
            section_id=new.section_id,
            conversation_id=new.conversation_id,
            reason=reason,
        )

    def _stand_in_line(self, record: Record) -> None:
        """Add to the owner's line."""
        kind = record.new.kind
        self._turns.join(kind, record.party, record.order, self._clock())
        insort(self._lines[kind, record.party], (record.place, record.new.task_id))
        insort(self._waiting[kind], (record.order, record.new.task_id))
        if record.new.asked_engine is not None:
            insort(self._unbilled[kind], (record.order, record.new.task_id))

    def _expected(self, model: str | None, kind: TaskKind) -> Estimates:
        return self._estimates.setdefault((model, kind), Estimates(*FIRST_GUESS[kind]))

    def _leave_line(self, record: Record) -> None:
        kind, task_id = record.new.kind, record.new.task_id
        if (record.order, task_id) in self._waiting[kind]:
            self._waiting[kind].remove((record.order, task_id))
            if record.new.asked_engine is not None:
                self._unbilled[kind].remove((record.order, task_id))
            line = self._lines[kind, record.party]
            line.remove((record.place, task_id))
            if not line:
                del self._lines[kind, record.party]
                self._turns.leave(kind, record.party)
        self._parked.pop(task_id, None)

    def _queue_again(self, record: Record, reason: QueueReason) -> None:
        self._log(record, self._queued(record, reason))
        self._stand_in_line(record)
        self._wake()

    def _wake(self) -> None:
        self._exchange.publish(key("wake_channel"), "")

    def _log(self, record: Record, data: EventData) -> Event:
        """Number an event, log it, fold it, publish it. The only place where events come into being."""
        seq = record.snapshot.seq + 1
        if record.snapshot.epoch != self._epoch:
            record.epoch_from = seq
        now = self._clock()
        event = Event(
            task_id=record.new.task_id,
            epoch=self._epoch,
            seq=seq,
            at=now,
            type=data.type,
            data=data.model_dump(mode="json"),
        )
        text = event.model_dump_json()
        record.log.append((seq, text))
        del record.log[:-LOG_BOUND]
        folded = record.snapshot.model_copy(update={"epoch": self._epoch, "seq": seq})
        effect = effect_of(data)
        self._spend(record, effect)
        record.snapshot = apply(folded, effect, now)
        self._add_found(record, effect)
        whole = text if len(text) <= DOORBELL_BYTES else ""
        self._exchange.publish(key("task_channel", record.new.task_id), f"{self._epoch}:{seq}:{whole}")
        if data.type in TERMINAL_TYPES:
            self._end(record)
        return event

    def _add_found(self, record: Record, effect: Effect) -> None:
        found = effect.restore.findings if effect.restore else (effect.finding,) if effect.finding else ()
        for finding in found:
            if record.new.document_id:
                self.add_found(record.new.document_id, finding, record.new.task_id)

    def _writer_of(self, warmed: Warmed) -> tuple[str | None, int] | None:
        """Who writes a document to a model's cache (None: it is there), and how long that holds."""
        found = self._warmth.get(warmed)
        return found if found is not None and found[1] > self._clock() else None

    def _note_cached(self, record: Record) -> None:
        """A call has begun to answer, so its document stands in the cache: the others may follow."""
        document_id, model, task_id = record.new.document_id, record.model, record.new.task_id
        if document_id is None or model is None:
            return
        warmed = record.new.kind, document_id, model
        found = self._writer_of(warmed)
        if (record.warms and found is None) or (found and found[0] in (None, task_id)):
            self._warmth[warmed] = (None, self._clock() + self._timing.cache_ms)
        if found and found[0] == task_id:
            self._wake()

    def _spend(self, record: Record, effect: Effect) -> None:
        """What the task is known to have cost has grown: that much is spent today and no longer held."""
        cost = effect.fields.get("cost_usd")
        if cost is not None:
            nanos = round((cost - (record.snapshot.cost_usd or 0)) * NANOS)
            self._books.spend(record.new.owner, nanos, self._clock())
            self._hold(record, -max(0, min(nanos, record.held_nanos)))

    def _hold(self, record: Record, nanos: int) -> None:
        record.held_nanos += nanos
        self._books.hold(record.new.owner, nanos)

    def _end(self, record: Record) -> None:
        self._leave_line(record)
        self._hold(record, -record.held_nanos)
        if record.snapshot.state is TaskState.SUCCESS and record.new.identity and record.snapshot.model:
            self._known[record.new.owner, record.new.identity] = record.new.task_id
        if record.snapshot.state is TaskState.FAILURE:
            self._dead[record.new.task_id] = self._clock()
            self._count_up("failed")

    @staticmethod
    def _is_current(record: Record, attempt: int) -> bool:
        """Whether a worker of this attempt may go on. An expired lease is no reason not to; only an end or
        a raised attempt is."""
        return record.snapshot.state not in ENDED and attempt == record.attempt

    @staticmethod
    def _is_writer(record: Record, token: str) -> bool:
        """The same for who has claimed it. After a restore an attempt's number is given out again, a token never."""
        return token == record.writer

    async def append(self, task_id: str, token: str, producer: int, data: EventData) -> Appended:
        """See `TaskStore.append`."""
        record = self._tasks.get(task_id)
        if record is None:
            return Appended(AppendOutcome.GONE)
        # until it is told, what a restore lost is still missing
        restore = record.writer_epoch != self._epoch and not isinstance(data, TaskRestored)
        is_writer = self._is_writer(record, token)
        if is_writer and producer <= record.producer:
            return Appended(AppendOutcome.APPENDED, record.snapshot.epoch, record.producer_seq, restore)
        if record.snapshot.state in ENDED:
            return Appended(AppendOutcome.ENDED)
        if not is_writer:
            return Appended(AppendOutcome.STALE)
        if restore and data.type in TERMINAL_TYPES:
            return Appended(AppendOutcome.RESTORE_FIRST)
        if isinstance(data, TaskRestored):
            record.writer_epoch = self._epoch
        event = self._log(record, data)
        if isinstance(data, UsageReported):
            self._note_cached(record)
        record.producer, record.producer_seq = producer, event.seq
        return Appended(AppendOutcome.APPENDED, event.epoch, event.seq, restore)
