"""Who may start a child process next: so many at once, and of those who wait the one who has fewest running.

A person who uploads twenty costly files takes every place for seconds each. The next free place still goes to
whoever came with one.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Places for at most so many at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        # One line per event loop, because a future belongs to the loop that waits on it.
        self._lines: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Line] = weakref.WeakKeyDictionary()

    @asynccontextmanager
    async def one(self, owner: str) -> AsyncIterator[None]:
        """A place, given back at the end of the block."""
        line = self._lines.setdefault(asyncio.get_running_loop(), _Line(self._most))
        await line.enter(owner)
        try:
            yield
        finally:
            line.leave(owner)


class _Line:
    """Those who have a place and those who wait, in the order in which they came. While somebody waits no place is
    free."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._running: Counter[str] = Counter()
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []

    async def enter(self, owner: str) -> None:
        if self._free:
            self._take(owner)
            return
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((owner, called))
        try:
            await called
        except asyncio.CancelledError:
            if called.cancelled():
                self._waiting.remove((owner, called))
            else:
                self.leave(owner)  # it was called in the very moment in which it gave up
            raise

    def leave(self, owner: str) -> None:
        self._free += 1
        self._running[owner] -= 1
        # Who has given up in this very moment is still in line.
        patient = [waiting for waiting in self._waiting if not waiting[1].done()]
        if patient:
            following = min(patient, key=lambda waiting: self._running[waiting[0]])
            self._waiting.remove(following)
            self._take(following[0])
            following[1].set_result(None)
        if not self._running[owner]:
            del self._running[owner]

    def _take(self, owner: str) -> None:
        self._free -= 1
        self._running[owner] += 1
