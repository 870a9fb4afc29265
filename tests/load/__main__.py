"""``python -m tests.load``: all benchmarks, one table. ``make bench`` runs it.

The status is 1 when a fact is untrue: something was lost, doubled or miscounted. A missed target is
shown and is no failure, because a slower or busier machine misses it too.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

import uvloop

from tests.load import (
    admission,
    append,
    document_cost,
    event_latency,
    fleet,
    page,
    queue_stats,
    relay_cost,
    relay_idle,
    relay_throughput,
    start,
    submissions,
    traffic,
)
from tests.load.effort import FULL, QUICK, Effort
from tests.load.figures import Outcome, table
from tests.load.machine import Machine

_ALL: Final[dict[str, Callable[[Effort], Awaitable[Outcome]]]] = {
    "start": start.measure,
    "submissions": submissions.measure,
    "queue_stats": queue_stats.measure,
    "event_latency": event_latency.measure,
    "append": append.measure,
    "admission": admission.measure,
    "traffic": traffic.measure,
    "fleet": fleet.measure,
    "document_cost": document_cost.measure,
    "page": page.measure,
    "relay": relay_throughput.measure,
    "relay_idle": relay_idle.measure,
    "relay_cost": relay_cost.measure,
}


def main() -> int:
    """Measure what is asked for and print it; the exit status."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="galley-") as folder:
        machine = Machine.seen_from(Path(folder))
    print(machine)
    if machine.is_busy:
        print("This machine is busy with other work: these figures show no more than that the benchmarks run.")
    outcomes = uvloop.run(_measure(given.only or list(_ALL), QUICK if given.quick else FULL))
    if given.json is not None:
        result = {"machine": asdict(machine), "quick": given.quick, "outcomes": [o.as_json() for o in outcomes]}
        given.json.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    return 0 if all(fact.holds for outcome in outcomes for fact in outcome.facts) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=_ALL, help="these benchmarks instead of all")
    parser.add_argument("--quick", action="store_true", help="once and short: shows that they work")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything into this file")
    return parser.parse_args()


async def _measure(names: list[str], effort: Effort) -> list[Outcome]:
    outcomes = []
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        outcomes.append(await _ALL[name](effort))
        print(table(outcomes[-1:]), flush=True)  # at once: a later one that breaks must not take it along
    return outcomes


if __name__ == "__main__":
    sys.exit(main())
