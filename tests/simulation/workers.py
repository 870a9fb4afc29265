"""Virtual workers: they announce, fetch, claim, say things, renew, settle, as `tasks.run` does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tasks.contract.errors import TaskError
from tasks.contract.events import (
    EventData,
    FindingMade,
    ProgressMade,
    TaskFailed,
    TaskRestored,
    TaskStarted,
    TaskSucceeded,
    TextAdded,
)
from tasks.contract.findings import Finding, Source
from tasks.contract.limits import Spent
from tasks.contract.names import TaskKind
from tasks.contract.states import apply, effect_of
from tasks.store.ports import AppendOutcome, WorkerCard
from tests.simulation.invariants import check_suspects
from tests.simulation.kernel import Steps
from tests.simulation.plan import TIMING, Fleet
from tests.simulation.run import Over, Run, WorkerProcess
from tests.simulation.world import World

Message = tuple[str, int, int, TaskKind]
"""What a dispatcher sends: task, attempt; and for the simulation the admission's serial and the kind."""
FAILURE: Final = TaskError(code="engine_unavailable", message="m", retryable=True)
BAD: Final = TaskError(code="bad_request", message="m", retryable=False)
SOURCE: Final = Source(engine="simulated")


class Poisoned(Exception):
    """The task takes its process down."""


