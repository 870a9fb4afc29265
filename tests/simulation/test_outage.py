"""Ten minutes without Claude, on a clock that the test turns: everybody waits, and nobody fails."""

from __future__ import annotations

import random

from tasks.contract.errors import TaskError
from tasks.contract.events import TaskSucceeded
from tasks.contract.limits import LimitsLearned, ModelTerms
from tasks.contract.names import TaskKind
from tasks.contract.states import TaskState
from tasks.contract.submissions import NewTask
from tasks.contract.timing import Timing
from tasks.run import LONGEST_BACKOFF_WITH_FALLBACK_MS, backoff_ms
from tasks.store.memory import MemoryStore
from tasks.store.ports import Admission, WaitingFor, WorkerCard

MINUTE_MS = 60_000
OUTAGE_MS = 10 * MINUTE_MS
RUN_MS = 4_000
FAILS_AFTER_MS = 300
MODELS = ("main", "second")
AWAY = TaskError(code="engine_unavailable", message="m", retryable=True)


class Hour:
    """A store on a clock of its own, and one worker that calls models which may be away."""

    def __init__(self, models: tuple[str, ...], away: set[str], tasks: int) -> None:
        self.now, self.began = 1_000_000_000, 1_000_000_000
        self.store = MemoryStore(Timing(), lambda: self.now)
        self.models, self.away, self.count = models, away, tasks
        self.running: list[tuple[int, Admission, str, int]] = []
        self.calls: dict[str, int] = dict.fromkeys(models, 0)
        self.reasons: set[WaitingFor] = set()
        self.rng = random.Random(7)

    @property
    def is_out(self) -> bool:
        return self.now - self.began < OUTAGE_MS

    async def begin(self) -> None:
        """Have a worker, and tasks of five owners in line."""
        terms = tuple(map(ModelTerms, self.models))
        card = WorkerCard("w", tuple(TaskKind), 16, "claude", self.models[0], terms=terms)
        for model in self.models:
            await self.store.learn(model, LimitsLearned(requests_limit=6_000, requests_remaining=6_000))
        await self.store.submit(
            [NewTask(task_id=f"t{n}", kind=TaskKind.ANALYSIS, owner=f"o{n % 5}") for n in range(self.count)]
        )
        self.card = card

    async def live(self, until_ms: int) -> None:
        """Let it run, in steps of half a second."""
        while self.now - self.began < until_ms:
            await self.store.announce(self.card)
            await self.store.sweep()
            await self._end_those_that_are_due()
            while isinstance(admitted := await self.store.admit(), Admission):
                await self._begin(admitted)
            kind = (await self.store.stats()).kinds[TaskKind.ANALYSIS]
            if self.is_out and kind.waiting and self.now - self.began > MINUTE_MS:
                self.reasons.add(kind.waiting_for)
            self.now += 500

    async def _begin(self, admitted: Admission) -> None:
        token = f"{admitted.task_id}-{admitted.attempt}"
        claim = await self.store.claim(admitted.task_id, admitted.attempt, token, "w")
        assert claim is not None and claim.model is not None
        self.calls[claim.model] += 1
        lasts = FAILS_AFTER_MS if self.is_out and claim.model in self.away else RUN_MS
        self.running.append((self.now + lasts, admitted, claim.model, claim.failures))

    async def _end_those_that_are_due(self) -> None:
        due = [run for run in self.running if run[0] <= self.now]
        self.running = [run for run in self.running if run[0] > self.now]
        for end, admitted, model, failures in due:
            token = f"{admitted.task_id}-{admitted.attempt}"
            if model in self.away and end - self.began < OUTAGE_MS:
                delay = backoff_ms(failures, 1.0, self.rng.uniform, longest_ms=LONGEST_BACKOFF_WITH_FALLBACK_MS)
                await self.store.park(
                    admitted.task_id, admitted.attempt, token,
                    reason="overloaded", delay_ms=delay, counts_for_model=model, failure=AWAY,
                )  # fmt: skip
            else:
                await self.store.append(admitted.task_id, token, 1, TaskSucceeded(result={}))
                await self.store.release(admitted.task_id, token, succeeded_model=model)

    async def states(self) -> list[TaskState]:
        readings = [await self.store.read(f"t{n}", -1, 0) for n in range(self.count)]
        return [reading.state for reading in readings if reading is not None]


async def test_nobody_fails_in_an_outage_of_all_models_and_all_are_answered_soon_after_it() -> None:
    hour = Hour(MODELS, set(MODELS), tasks=24)
    await hour.begin()
    await hour.live(OUTAGE_MS - 1_000)
    assert set(await hour.states()) <= {TaskState.PENDING, TaskState.RETRY, TaskState.PROGRESS}
    assert hour.reasons == {WaitingFor.ENGINE}
    assert sum(hour.calls.values()) < 120, "who is away is asked now and then, and not hammered"
    await hour.live(OUTAGE_MS + 3 * MINUTE_MS)
    assert await hour.states() == [TaskState.SUCCESS] * 24


async def test_fallback_carries_on_through_an_outage_of_the_main_model() -> None:
    hour = Hour(MODELS, {"main"}, tasks=24)
    await hour.begin()
    await hour.live(2 * MINUTE_MS)
    assert await hour.states() == [TaskState.SUCCESS] * 24
    assert hour.calls["second"] >= 20
