"""From `make run` to the first answered request, on a machine where all is installed."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import httpx

from tests.load.effort import Effort
from tests.load.figures import Figure, Outcome, Target
from tests.load.ground import clean_environment
from tests.processes import ROOT, Running, own_port

_READY: Final = r"^Galley is ready at (http://\S+)$"
_TARGET_S: Final = 6.0


async def measure(effort: Effort) -> Outcome:
    """Start and stop the whole product, each time with an empty data folder."""
    starts = tuple(_start_once() for _ in range(effort.runs))
    return Outcome(
        "Start, everything installed", [Figure("make run, until it is ready", "s", starts, Target(_TARGET_S))]
    )


def _start_once() -> float:
    with tempfile.TemporaryDirectory(prefix="galley-") as folder:
        env = clean_environment(Path(folder) / "data", own_port())
        return seconds_to_ready(["make", "run"], env, ROOT)


def seconds_to_ready(argv: Sequence[str], env: dict[str, str], cwd: Path, patience: int = 1) -> float:
    """Run the product, take the time until it says that it is ready, see that it is, and stop it.

    ``patience`` is how many times as long as tests do to wait for it.
    """
    began = time.perf_counter()
    with Running(argv, env, cwd) as product:
        url = _ready_line(product, patience)[1]
        took = time.perf_counter() - began
        assert httpx.get(url, trust_env=False).status_code == 200, f"{url} does not answer"
    return took


def _ready_line(product: Running, patience: int) -> re.Match[str]:
    for _ in range(patience - 1):
        try:
            return product.wait_for_line(_READY)
        except AssertionError:
            if product.process.poll() is not None:
                raise
    return product.wait_for_line(_READY)
