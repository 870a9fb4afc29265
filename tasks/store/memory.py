"""The store in memory: the same rules, for one process and for the deterministic simulation.

No method awaits anything, so each is one atomic decision, as a script is on Redis. It is built up
from the log (`memory_log`) over money, admission and figures to leases (`memory_leases`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tasks.contract.errors import IdempotencyMismatch, NotFound
from tasks.contract.events import EventData
from tasks.contract.names import key
from tasks.contract.states import Snapshot, TaskState
from tasks.contract.submissions import NewTask
from tasks.contract.timing import Timing
from tasks.store.known_answers import events_from, may_be_known
from tasks.store.memory_feed import MemoryFeed
from tasks.store.memory_leases import MemoryLeases
from tasks.store.memory_log import Record, system_clock_ms
from tasks.store.ports import Reading, Submitted, TaskSummary
from tasks.store.reading import PAGE, first_page, line_of_list

_OF_SNAPSHOT: Final = {"task_id", "kind", "document_id", "section_id", "conversation_id"}


@dataclass(slots=True)
class _Answered:
    digest: str
    expires_at: int
    task_ids: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()
    answer: str | None = None


class MemoryStore(MemoryLeases):
    """`Store` without Redis. What it keeps dies with the process."""

    def __init__(self, timing: Timing, clock: Callable[[], int] = system_clock_ms) -> None:
        super().__init__(timing, clock)
        self._answered: dict[tuple[str, str], _Answered] = {}

    async def submit(
        self, tasks: Sequence[NewTask], *, idempotency_key: str | None = None, digest: str = ""
    ) -> Submitted:
        """See `TaskStore.submit`."""
        owner = tasks[0].owner
        known = self._answer_to(owner, idempotency_key, digest) if idempotency_key is not None else None
        if known is not None and known.task_ids:
            return Submitted(known.task_ids, known.positions, replayed=True, answer=known.answer)
        if any(task.document_id and not self.has_document(task.document_id) for task in tasks):
            raise NotFound
        answers = {task.task_id: events for task in tasks if (events := self._known_events(task))}
        costs = self._expected_nanos(tasks, answers)
        self._refuse_beyond_limit(owner, sum(costs))
        positions = tuple(
            self._add(task, nanos, answers.get(task.task_id, ())) for task, nanos in zip(tasks, costs, strict=True)
        )
        submitted = Submitted(tuple(task.task_id for task in tasks), positions, known=frozenset(answers))
        if idempotency_key is not None:
            expires_at = self._clock() + self._timing.idempotency_ms
            entry = _Answered(digest, expires_at, submitted.task_ids, positions)
            self._answered[owner, idempotency_key] = entry
        self._wake()
        return submitted

    def _known_events(self, task: NewTask) -> tuple[EventData, ...]:
        """What answers the task as an earlier one of its owner was answered by the present model."""
        earlier = self._tasks.get(self._known.get((task.owner, task.identity), "")) if may_be_known(task) else None
        if earlier is None or self._caps is None or earlier.snapshot.model != self._caps.model:
            return ()
        return events_from(earlier.snapshot, task)

    def _add(self, new: NewTask, nanos: int, answer: Sequence[EventData]) -> int:
        if new.task_id in self._tasks:
            return self._position(self._tasks[new.task_id]) or 0
        self._order += 1
        snapshot = Snapshot.model_validate(
            {**new.model_dump(include=_OF_SNAPSHOT), "created_at": self._clock()}
        ).model_copy(update={"epoch": self._epoch})
        record = self._tasks[new.task_id] = Record(new, snapshot, self._order)
        self._hold(record, nanos)
        self.link_task(new, snapshot.created_at)
        first = self._log(record, self._queued(record, "submitted"))
        record.snapshot = record.snapshot.model_copy(update={"created_at": first.at})
        if new.document_id:
            self._exchange.publish(key("document_channel", new.document_id), new.task_id)
        for data in answer:
            self._log(record, data)
        if not answer:
            self._stand_in_line(record)
        return self._position(record) or 0

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
        page = first_page(events)
        return Reading(*head, events=page, more=len(page) < len(events))

    async def numbers(self, task_ids: Sequence[str]) -> list[tuple[int, int] | None]:
        """See `TaskStore.numbers`."""
        found = (self._tasks.get(task_id) for task_id in task_ids)
        return [(r.snapshot.epoch, r.snapshot.seq) if r else None for r in found]

    async def task_input(self, task_id: str) -> NewTask | None:
        """See `TaskStore.task_input`."""
        record = self._tasks.get(task_id)
        return record.new if record else None

    async def list_tasks(
        self, owner: str, *, state: TaskState | None, document_id: str | None, before: int | None, count: int
    ) -> tuple[tuple[TaskSummary, ...], int | None]:
        """See `TaskStore.list_tasks`. The cursor is the order of arrival."""
        mine = [r for r in self._tasks.values() if r.new.owner == owner and (before is None or r.order < before)]
        if state is not None:
            mine = [r for r in mine if r.snapshot.state is state]
        if state is TaskState.FAILURE:
            mine = [r for r in mine if r.sent_again_as is None]
        if document_id is not None:
            mine = [r for r in mine if r.new.document_id == document_id]
        page = sorted(mine, key=lambda r: r.order, reverse=True)[:count]
        cursor = page[-1].order if len(page) < len(mine) else None
        return tuple(line_of_list(r.snapshot, r.sent_again_as) for r in page), cursor

    async def delete_task(self, task_id: str, owner: str) -> bool:
        """See `TaskStore.delete_task`."""
        record = self._tasks.get(task_id)
        if record is None or record.new.owner != owner or record.new.document_id:
            return False
        await self.cancel(task_id)
        self.forget(task_id)
        self.forget_conversation(record.new.conversation_id)
        return True

    async def note_sent_again(self, task_id: str, as_task_id: str) -> None:
        """See `TaskStore.note_sent_again`."""
        if task_id in self._tasks:
            self._tasks[task_id].sent_again_as = self._tasks[task_id].sent_again_as or as_task_id
            self._dead.pop(task_id, None)

    def summary(self, task_id: str) -> TaskSummary:
        """A task as a line of a list."""
        record = self._tasks[task_id]
        return line_of_list(record.snapshot, record.sent_again_as)

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
