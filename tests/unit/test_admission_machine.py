"""Whatever people and attempts do, in any order: the rules of admission hold. On the memory store, whose
clock the machine moves.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tasks.contract.errors import TaskError
from tasks.contract.events import TaskSucceeded
from tasks.contract.limits import LimitsLearned, Spent
from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tasks.contract.timing import Timing
from tasks.store.memory import MemoryStore
from tasks.store.ports import Admission, WorkerCard
from tests.simulation.kernel import finish

MODEL = "m"
OWNERS = (("ann", "", 1), ("bob", "", 2), ("cid", "@x", 1), ("dot", "@x", 1))
"""With their groups and weights."""
TIMING = Timing(announce_ms=10**9, store_away_ms=10**9)
ERROR = TaskError(code="engine_unavailable", message="m", retryable=True)
RPM, TPM = 120.0, 60_000.0
ROUNDS = 400
Begun = tuple[Admission, str]


class Admissions(RuleBasedStateMachine):
    """A store, its people, and attempts that may die anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000_000
        self.number = 0
        self.submitted: list[str] = []
        self.admitted: list[Begun] = []
        self.running: list[Begun] = []
        self.store = MemoryStore(TIMING, lambda: self.now)

    def ask(self, call: Any) -> Any:
        """The store's answer; it never waits."""
        return finish(call)

    @initialize(concurrency=st.sampled_from((0, 2)))
    def open_for_work(self, concurrency: int) -> None:
        limits = {"rpm": RPM, "input_tpm": TPM, "output_tpm": TPM, "concurrency": concurrency}
        self.ask(self.store.announce(WorkerCard("w", tuple(TaskKind), 8, "claude", MODEL, **limits)))

    @rule(owner=st.sampled_from(OWNERS), kind=st.sampled_from(TaskKind), chars=st.integers(0, 60_000))
    def submit(self, owner: tuple[str, str, float], kind: TaskKind, chars: int) -> None:
        self.number += 1
        task_id = f"t{self.number}"
        name, group, weight = owner
        new = NewTask(task_id=task_id, kind=kind, owner=name, group=group, weight=weight, input_chars=chars)
        self.ask(self.store.submit([new]))
        self.submitted.append(task_id)

    @rule()
    def admit(self) -> None:
        levels = self.levels()
        closed_until = self.bucket("requests").closed_until
        answer = self.ask(self.store.admit())
        if isinstance(answer, Admission):
            assert all(level >= 0 for level in levels.values()), f"admitted at {levels}"
            assert closed_until <= self.now
            self.admitted.append((answer, f"{answer.task_id}/{answer.attempt}"))

    @precondition(lambda self: self.admitted)
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        begun = self.admitted.pop(data.draw(st.integers(0, len(self.admitted) - 1)))
        if self.ask(self.store.claim(begun[0].task_id, begun[0].attempt, begun[1], "w")) is not None:
            self.running.append(begun)

    @precondition(lambda self: self.admitted)
    @rule()
    def lose_message(self) -> None:
        self.admitted.pop()

    @precondition(lambda self: self.running)
    @rule(tokens=st.integers(0, 30_000))
    def succeed(self, tokens: int) -> None:
        admission, token = self.running.pop(0)
        self.ask(self.store.append(admission.task_id, token, 1, TaskSucceeded(result={})))
        spent = Spent(MODEL, tokens, tokens // 4)
        self.ask(self.store.release(admission.task_id, token, succeeded_model=MODEL, spent=spent))

    @precondition(lambda self: self.running)
    @rule()
    def die(self) -> None:
        self.running.pop()

    @precondition(lambda self: self.running)
    @rule(reason=st.sampled_from(("overloaded", "connection_lost")))
    def fail(self, reason: str) -> None:
        admission, token = self.running.pop(0)
        call = self.store.park(
            admission.task_id, admission.attempt, token,
            reason=reason, delay_ms=1_000, counts_for_model=MODEL, failure=ERROR, refused=reason == "overloaded",
        )  # fmt: skip
        self.ask(call)
        self.ask(self.store.release(admission.task_id, token))

    @precondition(lambda self: self.running)
    @rule(for_ms=st.integers(1, 20_000))
    def be_refused(self, for_ms: int) -> None:
        admission, token = self.running.pop(0)
        self.ask(self.store.close_budget(MODEL, for_ms, "rate_limited"))
        self.ask(self.store.put_back(admission.task_id, admission.attempt, token, reason="rate_limited"))
        self.ask(self.store.release(admission.task_id, token))

    @rule(limit=st.sampled_from((30, 120, 600)), left=st.integers(0, 600))
    def learn(self, limit: int, left: int) -> None:
        self.ask(self.store.learn(MODEL, LimitsLearned(limit, min(left, limit), TPM, TPM, TPM, TPM)))

    @precondition(lambda self: self.submitted)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        self.ask(self.store.cancel(data.draw(st.sampled_from(self.submitted))))

    @rule(by=st.sampled_from((1, 500, 12_000, 40_000)))
    def let_time_pass(self, by: int) -> None:
        self.now += by

    @rule()
    def sweep(self) -> None:
        self.ask(self.store.sweep())

    def bucket(self, what: str) -> Any:
        return self.store._buckets[f"{what}:{MODEL}"]

    def levels(self) -> dict[str, float]:
        """What each budget of the account holds now."""
        return {what: self.bucket(what).refill(self.now) for what in ("requests", "input", "output")}

    @invariant()
    def calls_are_held_by_leases(self) -> None:
        store = self.store
        leases = {*store._claimed, *(task_id for of_kind in store._reserved.values() for task_id in of_kind)}
        assert store._calls[MODEL] == leases

    @invariant()
    def waiting_tasks_stand_in_their_lines_once(self) -> None:
        lined = sorted(task_id for line in self.store._lines.values() for _, task_id in line)
        waiting = sorted(task_id for of_kind in self.store._waiting.values() for _, task_id in of_kind)
        assert lined == waiting

    @invariant()
    def owners_have_paid_what_was_used_and_what_is_held(self) -> None:
        """What was refunded was paid before: a counter that drifts down would be served for ever."""
        for level in self.store._turns.levels.values():
            assert all(paid >= -1e-6 for paid in level.counters.values()), level

    def teardown(self) -> None:
        """Let everything that died be found, and everybody be served: no owner starves."""
        store = self.store
        for _ in range(ROUNDS):
            self.now += 5_000
            self.ask(store.sweep())
            while isinstance(answer := self.ask(store.admit()), Admission):
                token = f"{answer.task_id}/{answer.attempt}"
                self.ask(store.claim(answer.task_id, answer.attempt, token, "w"))
                self.ask(store.append(answer.task_id, token, 1, TaskSucceeded(result={})))
                self.ask(store.release(answer.task_id, token, succeeded_model=MODEL, spent=Spent(MODEL, 10, 10)))
            if all(record.snapshot.ended_at is not None for record in store._tasks.values()):
                break
        left = [record.snapshot for record in store._tasks.values() if record.snapshot.ended_at is None]
        assert not left, f"these starve: {left}"
        self.now += 60_000  # what is still claimed has ended, and its lease runs out
        self.ask(store.sweep())
        assert not store._calls[MODEL]
        assert not any(store._reserved.values())


Admissions.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
test_rules_of_admission_hold_whatever_happens = Admissions.TestCase
