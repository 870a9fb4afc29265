"""One world: a store, its clock, and the ways in which a call of it can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, Final, TypeVar

from tasks.contract.names import KEYS, key
from tests.simulation.budgets import Budgets
from tests.simulation.invariants import check_leases, check_place
from tests.simulation.kernel import Kernel, Steps, finish
from tests.simulation.ledger import Ledger
from tests.simulation.plan import TIMING, Plan
from tests.simulation.run import Run, WorkerProcess
from tests.simulation.simulated_store import SimulatedStore
from tests.simulation.watcher import Watcher

T = TypeVar("T")
BEGIN_MS: Final = 1_700_000_000_000
LONGEST_BACKOFF_MS: Final = 1_000
_CHANNEL: Final = KEYS["task_channel"].partition("%s")[0]


class World:
    """What all actors share. ``say`` takes the trace, None when nobody wants it."""

    def __init__(
        self, seed: int, plan: Plan, rng: Random, make: type[SimulatedStore], say: Callable[[str], None] | None
    ) -> None:
        self.seed = seed
        self.plan = plan
        self.rng = rng
        self.kernel = Kernel()
        self.jumped_ms = 0
        self.away_until = 0
        self.calm = False
        self.say = say
        self.workers: list[WorkerProcess] = []
        self.watchers: dict[str, Watcher] = {}
        self.on_wake: Callable[[], None] = lambda: None
        self.on_cancel: Callable[[str], None] = lambda task_id: None
        self.budgets = Budgets(plan, self.clock)
        self.ledger = Ledger(self._record_of, self.budgets)
        self._touched: set[str] = set()
        self.store = make(TIMING, self.clock, self._hear)

    def clock(self) -> int:
        """The store's clock. It can jump; `Kernel.now` cannot."""
        return BEGIN_MS + self.kernel.now + self.jumped_ms

    def _record_of(self, task_id: str) -> Any:
        return self.store._tasks.get(task_id)

    def _level(self, name: str) -> float | None:
        bucket = self.store._buckets.get(name)
        if bucket is None or bucket.level is None:
            return None
        return min(bucket.capacity, bucket.level + (self.clock() - bucket.at) * bucket.pace / 60_000)

    def note(self, who: str, what: str) -> None:
        """A line of the trace. Callers that build text ask `say` first."""
        if self.say is not None:
            self.say(f"{self.kernel.now / 1000:9.3f}  {who:<10} {what}")

    def odds(self, of_one: float) -> bool:
        """Whether something happens that happens so often. Never in calm times."""
        return not self.calm and of_one > 0 and self.rng.random() < of_one

    def carry_out(self, who: str, what: str, call: Coroutine[Any, Any, T], writer: Run | None = None) -> T:
        """Let the store decide, then look whether all is as it must be."""
        self.ledger.writer = writer
        try:
            answer = finish(call)
        finally:
            self.ledger.writer = None
        if self.say is not None:
            self.note(who, f"{what} -> {answer}")
        if self._touched:
            for task_id in sorted(self._touched):
                check_place(self.store, task_id)
            self._touched.clear()
            check_leases(self.store, self.plan.model)
            self.budgets.check(self._level)
        return answer

    def ask(
        self, who: str, what: str, make: Callable[[], Coroutine[Any, Any, T]], writer: Run | None = None
    ) -> Steps[T]:
        """A call that may be repeated, and is, with the same arguments, until it is answered."""
        while True:
            if self.kernel.now < self.away_until:
                yield self.rng.randint(50, LONGEST_BACKOFF_MS)
                continue
            if self.odds(self.plan.lose_request):
                self.note(who, f"{what} is lost")
                yield self.rng.randint(50, LONGEST_BACKOFF_MS)
                continue
            answer = self.carry_out(who, what, make(), writer)
            if not self.odds(self.plan.lose_reply):
                return answer
            self.note(who, f"{what}: the answer is lost")
            yield self.rng.randint(50, LONGEST_BACKOFF_MS)

    def ask_once(self, who: str, what: str, make: Callable[[], Coroutine[Any, Any, T]]) -> T | None:
        """A call that must not be repeated. None: lost, with or without an effect."""
        if self.kernel.now < self.away_until or self.odds(self.plan.lose_request):
            return None
        answer = self.carry_out(who, what, make())
        return None if self.odds(self.plan.lose_reply) else answer

    def _hear(self, channel: str, payload: str) -> None:
        if channel.startswith(_CHANNEL):
            self._hear_event(channel[len(_CHANNEL) :], payload)
        elif channel == key("wake_channel"):
            self.on_wake()
        elif channel == key("control_channel"):
            self.on_cancel(payload.removeprefix("cancel "))

    def _hear_event(self, task_id: str, payload: str) -> None:
        epoch, seq, text = payload.split(":", 2)
        event = self.ledger.take(task_id, int(epoch), int(seq), text)
        self._touched.add(task_id)
        if self.say is not None:
            self.note("", f"    {task_id} {epoch}:{seq} {f'{event.type} {event.data}' if event else 'is gone'}")
        watcher = self.watchers.get(task_id)
        if watcher is None or self.odds(self.plan.lose_publish):
            return
        for _ in range(2 if self.odds(self.plan.repeat_publish) else 1):
            late = self.rng.randint(1, 400)
            if event is None:
                self.kernel.after(late, watcher.read)
            else:
                self.kernel.after(late, lambda: watcher.receive(event))

    def watch(self, task_id: str) -> None:
        """Somebody opens the task's page."""
        if task_id not in self.watchers:
            self.watchers[task_id] = Watcher(self.kernel, self.store, task_id, lambda: self.rng.randint(1, 100))
            self.watchers[task_id].read()
