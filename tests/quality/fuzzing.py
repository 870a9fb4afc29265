"""Damaged files without number: whatever a reader or an export does with them, it does in order.

A case is done again with ``python -m tests.fuzzing.case NUMBER``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tasks.documents.confinement import MAX_CPU_S
from tests.quality.report import Report, Target

LONG_S: Final = 600.0
QUICK_S: Final = 8.0
STUCK_S: Final = 60.0
"""Without a word for so long, a process is taken to hang. A parser would have been ended long before."""
_ROOT: Final = Path(__file__).parents[2]
_APART: Final = 10**9


@dataclass(slots=True)
class Found:
    """What all processes told. ``contained`` are the cases that ended or stalled their process, as they would have
    ended a parser, whose parent turns that into a refusal."""

    outcomes: Counter[str] = field(default_factory=Counter)
    uncaught: list[str] = field(default_factory=list)
    contained: list[str] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, 0)

    def add(self, told: dict[str, Any]) -> None:
        """One case."""
        self.outcomes[told["outcome"]] += 1
        self.slowest = max(self.slowest, (told["seconds"], told["number"]))
        if told["error"]:
            self.uncaught.append(f"{told['number']}: {told['error']}")


async def measure(quick: bool) -> Report:
    """Ten minutes on every core; the numbers begin anywhere, and are told."""
    first = 0 if quick else int(time.time()) * _APART
    seconds = QUICK_S if quick else LONG_S
    found = Found()
    cores = os.cpu_count() or 1
    telling = asyncio.create_task(_keep_telling(found))
    try:
        await asyncio.gather(*(_keep_running(first + core * _APART // 100, seconds, found) for core in range(cores)))
    finally:
        telling.cancel()
    report = Report()
    cases = found.outcomes.total()
    report.text.append(f"{cases:,} damaged files in {seconds:.0f} s on {cores} cores, from number {first:,}")
    report.add_table("What came of them", ("outcome", "cases"), sorted(found.outcomes.items()))
    report.text += ["", f"slowest: {found.slowest[0]:.2f} s (number {found.slowest[1]})"]
    report.text += [f"contained: {what}" for what in found.contained] + found.uncaught
    report.targets += [
        Target("damaged files tried", cases, 100 if quick else 10_000),
        Target("exceptions that nothing caught", len(found.uncaught), 0, at_least=False),
    ]
    return report


async def _keep_telling(found: Found) -> None:
    """Once a minute how far it is, so that ten silent minutes are not taken for a hang."""
    minutes = 0
    while True:
        await asyncio.sleep(60)
        minutes += 1
        told = f"{minutes} min: {found.outcomes.total():,} files, {len(found.uncaught)} exceptions"
        print(told, file=sys.stderr, flush=True)


async def _keep_running(first: int, seconds: float, found: Found) -> None:
    """One process after the other, each beginning behind the case that ended the one before."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        first = await _run(first, left, found) + 1


async def _run(first: int, seconds: float, found: Found) -> int:
    """The last number that was begun."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fuzzing.run", str(first), str(seconds)),
        stdout=asyncio.subprocess.PIPE,
        cwd=_ROOT,
    )
    assert child.stdout is not None
    begun, told = first, first - 1
    try:
        while line := await asyncio.wait_for(child.stdout.readline(), STUCK_S):
            fact = json.loads(line)
            if "begins" in fact:
                begun = fact["begins"]
            else:
                told = fact["number"]
                found.add(fact)
    except TimeoutError:
        child.kill()
    status = await child.wait()
    if told < begun:
        found.contained.append(f"number {begun} ended its process with {status} (a parser has {MAX_CPU_S} s)")
    return begun
