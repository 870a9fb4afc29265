"""The simulation finds a store that lacks a rule. This is what its silence about the real one is worth."""

from __future__ import annotations

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.seeds import first_broken
from tests.simulation.simulated_store import SimulatedStore

ENOUGH = 1_000
"""Seeds within which each must be caught; a run of CI tries ten times as many."""
CAUGHT_BY = {
    "WithoutFence": "an attempt is fenced by the next",
    "WithoutSweep": "every task ends in time",
    "WithoutGeneration": "a number is given out once",
    "WithoutToken": "an admission is claimed once",
    "WithoutKeptSlots": "slots are kept for chat",
    "WithoutRefund": "a budget holds what was not spent",
    "WithoutSuspects": "no two suspects share a process",
    "WithoutIdempotency": "one key makes one task",
}
"""Where one invariant alone is meant to catch it."""


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_store_without_a_rule_is_caught(name: str, record_property: pytest.RecordProperty) -> None:
    verdict = first_broken(ENOUGH, MUTANTS[name])
    assert verdict is not None, f"{name} lived through {ENOUGH} seeds"
    record_property("caught", f"seed {verdict.seed}: {verdict.broken}")
    print(f"{name}: caught after {verdict.seed + 1} seeds, because {verdict.broken!r} does not hold")
    assert verdict.broken == CAUGHT_BY.get(name, verdict.broken)


def test_store_with_all_rules_is_not_caught() -> None:
    assert first_broken(100, SimulatedStore) is None
