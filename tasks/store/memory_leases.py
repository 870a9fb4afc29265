"""The memory store's leases: taken, renewed, given back, lost."""

from __future__ import annotations

from tasks.contract.errors import TaskError
from tasks.contract.events import QueueReason, TaskCancelled, TaskFailed, TaskRetrying
from tasks.contract.limits import Spent
from tasks.contract.names import key
from tasks.contract.states import ENDED, MAX_TRIES, TaskState
from tasks.store.admission import NOTHING, Need
from tasks.store.memory_figures import MemoryFigures
from tasks.store.memory_log import Record
from tasks.store.ports import Claim
from tasks.store.reading import WORKER_LOST


class MemoryLeases(MemoryFigures):
    """The right to run an attempt."""

    async def claim(self, task_id: str, attempt: int, token: str, worker_id: str) -> Claim | None:
        """See `TaskStore.claim`."""
        record = self._tasks.get(task_id)
        if record is None or not self._is_current(record, attempt):
            return None
        if record.token != token:
            if task_id not in self._reserved[record.new.kind]:
                return None
            if record.suspect and any(self._tasks[t].suspect for t in self._worker_tasks[worker_id]):
                self._refund(record)
                # not at once: while every process runs a suspect it would be admitted again and again
                retry_at = self._clock() + self._timing.tick_ms
                self._log(record, TaskRetrying(reason="placed_elsewhere", retry_at=retry_at))
                self._parked[task_id] = retry_at
                return None
            self._begin(record, token, worker_id)
        new = record.new
        return Claim(
            record.snapshot, new.input, new.owner, record.failures, new.asked_engine, record.model, record.ran_ms
        )

    def _begin(self, record: Record, token: str, worker_id: str) -> None:
        task_id, now = record.new.task_id, self._clock()
        del self._reserved[record.new.kind][task_id]
        self._claimed[task_id] = now + self._timing.lease_ms
        self._worker_tasks[worker_id].add(task_id)
        record.token = record.writer = token
        record.writer_epoch = self._epoch
        record.worker, record.claimed_at = worker_id, now

    def _refund(self, record: Record) -> None:
        """Undo an admission that no worker has begun: nothing was spent."""
        self._unspend(record)
        self._reserved[record.new.kind].pop(record.new.task_id, None)
        self._give_back(f"kind:{record.new.kind}")
        self._free_call(record)

    def _unspend(self, record: Record) -> None:
        """Its call has taken nothing of the account."""
        self._settle(record, NOTHING)
        if record.model is not None:
            self._give_back(f"requests:{record.model}")

    def _settle(self, record: Record, used: Need) -> None:
        """The owner and the budgets pay what it was, not what it was thought to be."""
        held = record.held
        if held is None:
            return
        record.held = None
        self._turns.charge(record.party, (used.cost - held.cost) / record.new.weight)
        if record.model is not None:
            for what, taken, real in zip(("input", "output"), held, used, strict=True):
                self._give_back(f"{what}:{record.model}", taken - real)

    def _free_call(self, record: Record) -> None:
        if record.model is not None:
            self._calls[record.model].discard(record.new.task_id)
            warmed = record.new.kind, record.new.document_id or "", record.model
            if record.warms and self._warmth.get(warmed, (None, 0))[0] == record.new.task_id:
                del self._warmth[warmed]  # it ended before its document was in the cache: another one has to write it
            record.model, record.warms = None, False

    async def renew(self, task_id: str, attempt: int, token: str) -> bool:
        """See `TaskStore.renew`."""
        record = self._tasks.get(task_id)
        if (
            record is None
            or not self._is_current(record, attempt)
            or record.token != token
            or task_id not in self._claimed
        ):
            return False
        self._claimed[task_id] = self._clock() + self._timing.lease_ms
        return True

    async def release(
        self, task_id: str, token: str, *, succeeded_model: str | None = None, spent: Spent | None = None
    ) -> None:
        """See `TaskStore.release`."""
        record, slow = self._tasks.get(task_id), False
        in_flight = len(self._calls[succeeded_model]) if succeeded_model is not None else 0
        if record is not None and record.token == token:
            if spent is not None:
                slow = self._note_spent(record, Need(spent.input_tokens, spent.output_tokens))
            if succeeded_model is not None:
                self._success[succeeded_model] = max(self._success.get(succeeded_model, 0), record.claimed_at)
            self._set_free(record)
            if record.snapshot.state is TaskState.PROGRESS:
                # its worker ended it in data that a restore took back: somebody has to do it again
                self._queue_again(record, "handed_back")
        if succeeded_model is not None:
            self._buckets[f"requests:{succeeded_model}"].note_success(self._clock(), in_flight, slow=slow)

    def _note_spent(self, record: Record, used: Need) -> bool:
        """Settle, and learn from it; whether answers have become slow."""
        expected = self._expected(record.model, record.new.kind)
        expected.learn(record.new.input_chars, used._replace(input=used.input - record.held_shared))
        self._settle(record, used)
        ended = record.snapshot.state is TaskState.SUCCESS
        return ended and expected.note_run(self._clock() - record.claimed_at, used.output)

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
            if not self._worker_tasks[record.worker]:
                self._lost_crowds.pop(record.worker, None)
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
        last: bool = False,
        refused: bool = False,
    ) -> TaskState | None:
        """See `TaskStore.park`."""
        record = self._tasks.get(task_id)
        if record is None or not self._is_current(record, attempt) or record.token != token:
            return None
        now = self._clock()
        # a call that began before the failure says nothing of the time after it, however late it ended;
        # >= so that one which began in the very millisecond of the failure counts
        if counts_for_model is None or self._success.get(counts_for_model, -1) >= record.failed_at:
            record.tries += 1
            record.ran_ms += now - record.claimed_at
        record.failed_at, record.failures = now, record.failures + 1
        if refused:
            self._unspend(record)
        if counts_for_model is not None:
            in_flight = len(self._calls[counts_for_model])
            bucket = self._buckets[f"requests:{counts_for_model}"]
            bucket.note_failure(now, in_flight, reason, self._timing.tick_ms)
        if last or record.tries >= MAX_TRIES:
            self._log(record, TaskFailed(error=failure))
        else:
            self._log(record, TaskRetrying(reason=reason, retry_at=now + delay_ms, tries=record.tries))
            self._parked[task_id] = now + delay_ms
        self._set_free(record)
        return record.snapshot.state

    async def put_back(self, task_id: str, attempt: int, token: str, *, reason: QueueReason) -> bool:
        """See `TaskStore.put_back`."""
        record = self._tasks.get(task_id)
        if record is None or not self._is_current(record, attempt) or record.token != token:
            return False
        self._settle(record, NOTHING)
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

    async def sweep(self) -> int:
        """See `TaskStore.sweep`."""
        now, last = self._clock(), self._swept_at
        self._swept_at = now
        self._forget_old(now)
        self._turns.forget(now - self._timing.retention_ms)
        if now - last > self._timing.store_away_ms:
            self._extend_leases()
            return 0
        lost = [t for of_kind in self._reserved.values() for t, until in of_kind.items() if until <= now]
        for task_id in lost:
            self._refund(self._tasks[task_id])
            if self._tasks[task_id].snapshot.state not in ENDED:
                self._queue_again(self._tasks[task_id], "message_lost")
        dropped = [t for t, until in self._claimed.items() if until <= now]
        for task_id in dropped:
            self._lose(self._tasks[task_id])
        return len(lost) + len(dropped)

    def _extend_leases(self) -> None:
        """Nobody could renew while nobody could sweep: an old lease says nothing about its worker."""
        now = self._clock()
        for of_kind in self._reserved.values():
            for task_id, until in of_kind.items():
                of_kind[task_id] = max(until, now) + self._timing.claim_ms
        for task_id, until in self._claimed.items():
            self._claimed[task_id] = max(until, now) + self._timing.lease_ms

    def _lose(self, record: Record) -> None:
        """A lease ran out. Everything that ran in that process is suspect; who was its only suspect,
        or all alone in it, has a loss counted."""
        worker = record.worker or ""
        crowd = self._lost_crowds.setdefault(worker, len(self._worker_tasks[worker]))
        self._drop_lease(record)
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
        self._books.forget(now - self._timing.retention_ms)
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
        answered = record.new.owner, record.new.identity
        if self._known.get(answered) == task_id:
            del self._known[answered]
        self._reserved[record.new.kind].pop(task_id, None)
        self._drop_lease(record)
        self.unlink_task(record.new)
        self._exchange.publish(key("task_channel", task_id), f"{self._epoch}:{record.snapshot.seq + 1}:")
