"""Token buckets as the API has them: continuous refill, and headers that say what is left."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.simulator.options import Options


@dataclass(slots=True)
class Bucket:
    """One limit a minute. ``level`` may go negative by output that was not known before. ``clock`` tells
    seconds; a simulation has its own."""

    per_minute: float
    burst_s: float
    clock: Callable[[], float] = time.monotonic
    level: float = 0.0
    at: float = 0.0

    def __post_init__(self) -> None:
        self.level, self.at = self.capacity, self.clock()

    @property
    def capacity(self) -> float:
        """What it can hold: the burst's worth, at least one."""
        return max(1.0, self.per_minute * self.burst_s / 60)

    def refill(self) -> None:
        """Bring the level up to now."""
        now = self.clock()
        self.level = min(self.capacity, self.level + (now - self.at) * self.per_minute / 60)
        self.at = now

    def wait_s(self, need: float) -> float:
        """How long until ``need`` is there; a need above the capacity waits for a full bucket."""
        self.refill()
        missing = min(need, self.capacity) - self.level
        return 0.0 if missing <= 1e-9 else missing / (self.per_minute / 60)


class Limits:
    """The three buckets of one account."""

    def __init__(self, options: Options, clock: Callable[[], float] = time.monotonic) -> None:
        given = {"requests": options.rpm, "input-tokens": options.input_tpm, "output-tokens": options.output_tpm}
        self.buckets = {name: Bucket(rate, options.burst_s, clock) for name, rate in given.items() if rate > 0}

    def take(self, input_tokens: float) -> float:
        """0 and the call is charged, or the seconds after which it could be."""
        needs = {"requests": 1.0, "input-tokens": input_tokens, "output-tokens": 1.0}
        wait = max((bucket.wait_s(needs[name]) for name, bucket in self.buckets.items()), default=0.0)
        if wait == 0:
            for name, bucket in self.buckets.items():
                bucket.level -= needs[name] if name != "output-tokens" else 0.0
        return wait

    def charge_output(self, tokens: float) -> None:
        """Output counts as it is produced."""
        if bucket := self.buckets.get("output-tokens"):
            bucket.refill()
            bucket.level -= tokens

    def headers(self) -> dict[str, str]:
        """``anthropic-ratelimit-*`` as they are now."""
        found: dict[str, str] = {}
        for name, bucket in self.buckets.items():
            bucket.refill()
            full_in = timedelta(seconds=(bucket.capacity - bucket.level) / (bucket.per_minute / 60))
            found[f"anthropic-ratelimit-{name}-limit"] = str(math.floor(bucket.per_minute))
            found[f"anthropic-ratelimit-{name}-remaining"] = str(max(0, math.floor(bucket.level)))
            found[f"anthropic-ratelimit-{name}-reset"] = (datetime.now(UTC) + full_in).strftime("%Y-%m-%dT%H:%M:%SZ")
        return found
