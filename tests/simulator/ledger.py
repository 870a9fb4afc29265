"""The simulator's books: every call, as the provider saw it."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


def now_ms() -> int:
    """Ms since the Unix epoch."""
    return int(time.time() * 1000)


@dataclass(slots=True)
class Call:
    """One call. ``end`` says how it ended: complete, refused, client_closed, or the fault's name."""

    number: int
    at: int
    model: str = ""
    key: str = ""
    stream: bool = False
    structured: bool = False
    status: int = 0
    error: str | None = None
    fault: str = "none"
    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    markers: list[str] = field(default_factory=list)
    concurrent: int = 0
    events: int = 0
    first_event_at: int | None = None
    closed_at: int | None = None  # when the client closed the stream before its end
    ended_at: int | None = None
    end: str | None = None


class Ledger:
    """All calls since the start or the last `clear`."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.running = 0
        self._numbers = itertools.count(1)
        self.max_running = 0
        self._changed = asyncio.Condition()

    def open(self) -> Call:
        """A new call, counted as running until `close`."""
        call = Call(number=next(self._numbers), at=now_ms())
        self.calls.append(call)
        self.running += 1
        self.max_running = max(self.max_running, self.running)
        call.concurrent = self.running
        return call

    async def close(self, call: Call, end: str) -> None:
        """The call's end; whoever waits for it is told."""
        call.end, call.ended_at = end, now_ms()
        self.running -= 1
        await self.touch()

    async def touch(self) -> None:
        """Tell whoever waits that something changed."""
        async with self._changed:
            self._changed.notify_all()

    async def until(self, true: Callable[[list[Call]], bool], timeout_s: float = 30.0) -> list[Call]:
        """The calls, as soon as ``true`` of them.

        Raises:
            TimeoutError: not within ``timeout_s``.
        """
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(lambda: true(self.calls))
        return self.calls

    def clear(self) -> None:
        """Forget all calls; those that run still count as running."""
        self.calls.clear()
        self.max_running = self.running

    def as_json(self, since: int = 0) -> dict[str, Any]:
        """The books after call number ``since``, with totals of all."""
        ended = [call for call in self.calls if call.end is not None]
        return {
            "calls": [asdict(call) for call in self.calls if call.number > since],
            "total": len(self.calls),
            "running": self.running,
            "max_running": self.max_running,
            "ended": len(ended),
            "completed": sum(call.end == "complete" for call in ended),
            "refused_429": sum(call.status == 429 for call in self.calls),
            "refused_429_unasked": sum(call.status == 429 and call.fault == "none" for call in self.calls),
            "client_closed": sum(call.end == "client_closed" for call in ended),
        }
