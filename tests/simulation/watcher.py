"""A client that follows a task by the rules of the design, over a line that loses and repeats."""

from __future__ import annotations

from collections.abc import Callable

from tasks.contract.events import Event
from tasks.contract.states import Snapshot, fold
from tasks.store.ports import Reading
from tests.simulation.broken import require
from tests.simulation.kernel import Kernel, finish
from tests.simulation.simulated_store import SimulatedStore


class Watcher:
    """At or below: drop; plus one: apply; anything else: read. What arrives while it reads is held."""

    def __init__(self, kernel: Kernel, store: SimulatedStore, task_id: str, delay_ms: Callable[[], int]) -> None:
        self.task_id = task_id
        self.at: tuple[int, int] | None = None
        self.snapshot: Snapshot | None = None
        self.gone = False
        self._kernel = kernel
        self._store = store
        self._delay_ms = delay_ms
        self._reading = False
        self._held: list[Event] = []

    def receive(self, event: Event) -> None:
        """An event arrives."""
        number = (event.epoch, event.seq)
        if self._reading:
            self._held.append(event)
        elif self.at is not None and number <= self.at:
            return
        elif self.at is not None and number == (self.at[0], self.at[1] + 1):
            self._apply(event)
        else:
            self.read()

    def audit(self) -> None:
        """Compare numbers, as the relay does: a lower one means that the store came back from older data."""
        if not self._reading and finish(self._store.numbers([self.task_id])) != [self.at]:
            self.read()

    def read(self) -> None:
        """Ask for what was missed; the answer takes its time."""
        if self._reading:
            return
        self._reading = True
        epoch, since = self.at or (None, 0)
        reading = finish(self._store.read(self.task_id, epoch, since))
        self._kernel.after(self._delay_ms(), lambda: self._take(reading))

    def _take(self, reading: Reading | None) -> None:
        self._reading = False
        if reading is None:
            self.gone = True
            return
        self.gone = False
        if reading.events is None:
            self.snapshot, self.at = reading.snapshot, (reading.epoch, reading.seq)
        else:
            if self.at is None:
                self.at = (reading.epoch, 0)
            for text in reading.events:
                self._apply(Event.model_validate_json(text))
        held, self._held = self._held, []
        for event in held:
            self.receive(event)
        if reading.more:
            self.read()

    def _apply(self, event: Event) -> None:
        before = self.at or (0, 0)
        require((event.epoch, event.seq) == (before[0], before[1] + 1), "a reading goes on where one stands", event)
        self.at = (event.epoch, event.seq)
        self.snapshot = fold([event], onto=self.snapshot)

    def check(self) -> None:
        """Once nothing moves any more, it sees what is so."""
        record = self._store._tasks.get(self.task_id)
        if record is None:
            require(self.gone, "a watcher learns that a task was deleted", self.task_id)
        elif self.snapshot != record.snapshot:
            require(False, "a watcher ends with the present state", f"{self.snapshot!r} is not {record.snapshot!r}")
