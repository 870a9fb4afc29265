"""One attempt, and what becomes of the task."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from processes import WAIT_S
from scripted_engine import ScriptedEngine

from tasks.contract.errors import AccountPaused, FinalFailure, PassingFailure, RateLimited, StoreUnavailable
from tasks.contract.events import (
    Event,
    EventData,
    FindingMade,
    ProgressMade,
    TaskSucceeded,
    TextAdded,
    Usage,
    UsageReported,
)
from tasks.contract.findings import Finding, Source
from tasks.contract.names import TaskKind
from tasks.contract.states import Snapshot, TaskState
from tasks.contract.submissions import NewTask
from tasks.journal import AttemptOver, Journal
from tasks.run import FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS, backoff_ms
from tasks.settings import read_settings
from tasks.store.memory import MemoryStore
from tasks.store.ports import Appended, AppendOutcome
from tasks.worker import Worker

DONE = TaskSucceeded(result={"engine": "scripted", "model": None})


def _finding(number: int) -> FindingMade:
    finding = Finding(
        finding_id=f"f{number}",
        fingerprint=f"p{number}",
        section_id="s1",
        category="clarity",
        severity="minor",
        message="m",
        source=Source(engine="scripted"),
    )
    return FindingMade(finding=finding)


class World:
    """A memory store and one worker in this loop, with waits of milliseconds."""

    def __init__(self, engine: ScriptedEngine, store: MemoryStore, worker: Worker) -> None:
        self.engine, self.store, self.worker = engine, store, worker

    async def submit(self, kind: TaskKind = TaskKind.ANALYSIS, **given: object) -> str:
        task = NewTask(task_id=f"t-{kind}", kind=kind, owner="ann", input={"content": "c", "message": "m", **given})
        await self.store.submit([task])
        return task.task_id

    async def snapshot(self, task_id: str) -> Snapshot:
        reading = await self.store.read(task_id, -1, 0)
        assert reading is not None
        assert reading.snapshot is not None
        return reading.snapshot

    async def until(self, task_id: str, true: Callable[[Snapshot], bool]) -> Snapshot:
        async with asyncio.timeout(WAIT_S):
            while not true(snapshot := await self.snapshot(task_id)):
                await asyncio.sleep(0.002)
        return snapshot

    async def end_of(self, task_id: str) -> Snapshot:
        return await self.until(task_id, lambda s: s.ended_at is not None)

    async def types(self, task_id: str) -> list[str]:
        reading = await self.store.read(task_id, None, 0)
        assert reading is not None
        assert reading.events is not None
        return [Event.model_validate_json(text).type for text in reading.events]

    async def slots_are_free(self) -> None:
        async with asyncio.timeout(WAIT_S):
            while any(k.active or k.reserved for k in (await self.store.stats()).kinds.values()):
                await asyncio.sleep(0.002)


@asynccontextmanager
async def world(engine: ScriptedEngine, store: MemoryStore | None = None) -> AsyncIterator[World]:
    settings = read_settings({"SECRET_KEY": "x" * 32, "GALLEY_TIME_FACTOR": "0.05", "USE_CELERY": "false"})
    store = store or MemoryStore(settings.timing)
    worker = Worker(settings, store, engine, slots=4)
    await worker.start()
    try:
        yield World(engine, store, worker)
    finally:
        await worker.stop()


async def test_attempt_says_everything_in_order_and_ends_once() -> None:
    script = [ProgressMade(percent=10, status="a"), _finding(1), _finding(2), DONE]
    async with world(ScriptedEngine(script)) as w:
        task_id = await w.submit()
        snapshot = await w.end_of(task_id)
        assert snapshot.state is TaskState.SUCCESS
        assert [f.finding_id for f in snapshot.findings] == ["f1", "f2"]
        assert await w.types(task_id) == [
            "task_queued", "task_admitted", "task_started", "progress_made", "finding_made", "finding_made",
            "task_succeeded",
        ]  # fmt: skip
        await w.slots_are_free()


async def test_attempt_drops_findings_that_are_known_already() -> None:
    failure = PassingFailure("m", reason="overloaded")
    async with world(ScriptedEngine([_finding(1), failure], [_finding(1), _finding(2), _finding(2), DONE])) as w:
        snapshot = await w.end_of(await w.submit())
        assert [f.finding_id for f in snapshot.findings] == ["f1", "f2"]
        assert snapshot.attempt == 2


async def test_passing_failure_waits_and_tries_again_then_fails_with_its_own_words() -> None:
    async with world(ScriptedEngine([PassingFailure("Claude is overloaded.", reason="overloaded")])) as w:
        task_id = await w.submit()
        snapshot = await w.end_of(task_id)
        assert snapshot.state is TaskState.FAILURE
        assert snapshot.error is not None
        assert (snapshot.error.code, snapshot.error.message) == ("engine_unavailable", "Claude is overloaded.")
        assert (await w.types(task_id)).count("task_retrying") == 2
        await w.slots_are_free()


async def test_rate_limit_puts_the_task_back_and_closes_the_budget_at_no_cost() -> None:
    limited = [RateLimited("too many", retry_after_ms=30)]
    async with world(ScriptedEngine(limited, limited, limited, limited, [DONE], model="m")) as w:
        task_id = await w.submit()
        snapshot = await w.end_of(task_id)
        assert snapshot.state is TaskState.SUCCESS
        types = await w.types(task_id)
        assert (types.count("task_queued"), types.count("task_retrying")) == (5, 0)


async def test_paused_account_makes_the_task_wait_and_fails_nobody() -> None:
    async with world(ScriptedEngine([AccountPaused("key", retry_after_ms=20)], [DONE], model="m")) as w:
        snapshot = await w.end_of(await w.submit())
        assert (snapshot.state, snapshot.attempt) == (TaskState.SUCCESS, 2)


async def test_usage_of_all_attempts_is_added_up_and_priced() -> None:
    first, second = UsageReported(usage=Usage(input_tokens=1000)), UsageReported(usage=Usage(output_tokens=100))
    script = [first, PassingFailure("m", reason="stalled")], [second, DONE]
    async with world(ScriptedEngine(*script, model="claude-sonnet-5-5")) as w:
        snapshot = await w.end_of(await w.submit())
        assert snapshot.usage == Usage(input_tokens=1000, output_tokens=100)
        assert snapshot.cost_usd == pytest.approx(1000 * 2e-6 + 100 * 10e-6)


async def test_cost_stays_unknown_when_the_models_price_is() -> None:
    async with world(ScriptedEngine([UsageReported(usage=Usage(input_tokens=1)), DONE], model="unheard-of")) as w:
        snapshot = await w.end_of(await w.submit())
        assert snapshot.usage == Usage(input_tokens=1)
        assert snapshot.cost_usd is None


async def test_final_failure_ends_the_task_at_once_with_its_code() -> None:
    async with world(ScriptedEngine([_finding(1), FinalFailure("Claude refused.", code="refused")])) as w:
        snapshot = await w.end_of(await w.submit())
        assert snapshot.error is not None
        assert (snapshot.error.code, snapshot.error.retryable, snapshot.attempt) == ("refused", False, 1)
        assert len(snapshot.findings) == 1, "what was found is kept"


async def test_mistake_of_our_own_counts_as_a_try_and_never_looks_like_success() -> None:
    async with world(ScriptedEngine([ZeroDivisionError()])) as w:
        snapshot = await w.end_of(await w.submit())
        assert snapshot.error is not None
        assert (snapshot.state, snapshot.error.code) == (TaskState.FAILURE, "internal_error")
        await w.slots_are_free()


async def test_cancel_closes_the_engines_call_and_frees_the_slot() -> None:
    never = asyncio.Event()
    async with world(ScriptedEngine([_finding(1), never, DONE])) as w:
        task_id = await w.submit()
        await w.until(task_id, lambda s: len(s.findings) == 1)
        assert w.engine.open_calls == 1, "the fault needs a call that runs"
        assert await w.store.cancel(task_id) is TaskState.REVOKED
        await w.slots_are_free()
        assert w.engine.open_calls == 0
        snapshot = await w.snapshot(task_id)
        assert (snapshot.state, len(snapshot.findings)) == (TaskState.REVOKED, 1)


async def test_draining_worker_hands_its_lease_back_at_the_deadline() -> None:
    never = asyncio.Event()
    async with world(ScriptedEngine([never, DONE])) as w:
        task_id = await w.submit()
        await w.until(task_id, lambda s: s.engine is not None)
        await w.worker.drain(0.01)
        snapshot = await w.until(task_id, lambda s: s.state is TaskState.PENDING)
        assert snapshot.reason == "handed_back"
        assert w.engine.open_calls == 0


async def test_draining_worker_lets_what_ends_in_time_end() -> None:
    gate = asyncio.Event()
    async with world(ScriptedEngine([gate, DONE])) as w:
        task_id = await w.submit()
        await w.until(task_id, lambda s: s.engine is not None)
        draining = asyncio.create_task(w.worker.drain(WAIT_S))
        gate.set()
        await draining
        assert (await w.snapshot(task_id)).state is TaskState.SUCCESS


async def test_text_comes_at_once_and_then_in_pieces() -> None:
    words = [TextAdded(text=f"w{n} ") for n in range(50)]
    async with world(ScriptedEngine([*words, DONE])) as w:
        task_id = await w.submit(TaskKind.CHAT)
        snapshot = await w.end_of(task_id)
        assert snapshot.text == "".join(word.text for word in words)
        assert (await w.types(task_id)).count("text_added") < 10


async def test_chat_is_told_the_turns_before_it() -> None:
    async with world(ScriptedEngine([TextAdded(text="first answer"), DONE])) as w:
        for number in (1, 2):
            task = NewTask(
                task_id=f"c{number}", kind=TaskKind.CHAT, owner="ann", conversation_id="conv",
                input={"message": f"question {number}"},
            )  # fmt: skip
            await w.store.submit([task])
            await w.end_of(task.task_id)
        job = w.engine.jobs[-1]
        assert [(t.message, t.answer) for t in getattr(job, "history", ())] == [("question 1", "first answer")]


class FlakyStore(MemoryStore):
    """A store whose answers get lost: every second append is carried out and not answered."""

    lost = 0

    async def append(self, task_id: str, token: str, producer: int, data: EventData) -> Appended:
        answer = await super().append(task_id, token, producer, data)
        self.lost += 1
        if self.lost % 2:
            raise StoreUnavailable("lost")
        return answer


async def test_lost_answers_of_the_store_write_no_event_twice() -> None:
    settings = read_settings({"SECRET_KEY": "x" * 32, "GALLEY_TIME_FACTOR": "0.05"})
    store = FlakyStore(settings.timing)
    async with world(ScriptedEngine([_finding(1), _finding(2), DONE]), store) as w:
        task_id = await w.submit()
        await w.end_of(task_id)
        assert store.lost > 4, "answers were really lost"
        types = await w.types(task_id)
        assert (types.count("finding_made"), types.count("task_succeeded")) == (2, 1)


async def test_journal_stops_when_the_store_refuses_the_attempt() -> None:
    settings = read_settings({"SECRET_KEY": "x" * 32})
    store = MemoryStore(settings.timing)
    journal = Journal(store, Snapshot(task_id="none", kind=TaskKind.TEST), "token")
    journal.put(TextAdded(text="a"))
    with pytest.raises(AttemptOver) as over:
        await asyncio.wait_for(journal.write(), WAIT_S)
    assert over.value.outcome is AppendOutcome.GONE


async def test_journal_restores_what_it_had_written_and_not_what_is_pending() -> None:
    settings = read_settings({"SECRET_KEY": "x" * 32})
    store = MemoryStore(settings.timing)
    async with world(ScriptedEngine([asyncio.Event()]), store) as w:
        task_id = await w.submit(TaskKind.CHAT)
        await w.until(task_id, lambda s: s.engine is not None)
        snapshot = await w.snapshot(task_id)
        journal = Journal(store, snapshot, store._tasks[task_id].writer or "")
        journal._producer = 10  # behind the attempt's own writer
        writing = asyncio.create_task(journal.write())
        journal.put(_finding(1))
        journal.put(TextAdded(text="before "))
        await journal.flush()
        store._epoch += 1  # what a restart of the store does
        journal.put(TextAdded(text="after "))
        journal.put(_finding(2))
        await journal.flush()
        writing.cancel()
        after = await w.snapshot(task_id)
        assert (after.text, [f.finding_id for f in after.findings]) == ("before after ", ["f1", "f2"])
        assert "task_restored" in [Event.model_validate_json(t).type for _, t in store._tasks[task_id].log]


def test_backoff_doubles_from_a_second_to_ten_minutes() -> None:
    for failures in range(40):
        whole = min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2**failures)
        assert whole / 2 <= backoff_ms(failures, 1.0) <= whole
    assert backoff_ms(0, 0.01) <= 10
