"""The queue's figures for everyone who asks, never later than the promise of 50 ms."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any, Final

from server.queue_view import QueueView
from tasks.contract.errors import StoreUnavailable

_PATIENCE_S: Final = 0.035
"""What is left of 50 ms for the look itself."""
_FRESH_S: Final = 2.0
"""Figures of a look that was merely slow this time are still worth showing as they are."""


class StatsBoard:
    """Shows the newest figures there are; a store that is slow or away makes them old, not late."""

    def __init__(self, queue: QueueView, mode: str) -> None:
        self._queue = queue
        self._shown: dict[str, Any] = unknown_figures(mode)
        self._seen_at = -math.inf
        self._looking: asyncio.Task[dict[str, Any]] | None = None

    async def figures(self) -> dict[str, Any]:
        """The body of ``GET /queue_stats``. ``available`` is false while the store does not answer:
        then the other figures are the last known."""
        looking = self._looking
        if looking is None or looking.done():
            looking = self._looking = asyncio.create_task(self._look())
        done, _ = await asyncio.wait({looking}, timeout=_PATIENCE_S)
        if done:
            return looking.result()
        is_fresh = time.monotonic() - self._seen_at < _FRESH_S
        return self._shown if is_fresh else {**self._shown, "available": False}

    async def _look(self) -> dict[str, Any]:
        try:
            self._shown = await self._queue.as_json()
        except StoreUnavailable:
            self._seen_at = -math.inf
            return {**self._shown, "available": False}
        self._seen_at = time.monotonic()
        return self._shown


def unknown_figures(mode: str) -> dict[str, Any]:
    """What is shown before the store has answered for the first time."""
    zeros = ("workers", "slots", "active_tasks", "reserved_tasks", "total_pending", "oldest_wait_s", "dead")
    return {
        "available": False,
        "mode": mode,
        **dict.fromkeys(zeros, 0),
        "engines": [],
        "kinds": {},
        "budgets": {},
        "costs": None,
    }
