"""``python -m tests.simulation SEED``: replay a seed and say what happens. With ``--count N`` look for broken
seeds from SEED on; ``--mutant NAME`` takes a store that lacks a rule.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.simulation.mutants import MUTANTS
from tests.simulation.seeds import break_many, hunt
from tests.simulation.simulated_store import SimulatedStore
from tests.simulation.simulation import Verdict, simulate


def main() -> int:
    """0 when every invariant holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--mutant", choices=sorted(MUTANTS))
    given = parser.parse_args()
    make = MUTANTS[given.mutant] if given.mutant else SimulatedStore
    if given.count == 1:
        return _report(simulate(given.seed, make, print))
    began = time.perf_counter()
    if given.mutant:
        broken = list(hunt(range(given.seed, given.seed + given.count), make))
    else:
        broken = break_many(given.seed, given.count)
    for verdict in broken:
        _report(verdict)
    print(f"{given.count / (time.perf_counter() - began):.0f} seeds/s, {len(broken)} broken", file=sys.stderr)
    return 1 if broken else 0


def _report(verdict: Verdict) -> int:
    if verdict.broken is None:
        print(f"seed {verdict.seed}: every invariant holds ({verdict.moves} moves, {verdict.events} events)")
        return 0
    print(f"seed {verdict.seed}: {verdict.broken}\n    {verdict.detail}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
