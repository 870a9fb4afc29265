"""Turns admissions into messages. Every server and worker runs one; any number may.

It decides nothing: `admit` does, in the store. It is woken by a publish, by the time that `admit`
answered, and at the latest after one tick.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from tasks.contract.errors import StoreFull, StoreUnavailable
from tasks.contract.names import key
from tasks.contract.timing import Timing
from tasks.store.ports import NothingAdmitted, Published, Send, Store, TaskStore

GATHER_S: Final = 0.005
"""Wakes that come within this time are one: a burst of submissions must not become a burst of admits."""
log = structlog.get_logger()


class Dispatcher:
    """Asks for admissions and sends each to where it is run."""

    def __init__(self, store: Store, timing: Timing, send: Send) -> None:
        self._store = store
        self._timing = timing
        self._send = send
        self._woken = asyncio.Event()

    async def listen(self) -> None:
        """Be woken by publishes, for ever. A lost one costs a tick."""
        feed = self._store.feed()
        try:
            await feed.subscribe(key("wake_channel"))
            async for message in feed.messages():
                if isinstance(message, Published):
                    self._woken.set()
        finally:
            await feed.close()

    async def run(self) -> None:
        """Admit whenever that may have become possible, for ever."""
        while True:
            self._woken.clear()
            wait_s = self._timing.tick_ms / 1000
            try:
                nothing = await self._admit_all()
                if nothing.next_in_ms is not None:
                    wait_s = min(wait_s, max(GATHER_S, nothing.next_in_ms / 1000))
            except (StoreUnavailable, StoreFull) as error:
                log.debug("dispatcher_waits_for_the_store", error=error.detail)
            await self._sleep(wait_s)

    async def _admit_all(self) -> NothingAdmitted:
        while not isinstance(answer := await self._store.admit(), NothingAdmitted):
            await self._send(answer)
        return answer

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
                await asyncio.sleep(GATHER_S)
        except TimeoutError:
            return


class Sweeper:
    """Puts back what was lost; every process runs one, and each sweep does the whole work."""

    def __init__(self, store: TaskStore, timing: Timing) -> None:
        self._store = store
        self._timing = timing

    async def run(self) -> None:
        """Sweep at the stated interval, for ever."""
        while True:
            try:
                touched = await self._store.sweep()
                if touched:
                    log.warning("swept", tasks=touched)
            except (StoreUnavailable, StoreFull) as error:
                log.debug("sweeper_waits_for_the_store", error=error.detail)
            await asyncio.sleep(self._timing.sweep_ms / 1000)