class Workers:
    """All worker processes with the queues that they fetch from."""

    def __init__(self, world: World, poison: set[str]) -> None:
        self._world = world
        self._poison = poison
        self._queue: list[Message] = []
        self._born = 0
        self._begun = 0

    def start(self, fleet: Fleet, wait_ms: int = 0) -> None:
        """A new process, with a name that none had before."""
        self._born += 1
        worker = WorkerProcess(f"w{self._born}", fleet.slots, fleet.kinds)
        self._world.workers.append(worker)
        self._world.kernel.start(self._announce(worker), worker, wait_ms)

    def _announce(self, worker: WorkerProcess) -> Steps[None]:
        plan, world = self._world.plan, self._world
        card = WorkerCard(
            worker.worker_id,
            worker.kinds,
            worker.slots,
            "simulated",
            plan.model,
            plan.limits,
            plan.rpm,
            input_tpm=plan.input_tpm,
            concurrency=plan.concurrency,
        )
        while not worker.leaving:
            yield from world.ask(worker.worker_id, "announce", lambda: world.store.announce(card))
            self.fetch()
            yield TIMING.announce_ms
        yield from world.ask(worker.worker_id, "withdraw", lambda: world.store.withdraw(worker.worker_id))

    def deliver(self, message: Message) -> None:
        """A message arrives in its queue."""
        self._queue.append(message)
        self.fetch()

    def fetch(self) -> None:
        """Let workers with a free slot take what lies in the queues."""
        world, kept = self._world, []
        for message in self._queue:
            able = [w for w in world.workers if w.takes(message[3], world.kernel.now)]
            if able:
                self._begin(world.rng.choice(able), message)
            else:
                kept.append(message)
        self._queue = kept

    def _begin(self, worker: WorkerProcess, message: Message) -> None:
        task_id, attempt, serial, _ = message
        self._begun += 1
        token = f"token{self._begun}"
        run = Run(task_id, attempt, serial, token, worker)
        worker.runs.append(run)
        run.actor = self._world.kernel.start(self._run(run), worker)

    def cancelled(self, task_id: str) -> None:
        """The control channel says that a task was stopped; most hear it."""
        world = self._world
        for worker in world.workers:
            for run in worker.runs:
                if (
                    run.task_id == task_id
                    and run.actor
                    and not run.settling
                    and not world.odds(world.plan.lose_publish)
                ):
                    world.kernel.interrupt(run.actor, Over(), world.rng.randint(1, 100))

    def kill(self, worker: WorkerProcess) -> None:
        """The process is gone with all it knew; another takes its place after a while."""
        worker.dead = True
        self._world.workers.remove(worker)
        self._world.note(worker.worker_id, "is killed")
        self.start(Fleet(worker.slots, worker.kinds), self._world.rng.randint(100, 20_000))

    def freeze(self, worker: WorkerProcess, for_ms: int) -> None:
        """The process does nothing for a while, then goes on as if nothing had been."""
        worker.frozen_until = self._world.kernel.now + for_ms
        for run in worker.runs:
            run.excused = True
        self._world.note(worker.worker_id, f"is frozen for {for_ms} ms")
        self._world.kernel.at(worker.frozen_until, self.fetch)

    def leave(self, worker: WorkerProcess) -> None:
        """The process is told to stop: it hands its leases back."""
        worker.leaving = True
        self._world.note(worker.worker_id, "leaves")
        self.start(Fleet(worker.slots, worker.kinds), self._world.rng.randint(100, 5_000))

    def _run(self, run: Run) -> Steps[None]:
        worker = run.worker
        try:
            yield from self._attempt(run)
        except Poisoned:
            if not worker.dead:
                self.kill(worker)
            return
        worker.runs.remove(run)
        self.fetch()

    def _attempt(self, run: Run) -> Steps[None]:
        world, name = self._world, run.worker.worker_id
        try:
            if not (yield from self._claim(run)):
                return
        except Over:  # stopped while the claim was under way
            succeeded = None
        else:
            run.renewer = world.kernel.start(self._renew(run), run.worker, TIMING.lease_ms // 3)
            succeeded = yield from self._work(run)
        run.settling = True
        spent = Spent(succeeded, world.rng.randint(1, 4_000), world.rng.randint(1, 900)) if succeeded else None
        yield from world.ask(
            name,
            f"release {run.task_id}/{run.attempt}",
            lambda: world.store.release(run.task_id, run.token, succeeded_model=succeeded, spent=spent),
            run,
        )

    def _claim(self, run: Run) -> Steps[bool]:
        world = self._world

        async def claim() -> bool:
            first = world.store._tasks.get(run.task_id)
            fresh = first is not None and first.token != run.token
            claim = await world.store.claim(run.task_id, run.attempt, run.token, run.worker.worker_id)
            if claim is None:
                return False
            if fresh:
                world.ledger.begin(run)
                check_suspects(world.store, world.ledger, run.worker.worker_id)
            run.memory = claim.snapshot
            return True

        what = f"claim {run.task_id}/{run.attempt}"
        return (yield from world.ask(run.worker.worker_id, what, claim, run))

    def _renew(self, run: Run) -> Steps[None]:
        world = self._world
        while not run.settling:
            what = f"renew {run.task_id}/{run.attempt}"
            renew = lambda: world.store.renew(run.task_id, run.attempt, run.token)  # noqa: E731
            if not (yield from world.ask(run.worker.worker_id, what, renew, run)):
                if run.actor and not run.settling:
                    world.kernel.interrupt(run.actor, Over())
                return
            yield TIMING.lease_ms // 3

    def _work(self, run: Run) -> Steps[str | None]:
        """Say everything and settle. The model whose call succeeded, if one did."""
        world = self._world
        trouble = world.rng.choice(("park", "park", "rate", "pause", "final")) if world.odds(world.plan.trouble) else ""
        said = list(self._script(run))
        if trouble:
            said = said[: world.rng.randint(1, len(said))]
        try:
            for data in said:
                yield from self._append(run, data)
                yield world.rng.randint(1, world.plan.longest_step_ms)
                if run.worker.leaving:
                    trouble = "leave"
                    break
                if run.task_id in self._poison and not world.calm:
                    raise Poisoned
            if not trouble:
                yield from self._append(run, TaskSucceeded(result={"engine": "simulated"}))
                return world.plan.model
            yield from self._settle(run, trouble)
        except Over:
            pass
        return None

    def _script(self, run: Run) -> Iterator[EventData]:
        assert run.memory is not None
        yield TaskStarted(attempt=run.attempt, engine="simulated", model=self._world.plan.model)
        if run.memory.kind is TaskKind.CHAT:
            for word in range(self._world.rng.randint(1, 4)):
                yield TextAdded(text=f"{run.serial}.{word} ")
        elif run.memory.kind is TaskKind.ANALYSIS:
            known = {finding.fingerprint for finding in run.memory.findings}
            for number in range(1, self._world.rng.randint(1, 4)):
                if f"p{number}" not in known:
                    yield FindingMade(finding=finding(run.task_id, number))
        yield ProgressMade(percent=self._world.rng.randint(1, 99), status="Reading")

    def _append(self, run: Run, data: EventData) -> Steps[None]:
        world = self._world
        assert run.memory is not None
        run.memory = apply(run.memory, effect_of(data), at=0)
        waiting = [data]
        while waiting:
            run.producer += 1
            producer, saying = run.producer, waiting.pop(0)
            what = f"append {run.task_id}/{run.attempt} #{producer} {saying.type}"
            call = lambda: world.store.append(run.task_id, run.token, producer, saying)  # noqa: B023, E731
            answer = yield from world.ask(run.worker.worker_id, what, call, run)
            restored = TaskRestored(snapshot=run.memory.model_dump(mode="json"))
            if answer.outcome is AppendOutcome.RESTORE_FIRST:
                waiting[:0] = [restored, saying]
            elif answer.outcome is not AppendOutcome.APPENDED:
                raise Over
            elif answer.restore:
                waiting.insert(0, restored)

    def _settle(self, run: Run, trouble: str) -> Steps[None]:
        world, store, model = self._world, self._world.store, self._world.plan.model
        who, (task_id, attempt, token) = run.worker.worker_id, (run.task_id, run.attempt, run.token)
        if trouble == "final":
            yield from self._append(run, TaskFailed(error=BAD))
            return
        if trouble == "park":
            delay, counts = world.rng.randint(500, 30_000), world.rng.choice((model, None))
            cause = world.rng.choice(("overloaded", "connection_lost"))
            yield from world.ask(
                who,
                f"park {task_id}/{attempt}",
                lambda: store.park(
                    task_id, attempt, token, reason=cause, delay_ms=delay, counts_for_model=counts, failure=FAILURE
                ),
                run,
            )
            return
        reason = {"rate": "rate_limited", "pause": "account_paused", "leave": "handed_back"}[trouble]
        if model is not None and trouble != "leave":
            until = world.rng.randint(1_000, 30_000)
            world.budgets.refuse()
            yield from world.ask(who, f"close {reason}", lambda: store.close_budget(model, until, reason), run)
        yield from world.ask(
            who,
            f"put_back {task_id}/{attempt}",
            lambda: store.put_back(task_id, attempt, token, reason=reason),  # type: ignore[arg-type]
            run,
        )


def finding(task_id: str, number: int) -> Finding:
    """The task's finding with that number, the same in every attempt."""
    return Finding(
        finding_id=f"f{task_id}.{number}",
        fingerprint=f"p{number}",
        section_id="s1",
        category="clarity",
        severity="minor",
        message="m",
        source=SOURCE,
    )
