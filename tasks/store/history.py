"""What the queue did in each of the last minutes: what is counted, and what is read from the counts. Pure.

A minute is a flat table of counts, the same in both stores: ``started``, ``failed``, ``wait:<step>``
(first starts whose wait was of that step) and ``share:<budget>`` (what was taken of a budget, as a
share of its limit a minute). Waits are counted by steps that grow by a quarter, so that a minute of any
load is some sixty small numbers and a percentile is right within an eighth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from tasks.store.ports import MinuteStats

MINUTES: Final = 60
MINUTE_MS: Final = 60_000
KEPT_MS: Final = (MINUTES + 1) * MINUTE_MS
SHORTEST_WAIT_MS: Final = 100
STEP_RATIO: Final = 1.25


def wait_step(waited_ms: float) -> int:
    """The step of a wait; 0 holds everything under `SHORTEST_WAIT_MS`."""
    if waited_ms < SHORTEST_WAIT_MS:
        return 0
    return math.floor(math.log(waited_ms / SHORTEST_WAIT_MS) / math.log(STEP_RATIO)) + 1


def wait_of(step: int) -> int:
    """The middle of a step, in ms."""
    return SHORTEST_WAIT_MS // 2 if step == 0 else round(SHORTEST_WAIT_MS * STEP_RATIO ** (step - 0.5))


def minute_of(at: int, counts: Mapping[str, float]) -> MinuteStats:
    """A minute's figures from its counts. ``at`` is its beginning, ms since the epoch."""
    waits = sorted((int(name.removeprefix("wait:")), n) for name, n in counts.items() if name.startswith("wait:"))
    shares = [share for name, share in counts.items() if name.startswith("share:")]
    return MinuteStats(
        at=at,
        started=int(counts.get("started", 0)),
        failed=int(counts.get("failed", 0)),
        wait_median_ms=_quantile(waits, 0.5),
        wait_p95_ms=_quantile(waits, 0.95),
        share=round(max(0.0, *shares), 4) if shares else 0.0,
    )


def _quantile(waits: Sequence[tuple[int, float]], quantile: float) -> int | None:
    """The wait that this share of the starts did not exceed; None when nothing was started."""
    wanted = quantile * sum(n for _, n in waits)
    passed = 0.0
    for step, n in waits:
        passed += n
        if passed >= wanted:
            return wait_of(step)
    return None
