"""The store's own time for its scripts (``INFO commandstats``): neither the network nor who asks is in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from statistics import median

import redis


async def script_micros(client: redis.Redis, windows: int, ask: Callable[[], Awaitable[object]]) -> float:
    """Microseconds for one script, where ``ask`` runs some of them: the median of so many short windows,
    because the store is stopped in the midst of some by whatever else the machine has to do."""
    seen = []
    for _ in range(windows):
        client.config_resetstat()
        await ask()
        seen.append(float(client.info("commandstats")["cmdstat_fcall"]["usec_per_call"]))
    return median(seen)
