"""One attempt as a virtual worker holds it."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.contract.names import TaskKind
from tasks.contract.states import Snapshot
from tests.simulation.kernel import Actor, Process


class Over(Exception):
    """The attempt ends here: the store refuses it, or its owner stopped it."""


class WorkerProcess(Process):
    """A process that announces slots and runs attempts in them."""

    def __init__(self, worker_id: str, slots: int, kinds: tuple[TaskKind, ...]) -> None:
        super().__init__()
        self.worker_id = worker_id
        self.slots = slots
        self.kinds = kinds
        self.runs: list[Run] = []
        self.leaving = False

    def takes(self, kind: TaskKind, now: int) -> bool:
        """Whether it would fetch a message of this kind now."""
        awake = not (self.dead or self.leaving or self.frozen_until > now)
        return awake and kind in self.kinds and len(self.runs) < self.slots


@dataclass(slots=True, eq=False)
class Run:
    """``serial`` numbers admissions over all tasks and all restores, so it names this attempt as no attempt
    number can. ``excused``: a fault of the worker explains it when the lease runs out."""

    task_id: str
    attempt: int
    serial: int
    token: str
    worker: WorkerProcess
    memory: Snapshot | None = None
    producer: int = 0
    excused: bool = False
    settling: bool = False
    actor: Actor | None = None
    renewer: Actor | None = None
