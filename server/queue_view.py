"""What a waiting person is told: place, estimate, and what the wait is for.

Computed outside the scripts from `Stats` and the order of the line, so that a thousand watchers
cost the store one look a second.
"""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import asdict, dataclass
from typing import Any, Final

from tasks.contract.names import TaskKind
from tasks.store.ports import CostLevel, KindStats, Stats, Store, WaitingFor

NEAR: Final = 0.8
"""The share of a day's cost limit from which on people are warned."""
EXACT_PLACES: Final = 500
"""How far into a line places are looked up exactly; behind it they are "about"."""
_STATS_KEPT_S: Final = 0.25
_PLACES_KEPT_S: Final = 1.0
_GUESSED_RUN_MS: Final = 8_000
"""A run's length until one of its kind has been measured: a middling Claude call."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a waiting task stands. ``position`` counts from 1; ``reopens_at`` is ms since the epoch."""

    position: int
    about: bool
    eta_s: int | None
    waiting_for: WaitingFor
    reopens_at: int | None

    def as_json(self) -> dict[str, Any]:
        """The interface's spelling."""
        return asdict(self)


def estimate_s(position: int, latest: int, kind: KindStats, now: int) -> int | None:
    """Seconds until the task at ``position`` (from 1) starts; None when nothing runs that could start it.

    While as many come to wait as are started, everybody goes on taking turns, and the task has its ``latest``
    place before it; while nobody comes, its present one. What moves the line (slots, limits, the account, other
    kinds) shows in how fast it moved lately, but never faster than the limits allow for long: what they saved up
    is soon spent. Until it has moved, the slower of two bounds: the limits, and the slots, each of which gives way
    once in a mean run. Never earlier than the time at which a closed budget reopens.
    """
    if kind.slots == 0:
        return None
    if position <= kind.free and kind.waiting_for is WaitingFor.TURN:
        return 0
    until_open = max(0, (kind.reopens_at or now) - now)
    before = position - 1 + min(1.0, kind.inflow) * (latest - position)
    return math.ceil((until_open + _moves_ms(before, kind)) / 1000)


def _moves_ms(before: float, kind: KindStats) -> float:
    """How long that many others take to start."""
    by_limit = before / kind.allowed_per_minute * 60_000 if kind.allowed_per_minute else 0.0
    if kind.step_ms is not None:
        return max(before * kind.step_ms, by_limit)
    by_slots = max(0, before + 1 - kind.free) / kind.slots * (kind.run_ms or _GUESSED_RUN_MS)
    return max(by_slots, by_limit)


def place_of(position: int, latest: int, kind: KindStats, now: int) -> Place:
    """The place of a task at that position; see `Standing`. Only the head of a line waits for more than its
    turn, unless nobody moves at all."""
    stuck = kind.waiting_for is not WaitingFor.TURN
    waiting_for = kind.waiting_for if stuck else WaitingFor.TURN
    eta_s = estimate_s(position, latest, kind, now)
    return Place(position, position > EXACT_PLACES, eta_s, waiting_for, kind.reopens_at)


class QueueView:
    """Looks at the queue for everyone in this process, at most four times a second."""

    def __init__(self, store: Store, mode: str) -> None:
        self._store = store
        self._mode = mode
        self._stats: Stats | None = None
        self._looked_at = -math.inf
        self._lock = asyncio.Lock()
        self._places: dict[str, Place] = {}
        self._placed_at = -math.inf

    async def stats(self) -> Stats:
        """The queue now, or as it was up to a quarter of a second ago."""
        if (fresh := self._fresh_stats()) is not None:
            return fresh
        async with self._lock:
            if (fresh := self._fresh_stats()) is not None:
                return fresh  # somebody else has looked while this one waited
            stats = self._stats = await self._store.stats()
            self._looked_at = time.monotonic()
            return stats

    def _fresh_stats(self) -> Stats | None:
        return self._stats if time.monotonic() - self._looked_at <= _STATS_KEPT_S else None

    async def place(self, task_id: str, kind: TaskKind) -> Place | None:
        """The place of one waiting task; None when it does not wait."""
        position = await self._store.position(task_id, kind)
        if position is None:
            return None
        exact = (await self._recent_places()).get(task_id) if position > 1 else None
        return exact or await self.place_at(position, kind)

    async def _recent_places(self) -> dict[str, Place]:
        if time.monotonic() - self._placed_at > _PLACES_KEPT_S:
            await self.first_places()
        return self._places

    async def place_at(self, position: int, kind: TaskKind) -> Place:
        """The place that belongs to a position told from counts, which takes all for equally busy."""
        stats = await self.stats()
        return place_of(position, position, stats.kinds[kind], stats.now)

    async def first_places(self) -> dict[str, Place]:
        """The places of the first `EXACT_PLACES` tasks of every kind, by task."""
        stats = await self.stats()
        places: dict[str, Place] = {}
        for kind, of_kind in stats.kinds.items():
            if of_kind.waiting:
                for index, (task_id, latest) in enumerate(await self._store.waiting(kind, EXACT_PLACES)):
                    places[task_id] = place_of(index + 1, latest, of_kind, stats.now)
        self._places, self._placed_at = places, time.monotonic()
        return places

    async def as_json(self) -> dict[str, Any]:
        """The body of ``GET /queue_stats``."""
        return stats_json(await self.stats(), self._mode)


def stats_json(stats: Stats, mode: str) -> dict[str, Any]:
    """`Stats` in the interface's spelling: active = claimed, reserved = admitted and not yet
    claimed, pending = waiting, parked ones included."""
    oldest = [k.oldest_at for k in stats.kinds.values() if k.oldest_at is not None]
    return {
        "available": stats.workers > 0,
        "mode": mode,
        "workers": stats.workers,
        "slots": stats.slots,
        "active_tasks": sum(k.active for k in stats.kinds.values()),
        "reserved_tasks": sum(k.reserved for k in stats.kinds.values()),
        "total_pending": sum(k.waiting + k.parked for k in stats.kinds.values()),
        "oldest_wait_s": max(0, round((stats.now - min(oldest)) / 1000)) if oldest else 0,
        "engines": list(stats.engines),
        "kinds": {kind.value: asdict(of_kind) for kind, of_kind in stats.kinds.items()},
        "budgets": {name: asdict(budget) for name, budget in stats.budgets.items()},
        "dead": stats.dead,
        "costs": level_json(stats.costs),
    }


def level_json(level: CostLevel) -> dict[str, Any]:
    """A cost level with its verdict: from `NEAR` of the limit on people are warned."""
    used = level.spent_usd + level.held_usd
    state = "unlimited" if level.limit_usd is None else "open"
    if level.limit_usd is not None and used >= NEAR * level.limit_usd:
        state = "reached" if used >= level.limit_usd else "near"
    return {**asdict(level), "state": state}
