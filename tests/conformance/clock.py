"""Time that passes in a store as a case says, and not while the machine is busy with something else."""

from __future__ import annotations

import time
from typing import Final

from tasks.contract.timing import Timing
from tasks.store.redis_connection import RedisConnection
from tasks.store.redis_scripts import Library
from tasks.store.redis_store import RedisStore

_KEY: Final = "hand-clock"
_TIME: Final = b"call('TIME')"
_HAND_TIME: Final = f"(function(t) return {{ t:sub(1, -4), t:sub(-3) .. '000' }} end)(call('GET', '{_KEY}'))".encode()


class HandClock:
    """Ms since the Unix epoch, as the stores of a case see it. It stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now_ms = 0

    def __call__(self) -> int:
        return self.now_ms

    def start(self) -> None:
        """The true time, for a new case."""
        self.now_ms = max(self.now_ms, int(time.time() * 1000))

    def move(self, ms: int) -> None:
        """So much time passes."""
        self.now_ms += ms


CLOCK: Final = HandClock()


class ClockedRedisStore(RedisStore):
    """A real Redis whose scripts ask `CLOCK` instead of the server: ``TIME`` is the one line of theirs that is
    another, and what stands in its place is written before each of them runs."""

    def __init__(self, url: str, timing: Timing) -> None:
        super().__init__(url, timing)
        self._redis = _ClockedConnection(url, timing)

    async def now_ms(self) -> int:
        return CLOCK.now_ms


class _ClockedConnection(RedisConnection):
    def __init__(self, url: str, timing: Timing) -> None:
        super().__init__(url, timing)
        self._library = _ClockedLibrary(timing)

    async def run(self, name: str, *args: str | bytes | int | float) -> object:
        await self.command("SET", _KEY, CLOCK.now_ms)
        return await super().run(name, *args)


class _ClockedLibrary(Library):
    def __init__(self, timing: Timing) -> None:
        super().__init__(timing)
        own, by_hand = self.name, f"{self.name}_by_hand"
        self.name, self.text = by_hand, self.text.replace(own.encode(), by_hand.encode()).replace(_TIME, _HAND_TIME)
