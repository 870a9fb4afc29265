"""Token buckets: how a budget fills, closes, and learns from answers. Pure.

The memory store calls it; ``scripts/prelude/budgets.lua`` says the same in Lua. Times are ms, rates are units a
minute.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

BURST_MS: Final = 5_000
"""A bucket holds this much of its rate, at least one: little enough that a wrong belief costs little."""
BEHIND_MS: Final = 250
"""We stay this much of the rate behind what the provider says is left, because calls arrive with jitter."""
AWAY_AFTER: Final = 5
"""So many failed calls in a row, without a success between, mean that the model is away."""
LONGEST_PAUSE: Final = 60
"""The pauses between the calls that ask whether it is back are doubled up to this many of the first. The first one is
short, because five calls of a mere burst of errors fail in a row by chance."""
CUT: Final = 0.7
"""What overload, or an answer that comes much slower than usual, leaves of the calls at a time."""
CUT_EVERY_MS: Final = 5_000
"""Failures within this time are one overload: a burst must not close what a moment later is open."""
WIDENS: Final = 1.0
"""What a success adds to a cut window: as much again in the time of one call."""
EASED: Final = 0.85
"""What a 429 that no header explains leaves of the rate."""
TELLING: Final = 10
"""Fewer calls in the last minute than that tell nothing of a rate: one that is refused alone met another limit."""
RAISED: Final = 0.01
"""What each success gives back of it for each minute since: a percent of the rate a minute, then two, …"""
SPENT: Final = 0.05
"""With less than this left of a limit, the headers explain a 429."""


@dataclass(slots=True)
class Bucket:
    """One token bucket. ``rate`` 0 means that there is no limit; a new bucket is full."""

    rate: float = 0
    level: float | None = None
    at: int = 0
    closed_until: int = 0
    reason: str | None = None
    probing: bool = False  # one call at a time until one succeeds
    known: bool = False  # an answer has told the limit, or that there is none to tell
    failures: int = 0  # in a row
    window: float | None = None  # calls at a time, while overload has lowered it
    cut_at: int = 0  # when it was lowered last
    taken: float = 0  # about what was taken in the last minute
    left: float | None = None  # the smallest part of a limit that the last headers said was left
    found: float | None = None  # the rate that 429s have taught, where nothing tells better
    refused_at: int = 0  # when the last of them came

    @property
    def pace(self) -> float:
        """What is spent a minute: the rate, or less where 429s have taught that; 0: no limit."""
        return self.rate if self.found is None else min(self.rate or self.found, self.found)

    @property
    def capacity(self) -> float:
        """The most that may be spent at once."""
        return max(1.0, self.pace * BURST_MS / 60_000)

    def set_rate(self, rate: float, now: int) -> None:
        """Adopt a rate. What was saved up under the old one stays; a bucket that had no limit so far
        starts full."""
        if self.pace > 0:
            self.refill(now)
        else:
            self.level = None
        self.rate = rate

    def refill(self, now: int) -> float:
        """The level at ``now``."""
        level = self.capacity if self.level is None else self.level + (now - self.at) * self.pace / 60_000
        self.taken *= math.exp(min(0, self.at - now) / 60_000)
        self.level, self.at = min(self.capacity, level), now
        return self.level

    def opens_at(self, now: int, need: float = 1) -> int | None:
        """When that much may be taken; None: now. What is more than a full bucket waits for a full one."""
        if self.closed_until > now:
            return self.closed_until
        wanted = min(need, self.capacity)
        if self.pace <= 0 or (level := self.refill(now)) >= wanted:
            return None
        return now + int((wanted - level) * 60_000 / self.pace) + 1

    def take(self, now: int, amount: float = 1) -> None:
        """Spend. A large need takes the level below zero, and nothing more is admitted until that is
        repaid. Without a limit the level means nothing."""
        self.level = self.refill(now) - amount
        self.taken += amount

    def give_back(self, now: int, amount: float = 1) -> None:
        """Return what was taken and not used; a negative amount is what was used beyond that."""
        if self.pace > 0:
            self.level = min(self.capacity, self.refill(now) + amount)

    def believe(self, limit: float | None, remaining: float | None, now: int, least: float = 0) -> None:
        """Adopt what an answer's headers said, upward and downward, and stay a little behind."""
        if limit is not None:
            self.set_rate(limit, now)
        if remaining is not None:
            self.level = min(self.refill(now), remaining - max(least, self.rate * BEHIND_MS / 60_000))

    def close(self, now: int, until: int, reason: str) -> None:
        """Nothing is taken until then; after a trouble that is no 429, one call probes."""
        if reason != "rate_limited":
            self.probing = True
        elif self.closed_until <= now:
            self._ease(now)
        if until > self.closed_until:
            self.closed_until, self.reason = until, reason
            # what is closed saves nothing up: a burst would be refused again
            self.level = min(self.refill(now), 1 - (until - now) * self.pace / 60_000)

    def _ease(self, now: int) -> None:
        """A 429 came. Where the headers say that something is used up they explain it; otherwise less
        may be had than is believed."""
        if self.left is None or self.left > SPENT:
            self.refill(now)
            if self.pace or self.taken >= TELLING:
                self.found, self.refused_at = max(1.0, EASED * (self.pace or self.taken)), now

    def note_failure(self, now: int, in_flight: int, reason: str, first_pause_ms: int) -> None:
        """A call failed. Overload lowers how many run at a time; many failures in a row mean that
        Claude is away: nothing is sent for a while, and then one call probes."""
        self.failures += 1
        if reason == "overloaded":
            self.cut(now, in_flight)
        if self.failures >= AWAY_AFTER:
            pause = min(LONGEST_PAUSE, 2 ** (self.failures - AWAY_AFTER)) * first_pause_ms
            self.closed_until, self.reason, self.probing = max(self.closed_until, now + pause), "engine_away", True

    def cut(self, now: int, in_flight: int) -> None:
        """Let fewer run at a time, once for all that fails together."""
        if self.window is None or now - self.cut_at >= CUT_EVERY_MS:
            self.window, self.cut_at = max(1.0, math.floor(CUT * in_flight)), now

    def note_success(self, now: int, in_flight: int, *, slow: bool = False) -> None:
        """A call succeeded: the model is there. What was lowered rises, unless the answer came slowly;
        then fewer run at a time. ``in_flight`` counts this call."""
        self.probing, self.known, self.reason, self.failures = False, True, None, 0
        if slow:
            self.cut(now, in_flight)
        elif self.window is not None:
            self.window += WIDENS
            if self.window > 2 * in_flight + 2:  # it holds nobody back any more
                self.window = None
        if self.found is not None:
            self.found += RAISED * max(1.0, (now - self.refused_at) / 60_000)
            if 0 < self.rate <= self.found:
                self.found = None
