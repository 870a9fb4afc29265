"""What the provider's books say of a scene, and what people waited."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from tasks.store.admission import OUTPUT_WEIGHT
from tests.simulation.traffic.account import LIMITED_MEMBERS, Call
from tests.simulation.traffic.traffic import Task, Traffic

MINUTE: Final = 60_000
LAST_MS: Final = 30_000
"""What begins later than this before the end of a scene has not produced its whole answer there."""


def max_min(capacity: float, wanted: Mapping[str, float]) -> dict[str, float]:
    """Who gets how much when nobody gets more than wanted and the rest is shared evenly."""
    given: dict[str, float] = {}
    left = capacity
    for place, (name, want) in enumerate(sorted(wanted.items(), key=lambda item: item[1])):
        given[name] = min(want, left / (len(wanted) - place))
        left -= given[name]
    return given


Arrival = tuple[float, str, float]
"""When somebody asked for how much: time, name, amount."""


def fair_amounts(arrivals: Iterable[Arrival], served: Iterable[tuple[float, float]], begin: float) -> dict[str, float]:
    """What each should have got from ``begin`` on of what was ``served`` (time, amount): each piece is shared max-min
    among those who had asked by then for more than they should have got so far. That is fluid fair queueing (Parekh,
    Gallager 1993). What was wanted of a whole window would say less: who asks late in it could not be served before.
    """
    waiting: dict[str, float] = {}
    fair: dict[str, float] = {}
    asked = sorted(arrivals, reverse=True)
    for at, amount in sorted(served):
        while asked and asked[-1][0] <= at:
            _, name, more = asked.pop()
            waiting[name] = waiting.get(name, 0.0) + more
        for name, part in max_min(amount, waiting).items():
            waiting[name] -= part
            fair[name] = fair.get(name, 0.0) + (part if at >= begin else 0.0)
    return fair


def jain(shares: Sequence[float]) -> float:
    """Jain's index: 1 when all are alike, 1/n when one has everything. Of parts of what would have been fair it tells
    how fair it was (Jain, Chiu, Hawe 1984)."""
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares)) if any(shares) else 1.0


def percentile(values: Iterable[float], share: float) -> float:
    """Nearest rank; not a number of nothing."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else math.nan


class Judge:
    """Figures of a scene that has been played, between two times (ms; without an end up to the last calls
    whose answers are whole)."""

    def __init__(self, traffic: Traffic, begin: float = 0.0, end: float | None = None) -> None:
        self._traffic = traffic
        self._scene = traffic.scene
        self._begin = begin
        self._end = min(end or math.inf, self._scene.minutes * MINUTE - LAST_MS)
        self._calls = [call for call in traffic.account.calls if begin <= call.at < self._end]

    @property
    def refused(self) -> int:
        """How many calls got a 429."""
        return sum(call.status == 429 for call in self._calls)

    @property
    def refused_share(self) -> float:
        """Of all calls, those that got a 429."""
        return self.refused / max(1, len(self._calls))

    @property
    def used(self) -> float:
        """Of the limit that was used most, how much of it: 1.0 is all that the rate gives in that time."""
        took = {
            "requests": sum(1.0 for call in self._calls if call.status == 200),
            "input-tokens": sum(call.input for call in self._calls),
            "output-tokens": sum(call.output for call in self._calls),
        }
        return max(took[name] / self._allowed(LIMITED_MEMBERS[name]) for name in self._traffic.account.limits.buckets)

    def _allowed(self, member: str) -> float:
        """What the rate gave between the two times, whatever it was when."""
        spans = [*self._traffic.account.spans, (int(self._scene.minutes * MINUTE), None)]
        given = 0.0
        for (begin, options), (end, _) in pairwise(spans):
            part = max(0.0, min(end, self._end) - max(begin, self._begin))
            given += getattr(options, member) * part / MINUTE
        return given

    def shares(self) -> dict[str, float]:
        """What each owner got of all that was given, in weighted tokens."""
        got: dict[str, float] = {owner.name: 0.0 for owner in self._scene.owners}
        for call in self._calls:
            got[call.owner] += weight(call)
        total = sum(got.values()) or 1.0
        return {name: amount / total for name, amount in got.items()}

    @property
    def fairness(self) -> float:
        """Jain's index among the equally busy, of their shares as parts of the fair ones."""
        shares, fair = self.shares(), self.fair_shares()
        return jain([shares[owner.name] / fair[owner.name] for owner in self._scene.owners if owner.busy])

    def fair_shares(self) -> dict[str, float]:
        """What max-min would have given; see `fair_amounts`."""
        tasks, calls = self._traffic.tasks.values(), self._traffic.account.calls
        arrivals = [(task.submitted_at, task.owner, task.input + OUTPUT_WEIGHT * task.output) for task in tasks]
        served = [(call.at, weight(call)) for call in calls if call.at < self._end]
        fair = fair_amounts(arrivals, served, self._begin)
        total = sum(fair.values()) or 1.0
        return {owner.name: fair.get(owner.name, 0.0) / total for owner in self._scene.owners}

    def off_share(self, owner: str) -> float:
        """How many points (of 100) an owner's share is above max-min; below is negative."""
        return 100 * (self.shares()[owner] - self.fair_shares()[owner])

    def wait_s(self, owner: str, share: float = 0.95) -> float:
        """How long an owner's tasks waited for the call that was answered; those that never began count
        up to the end."""
        return percentile((wait for task in self._of(owner) for wait in [self._waited_s(task)]), share)

    def _of(self, owner: str) -> Iterable[Task]:
        tasks = self._traffic.tasks.values()
        return (task for task in tasks if task.owner == owner and self._begin <= task.submitted_at < self._end)

    def _waited_s(self, task: Task) -> float:
        return ((task.started_at if task.started_at is not None else self._end) - task.submitted_at) / 1000

    def longest_wait_s(self) -> float:
        """Of anybody."""
        return max(self._waited_s(task) for task in self._traffic.tasks.values())

    def estimate_errors(self, least_s: float = 5.0) -> list[float]:
        """How far off each estimate was, as a share of the wait that came; waits below ``least_s`` are left out."""
        errors = []
        for task in self._traffic.tasks.values():
            if task.started_at is not None:
                for at, eta_s in task.told:
                    came = (task.started_at - at) / 1000
                    if came >= least_s and self._begin <= at < self._end:
                        errors.append(abs(eta_s - came) / came)
        return errors

    @property
    def estimate_error(self) -> float:
        """The median of `estimate_errors`."""
        return median(self.estimate_errors() or [math.nan])


def weight(call: Call) -> float:
    """A call as fairness weighs it."""
    return call.input + OUTPUT_WEIGHT * call.output
