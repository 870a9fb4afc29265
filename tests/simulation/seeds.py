"""Many seeds at once."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import Final

from tests.simulation.simulated_store import SimulatedStore
from tests.simulation.simulation import Verdict, simulate

CHUNK: Final = 250


def broken_of(seeds: Iterable[int]) -> list[Verdict]:
    """The verdicts of those seeds that break an invariant."""
    # the collector would look again and again at a world that lives for milliseconds
    gc.disable()
    try:
        verdicts = [simulate(seed) for seed in seeds]
    finally:
        gc.enable()
        gc.collect()
    return [verdict for verdict in verdicts if verdict.broken is not None]


def break_many(first: int, count: int, processes: int | None = None) -> list[Verdict]:
    """The broken ones of ``count`` seeds, in as many processes as there are cores."""
    chunks = [range(at, min(at + CHUNK, first + count)) for at in range(first, first + count, CHUNK)]
    with ProcessPoolExecutor(processes or os.cpu_count(), get_context("spawn")) as pool:
        return [verdict for broken in pool.map(broken_of, chunks) for verdict in broken]


def hunt(seeds: Iterable[int], make: type[SimulatedStore]) -> Iterator[Verdict]:
    """The broken seeds, one after the other, as they are found."""
    for seed in seeds:
        verdict = simulate(seed, make)
        if verdict.broken is not None:
            yield verdict


def first_broken(count: int, make: type[SimulatedStore]) -> Verdict | None:
    """The first of ``count`` seeds that breaks an invariant."""
    return next(islice(hunt(range(count), make), 1), None)
