"""The rules hold in ten thousand worlds, and a seed always gives the same one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.seeds import break_many
from tests.simulation.simulation import simulate

SEEDS = 10_000
ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(600)
def test_every_invariant_holds_in_every_seed() -> None:
    broken = break_many(0, SEEDS)
    lines = [f"python -m tests.simulation {v.seed}   # {v.broken}: {v.detail}" for v in broken]
    assert not broken, "replay with\n" + "\n".join(lines[:20])


def _trace(seed: int, hash_seed: str) -> str:
    command = [sys.executable, "-m", "tests.simulation", str(seed)]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def test_seed_replays_move_by_move_in_another_process() -> None:
    first, again = _trace(7, "1"), _trace(7, "2")
    assert first == again
    assert "every invariant holds" in first.splitlines()[-1]


def test_worlds_are_worth_looking_at() -> None:
    traces: list[str] = []
    for seed in range(400):
        simulate(seed, say=traces.append)
    said = "\n".join(traces)
    for happening in (
        "is killed", "is frozen", "leaves", "is away", "begins generation", "is back at older data", "is now off by",
        "the answer is lost", "is lost", "is gone", "task_restored", "task_retrying", "worker_lost", "message_lost",
        "placed_elsewhere", "handed_back", "rate_limited", "account_paused", "replayed=True", "task_cancelled",
        "outcome=<AppendOutcome.STALE", "outcome=<AppendOutcome.ENDED",
    ):  # fmt: skip
        assert happening in said, f"no seed of the first 400 has: {happening}"
