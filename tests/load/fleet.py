"""Whole fleets on one limited account: real workers, the real SDK, and the simulator's books as the judge.

Ten owners, one of whom floods, ask for twice what the limit allows; in the middle half of all calls get a
529 for a moment. All fleets get the same load, one after the other, from a full account.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import httpx

from tests.load.effort import Effort
from tests.load.figures import Fact, Figure, Outcome, Target
from tests.load.fleet_load import RPM, Job, Verdict, jobs_for, judge
from tests.load.fleet_sides import GALLEY, LITELLM, RECIPE, SDK_ONLY, Fleet, Side, Told, install_litellm
from tests.load.ground import Ground
from tests.processes import BIN, Running

_SECONDS: Final = 100.0
"""Of each fleet: long enough for the light owner to come some eight times; four of them take nine minutes."""
_ANSWER_MS: Final = 1_500
_BURST_S: Final = 5.0
"""The account saves up so much of its rate: less than a real one, so that a minute shows what an hour does."""
_ERRORS_S: Final = 2.0
_LOOK_EVERY_S: Final = 5.0
_URL: Final = r"^http://\S+$"
_LEAST_WAIT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Run:
    """One fleet's run. ``off`` is how far off its estimates were, as shares of what came."""

    verdict: Verdict
    off: tuple[float, ...] = ()


async def measure(effort: Effort) -> Outcome:
    """One run of each fleet, whatever the effort: a run is a minute and more."""
    seconds = max(25.0, effort.seconds(_SECONDS))
    jobs = jobs_for(seconds, seed=1)
    runs, facts = {}, []
    for side in (RECIPE, SDK_ONLY, LITELLM, GALLEY):
        if side is LITELLM and not _can_litellm():
            facts.append(Fact(f"{side.name} could not be installed here, and is not in the table", True))
            continue
        print(f"  {side.name} ...", file=sys.stderr, flush=True)
        runs[side.name] = await _run(side, jobs, seconds)
    ours, recipe = runs[GALLEY.name], runs[RECIPE.name]
    figures = [figure for name, run in runs.items() for figure in _figures(name, run, ours=run is ours)]
    share = ours.verdict.light_wait_s / max(0.001, recipe.verdict.light_wait_s)
    figures.append(Figure("the light owner's wait, as a part of (a)", "", (share,), Target(0.1)))
    if ours.off:
        off = 100 * median(ours.off)
        figures.append(Figure("(d) Galley: its estimates are off by, median", "%", (off,), Target(25)))
    calls = sum(run.verdict.calls for run in runs.values())
    facts.append(Fact(f"{len(jobs)} tasks for each fleet, {calls:,} calls in the books", calls > 0))
    return Outcome(
        f"Fleets on an account of {RPM:.0f} requests a minute, {seconds:.0f} s of twice that", figures, facts
    )


def _figures(name: str, run: Run, *, ours: bool) -> Iterator[Figure]:
    verdict = run.verdict
    rows = (
        ("used of the limit", "%", 100 * verdict.used, Target(97, at_least=True)),
        ("429s", "", verdict.refused, Target(0)),
        ("Jain's index of the equally busy", "", verdict.jain, Target(0.98, at_least=True)),
        ("the flood's share above max-min", "pts", verdict.flood_off, Target(3)),
        ("the light owner's wait, p95", "s", verdict.light_wait_s, None),
    )
    for words, unit, value, target in rows:
        yield Figure(f"{name}: {words}", unit, (float(value),), target if ours else None)


def _can_litellm() -> bool:
    try:
        install_litellm()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"  no LiteLLM: {error}", file=sys.stderr)
        return False
    return True


async def _run(side: Side, jobs: list[Job], seconds: float) -> Run:
    with _simulator() as claude, Ground() as ground:
        ground.env.update(ANTHROPIC_BASE_URL=str(claude.base_url).rstrip("/"), ANTHROPIC_API_KEY="key")
        ground.env.update(CLAUDE_MODEL="claude-sonnet-5-5")
        async with side.start(ground) as fleet:
            claude.post("/control/reset").raise_for_status()
            began_ms = time.time_ns() // 1_000_000
            async with asyncio.TaskGroup() as group:
                group.create_task(_hand_all(fleet, jobs))
                group.create_task(_look(fleet, seconds))
                group.create_task(_break(claude, seconds / 2))
                await asyncio.sleep(seconds)
            calls = claude.get("/control/ledger").json()["calls"]
            return Run(judge(calls, jobs, began_ms, seconds), _errors(fleet.told, calls))


async def _hand_all(fleet: Fleet, jobs: list[Job]) -> None:
    """Each job at its time."""
    began = time.monotonic()
    for job in jobs:
        await asyncio.sleep(max(0.0, job.at_s - (time.monotonic() - began)))
        await fleet.hand(job)


async def _look(fleet: Fleet, seconds: float) -> None:
    """Ask for all estimates now and then."""
    for _ in range(int(seconds / _LOOK_EVERY_S) - 1):
        await asyncio.sleep(_LOOK_EVERY_S)
        await fleet.look()


async def _break(claude: httpx.Client, at_s: float) -> None:
    """For a moment half of all calls are refused as overloaded."""
    await asyncio.sleep(at_s)
    claude.post("/control", json={"probability": {"p": 0.5, "fault": "overloaded"}}).raise_for_status()
    await asyncio.sleep(_ERRORS_S)
    claude.post("/control", json={"probability": {"p": 0.0}}).raise_for_status()


def _errors(told: Told, calls: list[dict[str, Any]]) -> tuple[float, ...]:
    """How far off each estimate was, of waits that were worth one."""
    began: dict[str, float] = {}
    for call in calls:
        if call["status"] == 200 and call["markers"]:
            began.setdefault(call["markers"][0], call["at"] / 1000)
    waits = ((eta_s, began[task] - at) for task, looks in told.items() if task in began for at, eta_s in looks)
    return tuple(abs(eta_s - came) / came for eta_s, came in waits if came >= _LEAST_WAIT_S)


@contextmanager
def _simulator() -> Iterator[httpx.Client]:
    limits = ("--rpm", f"{RPM:.0f}", "--burst-s", str(_BURST_S), "--duration-ms", str(_ANSWER_MS))
    argv = (BIN / "python", "-m", "tests.simulator", *limits)
    with Running(argv) as process, httpx.Client(base_url=process.wait_for_line(_URL)[0], trust_env=False) as client:
        yield client
