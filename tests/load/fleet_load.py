"""The load that all fleets get, and how the provider's books judge what they made of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from tests.simulation.traffic.judge import fair_amounts, jain, percentile
from tests.simulation.traffic.scene import Owner, ten_owners

RPM: Final = 240.0
"""The account's limit. Small enough that a laptop's workers are not what holds it back."""
LOAD: Final = 2.0
SETTLED_S: Final = 10.0
"""What the limit saved up before, and the first looks at it, are not judged."""
_MARKER: Final = re.compile(r"^marker-(\w+)-(\d+)$")


@dataclass(frozen=True, slots=True)
class Job:
    """One task of the load: whose, and when it is asked for, in seconds from the start."""

    at_s: float
    owner: str
    number: int

    @property
    def marker(self) -> str:
        """The word by which its calls are found in the books."""
        return f"marker-{self.owner}-{self.number}"

    @property
    def text(self) -> str:
        """The section that is to be reviewed."""
        return f"About {self.marker}: the second quarter had fewer errors than the first one, by a wide margin."


def owners() -> tuple[Owner, ...]:
    """One who floods, eight equally busy ones, a light one."""
    return ten_owners(RPM, LOAD)


def jobs_for(seconds: float, seed: int) -> list[Job]:
    """The load of a run, in order of time."""
    jobs: list[Job] = []
    for owner in owners():
        draw, at_s, number = Random(f"{seed} {owner.name}"), 0.0, 0
        while (at_s := at_s + draw.expovariate(owner.per_minute / 60)) < seconds:
            number += 1
            jobs.append(Job(at_s, owner.name, number))
    return sorted(jobs, key=lambda job: job.at_s)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the books say of one fleet. Shares are of 1, waits in seconds."""

    used: float
    refused: int
    calls: int
    jain: float
    flood_off: float
    light_wait_s: float


def judge(calls: Sequence[dict[str, Any]], jobs: Sequence[Job], began_ms: int, seconds: float) -> Verdict:
    """Judge one run by the calls in the provider's books."""
    begin, end = began_ms + 1000 * SETTLED_S, began_ms + 1000 * seconds
    began: dict[str, int] = {}
    given = {owner.name: 0.0 for owner in owners()}
    for call in calls:
        marker = next(iter(call["markers"]), "")
        if call["status"] == 200 and (named := _MARKER.match(marker)):
            began.setdefault(marker, call["at"])
            given[named[1]] += begin <= call["at"] < end
    total = sum(given.values()) or 1.0
    asked = [(began_ms + 1000 * job.at_s, job.owner, 1.0) for job in jobs]
    fair = fair_amounts(asked, [(at, 1.0) for at in began.values() if at < end], begin)
    waits = [(began.get(job.marker, end) - began_ms) / 1000 - job.at_s for job in jobs if job.owner == "light"]
    return Verdict(
        used=total / (RPM * (seconds - SETTLED_S) / 60),
        refused=sum(call["status"] == 429 for call in calls),
        calls=len(calls),
        jain=jain([given[owner.name] / max(1.0, fair.get(owner.name, 0.0)) for owner in owners() if owner.busy]),
        flood_off=100 * (given["flood"] - fair.get("flood", 0.0)) / total,
        light_wait_s=percentile(waits, 0.95),
    )
