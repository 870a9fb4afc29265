"""The store in memory: the same rules, for one process and for the deterministic simulation.

No method awaits anything, so each is one atomic decision, as a script is on Redis.
"""

from __future__ import annotations

import time
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tasks.contract.errors import IdempotencyMismatch, TaskError
from tasks.contract.events import (
    TERMINAL_TYPES,
    Event,
    EventData,
    QueueReason,
    TaskAdmitted,
    TaskCancelled,
    TaskFailed,
    TaskQueued,
    TaskRetrying,
)
from tasks.contract.limits import LimitsLearned
from tasks.contract.names import ADMISSION_ORDER, TaskKind, key
from tasks.contract.states import ENDED, Effect, Snapshot, TaskState, apply, effect_of
from tasks.contract.submissions import NewTask
from tasks.contract.timing import Timing
from tasks.store.admission import (
    MAX_TRIES,
    Account,
    Bucket,
    account_of,
    call_opens_at,
    free_slots,
    limit_of,
    slots_of,
    why_waiting,
)
from tasks.store.memory_documents import MemoryDocuments
from tasks.store.memory_feed import Exchange, MemoryFeed
from tasks.store.ports import (
    Admission,
    Appended,
    AppendOutcome,
    BudgetStats,
    Claim,
    KindStats,
    NothingAdmitted,
    Reading,
    Stats,
    Submitted,
    TaskSummary,
    WorkerCard,
)
from tasks.store.reading import DOORBELL_BYTES, LOG_BOUND, PAGE, WORKER_LOST


@dataclass(slots=True)
class Record:
    """A task with everything that the store knows of it."""

    new: NewTask
    snapshot: Snapshot
    order: int  # of arrival; never changes
    slot: int  # of admission; a task of higher priority may take over that of another of its owner
    log: list[tuple[int, str]] = field(default_factory=list)
    epoch_from: int = 1  # the first seq of the present epoch
    attempt: int = 0
    producer: int = 0
    producer_seq: int = 0
    token: str | None = None
    worker: str | None = None
    model: str | None = None  # whose call it holds
    claimed_at: int = 0
    tries: int = 0
    failures: int = 0
    losses: int = 0
    suspect: bool = False
    failed_at: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """Sorts an owner's own line."""
        return (-self.new.priority, self.order)


@dataclass(slots=True)
class _Answered:
    digest: str
    expires_at: int
    task_ids: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()
    answer: str | None = None


