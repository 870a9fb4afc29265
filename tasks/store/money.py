"""What calls may cost in a day: the rules as pure functions, and the books of the memory store.

An accepted task holds what it is expected to cost until it has ended; each usage that it reports is spent
on the day on which it is reported, and no longer held. What is spent and what is held must together stay
within a limit when a task is accepted. All amounts are whole billionths of a US dollar, so that what is
added and taken away again adds up to nothing. ``scripts/prelude/money.lua`` says the same in Lua.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from tasks.contract.limits import ModelTerms
from tasks.store.ports import CostLevel

NANOS: Final = 1_000_000_000
_NANOS_PER_PRICE: Final = 1_000
"""A price is in dollars for a million tokens: that many billionths of a dollar for one token."""
DAY_MS: Final = 86_400_000
EVERYBODY: Final = "all"


def day_of(now: int) -> int:
    """The day since 1970 in UTC."""
    return now // DAY_MS


def opens_at(now: int) -> int:
    """When the next day begins."""
    return (day_of(now) + 1) * DAY_MS


def of_owner(owner: str) -> str:
    """The owner's name in the books."""
    return f"of:{owner}"


def expected_nanos(terms: ModelTerms | None, tokens: tuple[float, float], shared: float, *, first: bool) -> int:
    """What a task is expected to cost: input tokens of its own, output tokens, and the ``shared`` ones of
    its document, which the ``first`` task of a submission writes to the cache and the others read from
    it. Without a known price it holds nothing."""
    if terms is None or terms.price is None:
        return 0
    price, (own, output) = terms.price, tokens
    cached = price.cache_write if first else price.cache_read
    of_shared = price.input if shared < terms.least_cached_tokens else cached
    return round((own * price.input + output * price.output + shared * of_shared) * _NANOS_PER_PRICE)


@dataclass(slots=True)
class Books:
    """What was spent, by day and name, and what is held, by name."""

    spent: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    held: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def hold(self, owner: str, nanos: int) -> None:
        """Set aside; a negative amount lets go."""
        for name in (EVERYBODY, of_owner(owner)):
            self.held[name] += nanos

    def spend(self, owner: str, nanos: int, now: int) -> None:
        """A call of the owner cost that."""
        for name in (EVERYBODY, of_owner(owner)):
            self.spent[day_of(now)][name] += nanos

    def level(self, name: str, limit_usd: float | None, now: int) -> CostLevel:
        """How things stand under that name."""
        spent = self.spent[day_of(now)][name] if day_of(now) in self.spent else 0
        return CostLevel(spent / NANOS, self.held[name] / NANOS, limit_usd, opens_at(now))

    def has_room(self, name: str, limit_usd: float | None, nanos: int, now: int) -> bool:
        """Whether that much more fits in today."""
        if limit_usd is None:
            return True
        spent = self.spent[day_of(now)][name] if day_of(now) in self.spent else 0
        return spent + self.held[name] + nanos <= limit_usd * NANOS

    def days(self, owner: str, count: int, now: int) -> tuple[tuple[int, float], ...]:
        """The owner's days on which something was spent, newest first."""
        last = range(day_of(now), day_of(now) - count, -1)
        found = ((day, self.spent[day].get(of_owner(owner), 0)) for day in last if day in self.spent)
        return tuple((day, nanos / NANOS) for day, nanos in found if nanos)

    def forget(self, before: int) -> None:
        """Forget the days that lie behind that moment."""
        for day in [day for day in self.spent if day < day_of(before)]:
            del self.spent[day]
