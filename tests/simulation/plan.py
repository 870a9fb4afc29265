"""What a seed decides before anything happens: the people, the workers, the limits, the faults."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

from tasks.contract.names import TaskKind
from tasks.contract.timing import Timing

TIMING: Final = Timing(announce_ms=10_000, tick_ms=5_000)
"""The product's own durations, but what only repeats itself does so less often: it costs most of the time."""
FAULTY_MS: Final = 60_000
"""Faults happen before this time; then they stop and the world must come to rest."""
REST_MS: Final = 1_500_000
"""Long enough for everything that waits for a limit; a task that has not ended by then never will."""
MODEL: Final = "model-x"
ALL_KINDS: Final = tuple(TaskKind)


@dataclass(frozen=True, slots=True)
class Fleet:
    """One worker process."""

    slots: int
    kinds: tuple[TaskKind, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that happens once, at a time."""

    at: int
    name: str


@dataclass(slots=True)
class Plan:
    """One world. Odds are of 1."""

    fleet: list[Fleet] = field(default_factory=list)
    owners: int = 1
    tasks: int = 1
    documents: int = 0
    model: str | None = None
    rpm: float = 0
    input_tpm: float = 0
    concurrency: int = 0
    limits: dict[TaskKind, float] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    lose_request: float = 0.0
    lose_reply: float = 0.0
    lose_message: float = 0.0
    repeat_message: float = 0.0
    lose_publish: float = 0.0
    repeat_publish: float = 0.0
    figures_every_ms: int = 0  # somebody looks at the queue's figures; 0: nobody
    trouble: float = 0.0  # of an attempt that does not simply succeed
    longest_step_ms: int = 1_000


FAULT_NAMES: Final = (
    "cancel", "cancel", "cancel", "kill", "kill", "freeze", "freeze", "leave",
    "delete", "restart", "restore", "away", "away", "jump",
)  # fmt: skip


def plan_of(rng: Random) -> Plan:
    """The plan of a seed. Each kind of trouble is there in some seeds only, so that it is also met alone."""

    def sometimes(odds: float, most: float) -> float:
        return rng.random() * most if rng.random() < odds else 0.0

    plan = Plan(
        fleet=[_process(rng) for _ in range(rng.choice((1, 1, 2, 2, 3)))],
        owners=rng.randint(1, 3),
        tasks=rng.randint(1, 6),
        documents=rng.randint(0, 2),
        lose_request=sometimes(0.4, 0.2),
        lose_reply=sometimes(0.4, 0.2),
        lose_message=sometimes(0.3, 0.4),
        repeat_message=sometimes(0.3, 0.5),
        lose_publish=sometimes(0.5, 0.4),
        repeat_publish=sometimes(0.5, 0.4),
        figures_every_ms=rng.choice((0, 0, 5_000)),
        trouble=sometimes(0.5, 0.6),
        longest_step_ms=rng.choice((50, 500, 5_000, 15_000)),
    )
    _limit(plan, rng)
    names = [rng.choice(FAULT_NAMES) for _ in range(rng.choice((0, 1, 2, 3, 4, 6, 9)))]
    plan.faults = [Fault(rng.randrange(FAULTY_MS), name) for name in names]
    return plan


def _process(rng: Random) -> Fleet:
    kinds = ALL_KINDS if rng.random() < 0.7 else tuple(rng.sample(ALL_KINDS, rng.randint(1, 2)))
    return Fleet(rng.choice((1, 2, 2, 3, 4)), kinds)


def _limit(plan: Plan, rng: Random) -> None:
    if rng.random() < 0.4:
        plan.limits[rng.choice(ALL_KINDS)] = rng.choice((6.0, 30.0, 60.0))
    if rng.random() < 0.6:
        plan.model = MODEL
        plan.rpm = rng.choice((0.0, 20.0, 60.0, 600.0))
        plan.input_tpm = rng.choice((0.0, 0.0, 30_000.0))
        plan.concurrency = rng.choice((0, 0, 1, 2))
