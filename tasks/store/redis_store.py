"""The store on Redis or Valkey: one Lua script a decision, on the server's clock."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from tasks.contract.errors import IdempotencyMismatch, NotFound, StoreFull, TaskError
from tasks.contract.events import EventData, QueueReason
from tasks.contract.limits import LimitsLearned, Spent
from tasks.contract.names import TaskKind, key
from tasks.contract.states import MAX_TRIES, TaskState
from tasks.contract.submissions import NewTask
from tasks.contract.timing import Timing
from tasks.store.history import MINUTES
from tasks.store.known_answers import events_from, may_be_known
from tasks.store.ports import (
    Admission,
    Appended,
    AppendOutcome,
    Claim,
    Costs,
    MinuteStats,
    NothingAdmitted,
    Reading,
    Standing,
    Stats,
    Submitted,
    TaskSummary,
    WorkerCard,
)
from tasks.store.reading import PAGE, PAGE_BYTES, WORKER_LOST, cost_refusal
from tasks.store.redis_codec import (
    append_args,
    card_json,
    cost_level,
    costs_of,
    history_of,
    owner_line,
    pairs,
    reading_of,
    snapshot_of,
    stats_of,
    summary_of,
    task_args,
)
from tasks.store.redis_connection import RedisConnection
from tasks.store.redis_documents import RedisDocuments
from tasks.store.redis_feed import RedisFeed
from tasks.store.turns import order_of_admission

_LIST_STEP = 100


class RedisStore(RedisDocuments):
    """`Store` on Redis. Make it inside the event loop that uses it.

    Raises (every method): StoreUnavailable, and StoreFull where it writes.
    """

    def __init__(self, url: str, timing: Timing) -> None:
        super().__init__(RedisConnection(url, timing), timing)

    # --- submission

    async def submit(
        self, tasks: Sequence[NewTask], *, idempotency_key: str | None = None, digest: str = ""
    ) -> Submitted:
        """See `TaskStore.submit`."""
        asks = tasks[0]
        weight = "" if asks.weight == 1 else asks.weight
        head = (asks.owner, _hashed(idempotency_key), digest, asks.group, weight)
        args = [item for task in tasks for item in task_args(task, look=may_be_known(task))]
        try:
            reply = await self._redis.run("submit", *head, *args)
        except StoreFull:  # it takes nothing new, but knows what it has taken
            reply = [b"replayed", *await self._recorded(tasks[0].owner, idempotency_key, digest)]
            if reply[1] is None:
                raise
        answers: list[tuple[EventData, ...]] = []
        if reply[0] == b"known":
            earlier = zip(tasks, reply[1].decode().split(","), strict=True)
            answers = await asyncio.gather(*(self._known(task, task_id) for task, task_id in earlier))
            both = zip(tasks, answers, strict=True)
            args = [item for task, events in both for item in task_args(task, look=False, events=events)]
            reply = await self._redis.run("submit", *head, *args)
        if reply[0] == b"mismatch":
            raise IdempotencyMismatch
        if reply[0] == b"gone":
            raise NotFound
        if reply[0] == b"cost_limit":
            raise cost_refusal(cost_level(json.loads(reply[2])), of_owner=reply[1] == b"owner", now=int(reply[3]))
        ids, positions = (reply[i].decode().split(",") for i in (1, 2))
        answer = reply[3].decode() if len(reply) > 3 and reply[3] is not None else None
        replayed = reply[0] == b"replayed"
        known = frozenset(task.task_id for task, events in zip(tasks, answers, strict=False) if events)
        return Submitted(tuple(ids), tuple(int(p) for p in positions), replayed, answer, known)

    async def _known(self, task: NewTask, earlier_id: str) -> tuple[EventData, ...]:
        """What answers the task as an earlier one was; nothing when that one is gone."""
        reading = await self.read(earlier_id, -1, 0) if earlier_id else None
        return events_from(reading.snapshot, task) if reading and reading.snapshot else ()

    async def record_answer(self, owner: str, idempotency_key: str, digest: str, answer: str) -> None:
        """See `TaskStore.record_answer`."""
        if await self._redis.run("record_answer", owner, _hashed(idempotency_key), digest, answer) == b"mismatch":
            raise IdempotencyMismatch

    async def recall_answer(self, owner: str, idempotency_key: str, digest: str) -> str | None:
        """See `TaskStore.recall_answer`."""
        *_, answer = await self._recorded(owner, idempotency_key, digest)
        return answer.decode() if answer is not None else None

    async def _recorded(self, owner: str, idempotency_key: str | None, digest: str) -> list[Any]:
        """Task ids, positions and answer of the request with that key; None for what is not known."""
        recorded = key("idempotency", owner, _hashed(idempotency_key))
        row: list[Any] = await self._redis.command("HMGET", recorded, "digest", "task_ids", "positions", "answer")
        if row[0] not in (None, digest.encode()):
            raise IdempotencyMismatch
        return row[1:]

    # --- admission and the lease

    async def admit(self) -> Admission | NothingAdmitted:
        """See `TaskStore.admit`."""
        reply = [part.decode() for part in await self._redis.run("admit")]
        if len(reply) == 1:
            return NothingAdmitted(int(reply[0]) if reply[0] else None)
        return Admission(reply[0], int(reply[1]), TaskKind(reply[2]), reply[3] or None)

    async def claim(self, task_id: str, attempt: int, token: str, worker_id: str) -> Claim | None:
        """See `TaskStore.claim`."""
        reply = await self._redis.run("claim", task_id, attempt, token, worker_id)
        if reply is None:
            return None
        flat, text, findings, given, owner, failures, ran_ms, *asked = reply
        asked_engine, model = (value.decode() if value else None for value in asked)
        snapshot = snapshot_of(flat, text, findings)
        return Claim(snapshot, json.loads(given), owner.decode(), int(failures), asked_engine, model, int(ran_ms))

    async def renew(self, task_id: str, attempt: int, token: str) -> bool:
        """See `TaskStore.renew`."""
        return bool(await self._redis.run("renew", task_id, attempt, token))

    async def append(self, task_id: str, token: str, producer: int, data: EventData) -> Appended:
        """See `TaskStore.append`."""
        reply = await self._redis.run("append", task_id, token, producer, *append_args(data))
        outcome, *numbers = reply.decode().split()
        if not numbers:
            return Appended(AppendOutcome(outcome))
        epoch, seq, restore = (int(number) for number in numbers)
        return Appended(AppendOutcome(outcome), epoch, seq, bool(restore))

    async def release(
        self, task_id: str, token: str, *, succeeded_model: str | None = None, spent: Spent | None = None
    ) -> None:
        """See `TaskStore.release`."""
        used = (spent.input_tokens, spent.output_tokens) if spent else ("", "")
        await self._redis.run("release", task_id, token, succeeded_model or "", *used)

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
        why = (
            json.dumps(reason),
            delay_ms,
            counts_for_model or "",
            failure.model_dump_json(),
            0 if last else MAX_TRIES,
            int(refused),
        )
        reply = await self._redis.run("park", task_id, attempt, token, *why)
        return TaskState(reply.decode()) if reply is not None else None

    async def put_back(self, task_id: str, attempt: int, token: str, *, reason: QueueReason) -> bool:
        """See `TaskStore.put_back`."""
        return bool(await self._redis.run("put_back", task_id, attempt, token, reason))

    async def cancel(self, task_id: str) -> TaskState | None:
        """See `TaskStore.cancel`."""
        reply = await self._redis.run("cancel", task_id)
        return TaskState(reply.decode()) if reply is not None else None

    async def sweep(self) -> int:
        """See `TaskStore.sweep`."""
        return int(await self._redis.run("sweep", MAX_TRIES, WORKER_LOST.model_dump_json()))

    # --- budgets and workers

    async def learn(self, model: str, limits: LimitsLearned) -> None:
        """See `TaskStore.learn`."""
        await self._redis.run("learn", model, *("" if value is None else value for value in astuple(limits)))

    async def close_budget(self, model: str, until_ms: int, reason: str) -> None:
        """See `TaskStore.close_budget`."""
        await self._redis.run("close_budget", model, until_ms, reason)

    async def announce(self, card: WorkerCard) -> None:
        """See `TaskStore.announce`."""
        await self._redis.run("announce", card.worker_id, card_json(card), 3 * self._timing.announce_ms)

    async def withdraw(self, worker_id: str) -> None:
        """See `TaskStore.withdraw`."""
        await self._redis.run("withdraw", worker_id)

    # --- reading

    async def read(self, task_id: str, epoch: int | None, since: int) -> Reading | None:
        """See `TaskStore.read`."""
        reply = await self._redis.run("read", task_id, "" if epoch is None else epoch, since, PAGE, PAGE_BYTES)
        return reading_of(reply) if reply is not None else None

    async def numbers(self, task_ids: Sequence[str]) -> list[tuple[int, int] | None]:
        """See `TaskStore.numbers`."""
        rows = await self._redis.commands([("HMGET", key("task", i), "epoch", "seq") for i in task_ids])
        return [(int(epoch), int(seq)) if epoch is not None else None for epoch, seq in rows]

    async def task_input(self, task_id: str) -> NewTask | None:
        """See `TaskStore.task_input`."""
        flat, given = await self._redis.commands([("HGETALL", key("task", task_id)), ("GET", key("input", task_id))])
        if not flat or given is None:
            return None
        known = {n: v for n, v in pairs(flat).items() if n in NewTask.model_fields}
        return NewTask.model_validate({**known, "input": json.loads(given)})

    async def note_sent_again(self, task_id: str, as_task_id: str) -> None:
        """See `TaskStore.note_sent_again`."""
        await self._redis.run("note_sent_again", task_id, as_task_id)

    async def stats(self) -> Stats:
        """See `TaskStore.stats`."""
        return stats_of(await self._redis.run("stats"))

    async def history(self) -> tuple[MinuteStats, ...]:
        """See `TaskStore.history`."""
        return history_of(await self._redis.run("history", MINUTES))

    async def costs(self, owner: str, days: int) -> Costs:
        """See `TaskStore.costs`."""
        return costs_of(await self._redis.run("costs", owner, days))

    async def waiting(self, kind: TaskKind, count: int) -> tuple[Standing, ...]:
        """See `TaskStore.waiting`."""
        lines = await self._redis.run("line", kind.value, count)
        return order_of_admission((owner_line(line) for line in lines), count)

    async def position(self, task_id: str, kind: TaskKind) -> int | None:
        """See `TaskStore.position`."""
        place = await self._redis.run("position", task_id, kind.value)
        return int(place) if place is not None else None

    async def list_tasks(
        self, owner: str, *, state: TaskState | None, document_id: str | None, before: int | None, count: int
    ) -> tuple[tuple[TaskSummary, ...], int | None]:
        """See `TaskStore.list_tasks`. The cursor is the order of arrival. Tasks that were forgotten
        since are taken off the owner's list on the way."""
        page: list[TaskSummary] = []
        cursor = before
        while True:
            rows, more = await self._tasks_before(owner, cursor)
            for order, summary in rows:
                if len(page) == count:
                    return tuple(page), cursor
                cursor = order
                if _asked_for(summary, state, document_id):
                    page.append(summary)
            if not more:
                return tuple(page), None

    async def delete_task(self, task_id: str, owner: str) -> bool:
        """See `TaskStore.delete_task`."""
        return bool(await self._redis.run("delete_task", task_id, owner))

    async def _tasks_before(self, owner: str, before: int | None) -> tuple[list[tuple[int, TaskSummary]], bool]:
        listed = key("owner_tasks", owner)
        most = "+inf" if before is None else f"({before}"
        ids = await self._redis.command("ZREVRANGEBYSCORE", listed, most, "-inf", "LIMIT", 0, _LIST_STEP)
        rows = await self.summaries(ids)
        gone = [task_id for task_id, row in zip(ids, rows, strict=True) if row[0] is None]
        if gone:
            await self._redis.command("ZREM", listed, *gone)
        return [(int(row[-1] or 0), summary_of(row)) for row in rows if row[0] is not None], len(ids) == _LIST_STEP

    # --- life

    def feed(self) -> RedisFeed:
        """See `Store.feed`."""
        return RedisFeed(self._redis)

    async def ping(self) -> None:
        """See `Store.ping`."""
        await self._redis.command("PING")

    async def durability(self) -> str:
        """See `Store.durability`. A store that hides its configuration counts as ``none``."""
        flat = await self._redis.command("CONFIG", "GET", "append*")
        config = pairs(flat)
        return config.get("appendfsync", "none") if config.get("appendonly") == "yes" else "none"

    async def now_ms(self) -> int:
        """See `Store.now_ms`."""
        seconds, micros = await self._redis.command("TIME")
        return int(seconds) * 1000 + int(micros) // 1000

    async def close(self) -> None:
        """See `Store.close`."""
        await self._redis.close()


def _hashed(idempotency_key: str | None) -> str:
    """Whatever a client sends as its key becomes a part of a Redis key that no separator can be in."""
    return hashlib.sha256(idempotency_key.encode()).hexdigest() if idempotency_key else ""


def _asked_for(task: TaskSummary, state: TaskState | None, document_id: str | None) -> bool:
    is_buried = state is TaskState.FAILURE and task.sent_again_as is not None
    return state in (None, task.state) and document_id in (None, task.document_id) and not is_buried