def system_clock_ms() -> int:
    """Milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


class MemoryStore(MemoryDocuments):
    """`Store` without Redis. What it keeps dies with the process."""

    def __init__(self, timing: Timing, clock: Callable[[], int] = system_clock_ms) -> None:
        self._clock = clock
        self._timing = timing
        self._exchange = Exchange()
        self._epoch = clock()
        self._order = 0
        self._tasks: dict[str, Record] = {}
        self._waiting: dict[TaskKind, list[tuple[int, str]]] = {kind: [] for kind in TaskKind}
        self._lines: dict[tuple[TaskKind, str], list[tuple[tuple[int, int], str]]] = defaultdict(list)
        self._parked: dict[str, int] = {}
        self._reserved: dict[TaskKind, dict[str, int]] = {kind: {} for kind in TaskKind}
        self._claimed: dict[str, int] = {}
        self._dead: dict[str, int] = {}
        self._buckets: dict[str, Bucket] = defaultdict(Bucket)
        self._calls: dict[str, set[str]] = defaultdict(set)
        self._pace: dict[TaskKind, int] = {}
        self._success: dict[str, int] = {}
        self._cards: dict[str, tuple[int, WorkerCard]] = {}
        self._worker_tasks: dict[str, set[str]] = defaultdict(set)
        self._lost_crowds: dict[str, int] = {}
        self._answered: dict[tuple[str, str], _Answered] = {}
        self._swept_at = clock()
        super().__init__()

    # --- submission

    async def submit(
        self, tasks: Sequence[NewTask], *, idempotency_key: str | None = None, digest: str = ""
    ) -> Submitted:
        """See `TaskStore.submit`."""
        owner = tasks[0].owner
        known = self._answer_to(owner, idempotency_key, digest) if idempotency_key is not None else None
        if known is not None and known.task_ids:
            return Submitted(known.task_ids, known.positions, replayed=True, answer=known.answer)
        positions = tuple(self._add(task) for task in tasks)
        submitted = Submitted(tuple(task.task_id for task in tasks), positions)
        if idempotency_key is not None:
            expires_at = self._clock() + self._timing.idempotency_ms
            entry = _Answered(digest, expires_at, submitted.task_ids, positions)
            self._answered[owner, idempotency_key] = entry
        self._wake()
        return submitted

    def _add(self, new: NewTask) -> int:
        if new.task_id in self._tasks:
            return self._position(self._tasks[new.task_id]) or 0
        self._order += 1
        snapshot = Snapshot.model_validate(
            {**new.model_dump(exclude={"owner", "priority", "input"}), "created_at": self._clock()}
        ).model_copy(update={"epoch": self._epoch})
        record = self._tasks[new.task_id] = Record(new, snapshot, self._order, self._order)
        self.link_task(new, snapshot.created_at)
        self._log(record, self._queued(record, "submitted"))
        self._stand_in_line(record)
        return self._position(record) or 0

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
        """Add to the owner's line. Its slots in the order of admission stay; who gets which follows
        from priority, so a priority moves only this owner's own tasks."""
        kind = record.new.kind
        line = self._lines[kind, record.new.owner]
        insort(line, (record.place, record.new.task_id))
        insort(self._waiting[kind], (record.slot, record.new.task_id))
        behind = line[bisect_left(line, (record.place, record.new.task_id)) :]
        members = [self._tasks[task_id] for _, task_id in behind]
        self._deal_slots(kind, members)

    def _deal_slots(self, kind: TaskKind, members: list[Record]) -> None:
        slots = sorted(member.slot for member in members)
        if slots == [member.slot for member in members]:
            return
        for member in members:
            self._waiting[kind].remove((member.slot, member.new.task_id))
        for member, slot in zip(members, slots, strict=True):
            member.slot = slot
            insort(self._waiting[kind], (slot, member.new.task_id))

    def _leave_line(self, record: Record) -> None:
        kind, task_id = record.new.kind, record.new.task_id
        if (record.slot, task_id) in self._waiting[kind]:
            self._waiting[kind].remove((record.slot, task_id))
            line = self._lines[kind, record.new.owner]
            line.remove((record.place, task_id))
            if not line:
                del self._lines[kind, record.new.owner]
        self._parked.pop(task_id, None)

    def _answer_to(self, owner: str, idempotency_key: str, digest: str) -> _Answered | None:
        entry = self._answered.get((owner, idempotency_key))
        if entry is None or entry.expires_at <= self._clock():
            return None
        if entry.digest != digest:
            raise IdempotencyMismatch
        return entry

    async def record_answer(self, owner: str, idempotency_key: str, digest: str, answer: str) -> None:
        """See `TaskStore.record_answer`."""
        entry = self._answer_to(owner, idempotency_key, digest)
        if entry is None:
            expires_at = self._clock() + self._timing.idempotency_ms
            entry = self._answered[owner, idempotency_key] = _Answered(digest, expires_at)
        if entry.answer is None:
            entry.answer = answer

    async def recall_answer(self, owner: str, idempotency_key: str, digest: str) -> str | None:
        """See `TaskStore.recall_answer`."""
        entry = self._answer_to(owner, idempotency_key, digest)
        return entry.answer if entry else None

    # --- events

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

    def _end(self, record: Record) -> None:
        self._leave_line(record)
        if record.snapshot.state is TaskState.FAILURE:
            self._dead[record.new.task_id] = self._clock()

    def _refusal(self, record: Record | None, attempt: int) -> AppendOutcome | None:
        """Why a worker's write is not taken. An expired lease is no reason; only a raised attempt is."""
        if record is None:
            return AppendOutcome.GONE
        if record.snapshot.state in ENDED:
            return AppendOutcome.ENDED
        return AppendOutcome.STALE if attempt != record.attempt else None

    async def append(self, task_id: str, attempt: int, producer: int, data: EventData) -> Appended:
        """See `TaskStore.append`."""
        record = self._tasks.get(task_id)
        refusal = self._refusal(record, attempt)
        if record is None or (refusal and producer != record.producer):
            return Appended(refusal or AppendOutcome.GONE)
        if attempt == record.attempt and 0 < producer <= record.producer:
            return Appended(AppendOutcome.APPENDED, record.snapshot.epoch, record.producer_seq)
        if refusal:
            return Appended(refusal)
        restore = record.snapshot.epoch != self._epoch
        event = self._log(record, data)
        record.producer, record.producer_seq = producer, event.seq
        return Appended(AppendOutcome.APPENDED, event.epoch, event.seq, restore)

    # --- admission

    def _live_cards(self) -> list[WorkerCard]:
        now = self._clock()
        return [card for expires_at, card in self._cards.values() if expires_at > now]

    def _kind_bucket(self, kind: TaskKind, cards: Sequence[WorkerCard]) -> Bucket:
        bucket, rate = self._buckets[f"kind:{kind}"], limit_of(kind, cards)
        if bucket.rate != rate:
            bucket.set_rate(rate, self._clock())
        return bucket

    def _account_bucket(self, account: Account) -> Bucket:
        bucket = self._buckets[f"requests:{account.model}"]
        if account.rpm > 0 and bucket.rate != account.rpm and not bucket.known:
            bucket.set_rate(account.rpm, self._clock())
        return bucket

    def _call_open(self, account: Account | None) -> tuple[bool, int | None]:
        if account is None:
            return True, None
        in_flight = len(self._calls[account.model])
        return call_opens_at(self._account_bucket(account), account, in_flight, self._clock())

    def _free(self, kind: TaskKind, cards: Sequence[WorkerCard]) -> int:
        claimed = {worker: len(tasks) for worker, tasks in self._worker_tasks.items()}
        return free_slots(kind, cards, claimed, {k: len(tasks) for k, tasks in self._reserved.items()})

    async def admit(self) -> Admission | NothingAdmitted:
        """See `TaskStore.admit`."""
        now = self._clock()
        self._unpark(now)
        cards = self._live_cards()
        account = account_of(cards)
        call_open, call_opens = self._call_open(account)
        next_at: list[int] = list(self._parked.values())
        for kind in ADMISSION_ORDER:
            if not self._waiting[kind] or self._free(kind, cards) <= 0:
                continue
            opens = [at for at in (self._kind_bucket(kind, cards).opens_at(now), call_opens) if at is not None]
            if call_open and not opens:
                return self._start(self._tasks[self._waiting[kind][0][1]], account, cards)
            next_at += opens[-1:] if len(opens) < 2 else [max(opens)]
        return NothingAdmitted(min(next_at) - now if next_at else None)

    def _start(self, record: Record, account: Account | None, cards: Sequence[WorkerCard]) -> Admission:
        now, task_id, kind = self._clock(), record.new.task_id, record.new.kind
        self._leave_line(record)
        self._kind_bucket(kind, cards).take(now)
        if account is not None:
            self._account_bucket(account).take(now)
            self._calls[account.model].add(task_id)
            record.model = account.model
        record.attempt, record.producer, record.token = record.attempt + 1, 0, None
        self._reserved[kind][task_id] = now + self._timing.claim_ms
        self._log(record, TaskAdmitted(attempt=record.attempt))
        return Admission(task_id, record.attempt, kind)

    def _unpark(self, now: int) -> None:
        for task_id in [t for t, due in self._parked.items() if due <= now]:
            del self._parked[task_id]
            self._queue_again(self._tasks[task_id], "retried")

    def _queue_again(self, record: Record, reason: QueueReason) -> None:
        self._log(record, self._queued(record, reason))
        self._stand_in_line(record)
        self._wake()

    def _wake(self) -> None:
        self._exchange.publish(key("wake_channel"), "")

    # --- the lease

    async def claim(self, task_id: str, attempt: int, token: str, worker_id: str) -> Claim | None:
        """See `TaskStore.claim`."""
        record = self._tasks.get(task_id)
        if record is None or self._refusal(record, attempt):
            return None
        if record.token != token:
            if task_id not in self._reserved[record.new.kind]:
                return None
            if record.suspect and any(self._tasks[t].suspect for t in self._worker_tasks[worker_id]):
                self._refund(record)
                self._queue_again(record, "placed_elsewhere")
                return None
            self._begin(record, token, worker_id)
        return Claim(record.snapshot, record.new.input, record.new.owner, record.failures)

    def _begin(self, record: Record, token: str, worker_id: str) -> None:
        task_id, now = record.new.task_id, self._clock()
        del self._reserved[record.new.kind][task_id]
        self._claimed[task_id] = now + self._timing.lease_ms
        self._worker_tasks[worker_id].add(task_id)
        record.token, record.worker, record.claimed_at = token, worker_id, now

    def _refund(self, record: Record) -> None:
        """Undo an admission that no worker has begun: nothing was spent."""
        self._reserved[record.new.kind].pop(record.new.task_id, None)
        self._buckets[f"kind:{record.new.kind}"].give_back(self._clock())
        if record.model is not None:
            self._buckets[f"requests:{record.model}"].give_back(self._clock())
        self._free_call(record)

    def _free_call(self, record: Record) -> None:
        if record.model is not None:
            self._calls[record.model].discard(record.new.task_id)
            record.model = None

    async def renew(self, task_id: str, attempt: int, token: str) -> bool:
        """See `TaskStore.renew`."""
        record = self._tasks.get(task_id)
        if record is None or self._refusal(record, attempt) or record.token != token or task_id not in self._claimed:
            return False
        self._claimed[task_id] = self._clock() + self._timing.lease_ms
        return True

    async def release(self, task_id: str, token: str, *, succeeded_model: str | None = None) -> None:
        """See `TaskStore.release`."""
        record = self._tasks.get(task_id)
        if record is not None and record.token == token:
            self._set_free(record)
        if succeeded_model is not None:
            self._success[succeeded_model] = self._clock()
            bucket = self._buckets[f"requests:{succeeded_model}"]
            bucket.probing, bucket.known = False, True
            bucket.reason = None

    def _set_free(self, record: Record) -> None:
        """Give the slot and the call back, and remember how long such a run takes."""
        task_id = record.new.task_id
        if task_id in self._claimed and record.snapshot.state is TaskState.SUCCESS:
            ran, kind = self._clock() - record.claimed_at, record.new.kind
            self._pace[kind] = round(0.8 * self._pace.get(kind, ran) + 0.2 * ran)
        self._drop_lease(record)
        self._wake()

    def _drop_lease(self, record: Record) -> None:
        task_id = record.new.task_id
        self._claimed.pop(task_id, None)
        if record.worker is not None:
            self._worker_tasks[record.worker].discard(task_id)
        record.token = record.worker = None
        self._free_call(record)

    async def park(
        self,
        task_id: str,
        attempt: int,
        token: str,
        *,
        reason: str,
        delay_ms: int,
        counts_for_model: str | None,
        failure: TaskError,
    ) -> TaskState | None:
        """See `TaskStore.park`."""
        record = self._tasks.get(task_id)
        if record is None or self._refusal(record, attempt) or record.token != token:
            return None
        now = self._clock()
        # >= so that a success in the very millisecond of the last failure is one that came after it
        if counts_for_model is None or self._success.get(counts_for_model, -1) >= record.failed_at:
            record.tries += 1
        record.failed_at, record.failures = now, record.failures + 1
        if record.tries >= MAX_TRIES:
            self._log(record, TaskFailed(error=failure))
        else:
            self._log(record, TaskRetrying(reason=reason, retry_at=now + delay_ms))
            self._parked[task_id] = now + delay_ms
        self._set_free(record)
        return record.snapshot.state

    async def put_back(self, task_id: str, attempt: int, token: str, *, reason: QueueReason) -> bool:
        """See `TaskStore.put_back`."""
        record = self._tasks.get(task_id)
        if record is None or self._refusal(record, attempt) or record.token != token:
            return False
        self._drop_lease(record)
        self._queue_again(record, reason)
        return True

    async def cancel(self, task_id: str) -> TaskState | None:
        """See `TaskStore.cancel`."""
        record = self._tasks.get(task_id)
        if record is None:
            return None
        if record.snapshot.state not in ENDED:
            if task_id in self._reserved[record.new.kind]:
                self._refund(record)
            self._log(record, TaskCancelled())
            self._exchange.publish(key("control_channel"), f"cancel {task_id}")
            self._wake()
        return record.snapshot.state

    # --- the sweep

    async def sweep(self) -> int:
        """See `TaskStore.sweep`."""
        now, last = self._clock(), self._swept_at
        self._swept_at = now
        self._forget_old(now)
        if now - last > self._timing.store_away_ms:
            self._extend_leases()
            return 0
        lost = [t for of_kind in self._reserved.values() for t, until in of_kind.items() if until <= now]
        for task_id in lost:
            self._refund(self._tasks[task_id])
            self._queue_again(self._tasks[task_id], "message_lost")
        dropped = [t for t, until in self._claimed.items() if until <= now]
        for task_id in dropped:
            self._lose(self._tasks[task_id])
        return len(lost) + len(dropped)

    def _extend_leases(self) -> None:
        """Nobody could renew while nobody could sweep: an old lease says nothing about its worker."""
        for of_kind in self._reserved.values():
            for task_id in of_kind:
                of_kind[task_id] += self._timing.claim_ms
        for task_id in self._claimed:
            self._claimed[task_id] += self._timing.lease_ms

    def _lose(self, record: Record) -> None:
        """A lease ran out. Everything that ran in that process is suspect; who was its only suspect,
        or all alone in it, has a loss counted."""
        worker = record.worker or ""
        crowd = self._lost_crowds.setdefault(worker, len(self._worker_tasks[worker]))
        self._drop_lease(record)
        if not self._worker_tasks[worker]:
            self._lost_crowds.pop(worker, None)
        if record.snapshot.state in ENDED:
            return
        if record.suspect or crowd == 1:
            record.losses += 1
        record.suspect = True
        if record.losses >= MAX_TRIES:
            self._log(record, TaskFailed(error=WORKER_LOST))
        else:
            self._queue_again(record, "worker_lost")

    def _forget_old(self, now: int) -> None:
        for task_id, record in list(self._tasks.items()):
            ended_at = record.snapshot.ended_at
            if ended_at is None:
                continue
            if now - ended_at > self._timing.log_kept_ms:
                record.log.clear()
            if now - ended_at > self._timing.retention_ms:
                self.forget(task_id)

    def forget(self, task_id: str) -> None:
        """Remove an ended task. A worker that still runs it is refused from now on."""
        record = self._tasks.pop(task_id)
        self._dead.pop(task_id, None)
        self._reserved[record.new.kind].pop(task_id, None)
        self._drop_lease(record)
        self.unlink_task(record.new)
        self._exchange.publish(key("task_channel", task_id), f"{self._epoch}:{record.snapshot.seq + 1}:")

    def summary(self, task_id: str) -> TaskSummary:
        """A task as a line of a list."""
        return summary_of(self._tasks[task_id].snapshot)

    # --- budgets and workers

    async def learn(self, model: str, limits: LimitsLearned) -> None:
        """See `TaskStore.learn`."""
        self._buckets[f"requests:{model}"].believe(limits, self._clock())
        self._wake()

    async def close_budget(self, model: str, until_ms: int, reason: str) -> None:
        """See `TaskStore.close_budget`."""
        bucket, until = self._buckets[f"requests:{model}"], self._clock() + until_ms
        if until > bucket.closed_until:
            bucket.closed_until, bucket.reason = until, reason
        bucket.probing = bucket.probing or reason != "rate_limited"

    async def announce(self, card: WorkerCard) -> None:
        """See `TaskStore.announce`."""
        now = self._clock()
        is_new = card.worker_id not in self._cards or self._cards[card.worker_id][0] <= now
        self._cards[card.worker_id] = (now + 3 * self._timing.announce_ms, card)
        if is_new:
            self._wake()

    async def withdraw(self, worker_id: str) -> None:
        """See `TaskStore.withdraw`."""
        self._cards.pop(worker_id, None)

    # --- reading

    async def read(self, task_id: str, epoch: int | None, since: int) -> Reading | None:
        """See `TaskStore.read`."""
        record = self._tasks.get(task_id)
        if record is None:
            return None
        snapshot = record.snapshot
        head = (record.new.owner, snapshot.epoch, snapshot.seq, snapshot.state)
        if epoch is None:
            epoch, since = (snapshot.epoch, 0) if snapshot.seq <= PAGE else (-1, 0)
        events = [text for seq, text in record.log if seq > since]
        whole = len(events) == snapshot.seq - since and since >= record.epoch_from - 1
        if epoch != snapshot.epoch or not whole:
            return Reading(*head, snapshot=snapshot)
        return Reading(*head, events=tuple(events[:PAGE]), more=len(events) > PAGE)

    async def numbers(self, task_ids: Sequence[str]) -> list[tuple[int, int] | None]:
        """See `TaskStore.numbers`."""
        found = (self._tasks.get(task_id) for task_id in task_ids)
        return [(r.snapshot.epoch, r.snapshot.seq) if r else None for r in found]

    async def task_input(self, task_id: str) -> NewTask | None:
        """See `TaskStore.task_input`."""
        record = self._tasks.get(task_id)
        return record.new if record else None

    async def stats(self) -> Stats:
        """See `TaskStore.stats`."""
        cards = self._live_cards()
        return Stats(
            now=self._clock(),
            workers=len(cards),
            slots=sum(card.slots for card in cards),
            engines=tuple(sorted({card.engine for card in cards})),
            kinds={kind: self._kind_stats(kind, cards) for kind in TaskKind},
            budgets={name: self._budget_stats(name, b) for name, b in self._buckets.items()},
            dead=len(self._dead),
        )

    def _kind_stats(self, kind: TaskKind, cards: Sequence[WorkerCard]) -> KindStats:
        now, account, waiting = self._clock(), account_of(cards), self._waiting[kind]
        call_open, call_opens = self._call_open(account)
        reason = self._account_bucket(account).reason if account else None
        why, reopens_at = why_waiting(
            slots=slots_of(kind, cards),
            kind_opens=self._kind_bucket(kind, cards).opens_at(now),
            call_open=call_open,
            call_opens=call_opens,
            reason=reason,
        )
        return KindStats(
            waiting=len(waiting),
            reserved=len(self._reserved[kind]),
            active=sum(1 for task_id in self._claimed if self._tasks[task_id].new.kind is kind),
            parked=sum(1 for task_id in self._parked if self._tasks[task_id].new.kind is kind),
            slots=slots_of(kind, cards),
            free=max(0, self._free(kind, cards)),
            oldest_at=self._tasks[waiting[0][1]].snapshot.created_at if waiting else None,
            run_ms=self._pace.get(kind),
            limit_per_minute=limit_of(kind, cards) or None,
            waiting_for=why,
            reopens_at=reopens_at,
        )

    def _budget_stats(self, name: str, bucket: Bucket) -> BudgetStats:
        now = self._clock()
        closed = bucket.closed_until if bucket.closed_until > now else None
        return BudgetStats(
            limit=bucket.rate or None,
            left=bucket.refill(now) if bucket.rate else None,
            in_flight=len(self._calls.get(name.removeprefix("requests:"), ())),
            closed_until=closed,
            reason=bucket.reason if closed else None,
        )

    async def waiting(self, kind: TaskKind, count: int) -> tuple[str, ...]:
        """See `TaskStore.waiting`."""
        return tuple(task_id for _, task_id in self._waiting[kind][:count])

    def _position(self, record: Record) -> int | None:
        line, entry = self._waiting[record.new.kind], (record.slot, record.new.task_id)
        index = bisect_left(line, entry)
        return index + 1 if index < len(line) and line[index] == entry else None

    async def position(self, task_id: str, kind: TaskKind) -> int | None:
        """See `TaskStore.position`."""
        record = self._tasks.get(task_id)
        return self._position(record) if record else None

    async def list_tasks(
        self, owner: str, *, state: TaskState | None, document_id: str | None, before: int | None, count: int
    ) -> tuple[tuple[TaskSummary, ...], int | None]:
        """See `TaskStore.list_tasks`. The cursor is the order of arrival."""
        mine = [r for r in self._tasks.values() if r.new.owner == owner and (before is None or r.order < before)]
        if state is not None:
            mine = [r for r in mine if r.snapshot.state is state]
        if document_id is not None:
            mine = [r for r in mine if r.new.document_id == document_id]
        page = sorted(mine, key=lambda r: r.order, reverse=True)[:count]
        cursor = page[-1].order if len(page) < len(mine) else None
        return tuple(summary_of(r.snapshot) for r in page), cursor

    def feed(self) -> MemoryFeed:
        """See `Store.feed`."""
        return MemoryFeed(self._exchange)

    async def ping(self) -> None:
        """Memory always answers."""

    async def durability(self) -> str:
        """Nothing outlives the process."""
        return "none"

    async def now_ms(self) -> int:
        """See `Store.now_ms`."""
        return self._clock()

    async def close(self) -> None:
        """There is nothing to give back."""


def summary_of(snapshot: Snapshot) -> TaskSummary:
    """A snapshot as a line of a list."""
    return TaskSummary(
        task_id=snapshot.task_id,
        kind=snapshot.kind,
        state=snapshot.state,
        document_id=snapshot.document_id,
        section_id=snapshot.section_id,
        progress=snapshot.progress,
        created_at=snapshot.created_at,
        ended_at=snapshot.ended_at,
        error=snapshot.error,
    )
