"""One seed of a scene: owners submit, dispatchers ask for admissions, workers run them as `tasks.run` does."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, TypeVar

from server.queue_view import place_of
from tasks.contract.errors import TaskError
from tasks.contract.events import TaskStarted, TaskSucceeded
from tasks.contract.limits import Spent
from tasks.contract.names import TaskKind, key
from tasks.contract.submissions import NewTask
from tasks.contract.timing import Timing
from tasks.run import backoff_ms
from tasks.store.ports import Admission, NothingAdmitted, WorkerCard
from tests.simulation.kernel import Kernel, Steps, finish
from tests.simulation.simulated_store import SimulatedStore
from tests.simulation.traffic.account import Account
from tests.simulation.traffic.scene import MODEL, TYPICAL_INPUT, TYPICAL_OUTPUT, Owner, Scene

T = TypeVar("T")
TIMING: Final = Timing(announce_ms=10_000, log_kept_ms=1_000, retention_ms=2_000)
"""The product's own durations; what has ended is forgotten soon, so that an hour stays small."""
BEGIN_MS: Final = 1_700_000_000_000
GATHER_MS: Final = 5
ASKED_EVERY_MS: Final = 20_000
"""How often somebody looks at all estimates, to compare them with what came."""
CHARS_PER_TOKEN: Final = 4
PROMPT_TOKENS: Final = 700
FAILURE: Final = TaskError(code="engine_unavailable", message="m", retryable=True)


@dataclass(slots=True)
class Task:
    """What is known of one task when the scene is over; times in ms of the scene."""

    owner: str
    submitted_at: int
    input: int
    output: int
    started_at: int | None = None  # its first call that was not refused
    ended_at: int | None = None
    told: list[tuple[int, int]] = field(default_factory=list)  # (when, eta_s)


class Traffic:
    """A store, an account and everybody between them."""

    def __init__(self, scene: Scene, seed: int, make: type[SimulatedStore] = SimulatedStore) -> None:
        self.scene = scene
        self.kernel = Kernel()
        self.tasks: dict[str, Task] = {}
        self.failed: list[str] = []
        self._rng = Random(seed)
        self.account = Account(scene, Random(seed + 1), lambda: self.kernel.now)
        self.store = make(TIMING, lambda: BEGIN_MS + self.kernel.now, self._hear)
        self._due_at = math.inf

    def run(self) -> Traffic:
        """Play it to its end."""
        self.kernel.start(self._announce())
        self.kernel.start(self._sweep())
        self.kernel.start(self._look_at_estimates(), wait_ms=ASKED_EVERY_MS)
        for owner in self.scene.owners:
            self.kernel.start(self._submit(owner))
        for change in self.scene.changes:
            self.kernel.at(int(change.at_s * 1000), lambda change=change: self.account.change(change.factor))  # type: ignore[misc]
        self._wake()
        self.kernel.run(int(self.scene.minutes * 60_000), lambda: False)
        return self

    def _do(self, call: Coroutine[Any, Any, T]) -> T:
        return finish(call)

    def _hear(self, channel: str, _payload: str) -> None:
        if channel == key("wake_channel"):
            self._wake()

    def _wake(self, wait_ms: int = GATHER_MS) -> None:
        """Dispatch in a while, unless that is due sooner already."""
        at = self.kernel.now + wait_ms
        if at < self._due_at:
            self._due_at = at
            self.kernel.at(at, lambda: self._dispatch(at))

    def _dispatch(self, at: int) -> None:
        """What `Dispatcher` does when it is woken."""
        if at != self._due_at:
            return  # something sooner was due, and what followed it is on its way
        self._due_at = math.inf
        while not isinstance(answer := self._do(self.store.admit()), NothingAdmitted):
            self.kernel.start(self._attempt(answer), wait_ms=self._rng.randint(3, 30))
        self._wake(max(GATHER_MS, min(TIMING.tick_ms, answer.next_in_ms or TIMING.tick_ms)))

    def _announce(self) -> Steps[None]:
        scene, true = self.scene, self.scene.limits
        while True:
            for n in range(2):
                card = WorkerCard(
                    f"w{n}",
                    tuple(TaskKind),
                    scene.slots // 2,
                    "simulated",
                    MODEL,
                    rpm=true.rpm * scene.believed,
                    input_tpm=true.input_tpm * scene.believed,
                    output_tpm=true.output_tpm * scene.believed,
                )
                self._do(self.store.announce(card))
            yield TIMING.announce_ms

    def _sweep(self) -> Steps[None]:
        while True:
            self._do(self.store.sweep())
            yield TIMING.sweep_ms

    def _submit(self, owner: Owner) -> Steps[None]:
        number, rng = 0, Random(self._rng.random())
        while True:
            yield max(1, int(rng.expovariate(owner.per_minute / 60_000)))
            number += 1
            self._submit_one(owner, f"{owner.name}.{number}", rng)

    def _submit_one(self, owner: Owner, task_id: str, rng: Random) -> None:
        own = max(50, int(rng.lognormvariate(-0.1, 0.5) * owner.size * (TYPICAL_INPUT - PROMPT_TOKENS)))
        output = max(20, int(rng.lognormvariate(-0.1, 0.5) * owner.size * TYPICAL_OUTPUT))
        self.tasks[task_id] = Task(owner.name, self.kernel.now, own + PROMPT_TOKENS, output)
        new = NewTask(
            task_id=task_id,
            kind=owner.kind,
            owner=owner.name,
            group=owner.group,
            weight=owner.weight,
            input_chars=own * CHARS_PER_TOKEN,
        )
        self._do(self.store.submit([new]))

    def _attempt(self, admission: Admission) -> Steps[None]:
        """What `run_attempt` does, with the engine's part."""
        task_id, attempt, token = admission.task_id, admission.attempt, f"{admission.task_id}/{admission.attempt}"
        worker, rng = f"w{self._rng.randint(0, 1)}", self._rng
        claim = self._do(self.store.claim(task_id, attempt, token, worker))
        if claim is None:
            return
        self._do(self.store.append(task_id, token, 1, TaskStarted(attempt=attempt, engine="e", model=MODEL)))
        lease = self.kernel.start(self._renew(task_id, attempt, token), wait_ms=TIMING.lease_ms // 3)
        yield rng.randint(20, 90)  # to the provider
        task = self.tasks[task_id]
        call = self.account.open(task.owner, task_id, task.input)
        limits = self.account.headers()
        yield rng.randint(20, 90)  # and back
        if limits is not None and call.status != 0:
            self._do(self.store.learn(MODEL, limits))
        spent, model = None, None
        if call.status == 200:
            task.started_at = task.started_at or call.at
            yield from self.account.produce(call, task.output)
            self._do(self.store.append(task_id, token, 2, TaskSucceeded(result={})))
            task.ended_at, model = self.kernel.now, MODEL
            spent = Spent(MODEL, task.input, task.output)
        elif call.status == 429:
            self._do(self.store.close_budget(MODEL, call.retry_after_ms, "rate_limited"))
            self._do(self.store.put_back(task_id, attempt, token, reason="rate_limited"))
        else:
            self._park(task_id, attempt, token, call.status, claim.failures)
        lease.done = True
        self._do(self.store.release(task_id, token, succeeded_model=model, spent=spent))

    def _park(self, task_id: str, attempt: int, token: str, status: int, failures: int) -> None:
        state = self._do(
            self.store.park(
                task_id,
                attempt,
                token,
                reason="overloaded" if status == 529 else "connection_lost",
                delay_ms=backoff_ms(failures, 1.0, self._rng.uniform),
                counts_for_model=MODEL,
                failure=FAILURE,
                refused=status == 529,
            )
        )
        if state == "FAILURE":
            self.failed.append(task_id)

    def _renew(self, task_id: str, attempt: int, token: str) -> Steps[None]:
        while self._do(self.store.renew(task_id, attempt, token)):
            yield TIMING.lease_ms // 3

    def _look_at_estimates(self) -> Steps[None]:
        while True:
            stats = self._do(self.store.stats())
            for kind, of_kind in stats.kinds.items():
                for index, (task_id, latest) in enumerate(self._do(self.store.waiting(kind, 500))):
                    eta_s = place_of(index + 1, latest, of_kind, stats.now).eta_s
                    if eta_s is not None:
                        self.tasks[task_id].told.append((self.kernel.now, eta_s))
            yield ASKED_EVERY_MS


def play(scene: Scene, seed: int, say: Callable[[str], None] | None = None) -> Traffic:
    """Play one seed of a scene."""
    traffic = Traffic(scene, seed).run()
    if say is not None:
        say(f"{scene.name}, seed {seed}: {len(traffic.tasks)} tasks, {traffic.kernel.moves} moves")
    return traffic
