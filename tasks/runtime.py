"""Puts stores, engines and workers together for the server's process."""

from __future__ import annotations

import asyncio
from typing import Final

from tasks.contract.errors import StoreUnavailable
from tasks.contract.names import key
from tasks.contract.states import ENDED, Snapshot
from tasks.contract.submissions import NewTask
from tasks.dispatcher import Dispatcher, Sweeper
from tasks.engines.opening import open_engine
from tasks.sending import CelerySender
from tasks.settings import Settings
from tasks.store.memory import MemoryStore
from tasks.store.ports import Store
from tasks.store.redis_store import RedisStore
from tasks.worker import Services, Worker

INLINE_LIMIT_S: Final = 60.0
DRAIN_S: Final = 5.0


def open_store(settings: Settings) -> Store:
    """The store that the settings name; nothing is connected yet."""
    if settings.use_celery:
        return RedisStore(settings.redis_url, settings.timing)
    return MemoryStore(settings.timing)


class ServerRuntime:
    """The server's own part in running tasks.

    With Celery it only admits and sweeps. Without, it is the worker as well.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._services = Services()
        self._sender: CelerySender | None = None
        self._worker: Worker | None = None
        self._inline = asyncio.Lock()

    async def start(self) -> None:
        """Begin, inside the loop that serves."""
        if not self._settings.use_celery:
            engine = open_engine(self._settings)
            slots = self._settings.worker_concurrency
            self._worker = Worker(self._settings, self._store, engine, slots=slots, role="server")
            await self._worker.start()
            return
        self._sender = CelerySender(self._settings)
        dispatcher = Dispatcher(self._store, self._settings.timing, self._sender)
        sweeper = Sweeper(self._store, self._settings.timing)
        for service in (dispatcher.listen, dispatcher.run, sweeper.run):
            self._services.start(service)

    async def stop(self) -> None:
        """End what `start` began."""
        await self._services.stop()
        if self._worker is not None:
            await self._worker.stop(DRAIN_S)
        if self._sender is not None:
            self._sender.close()

    async def run_inline(self, task: NewTask) -> Snapshot:
        """Run one task here and now because the store is away: one at a time, within a minute.

        For work that needs no document. Nothing of it is stored; the answer is all there is.

        Raises:
            StoreUnavailable: another one runs, or the time is over. Nothing goes on behind it.
        """
        if self._inline.locked():
            raise StoreUnavailable("The store is away and this server is busy with another request. Try again soon.")
        async with self._inline:
            store = MemoryStore(self._settings.timing)
            worker = Worker(self._settings, store, open_engine(self._settings), slots=1, role="inline")
            await worker.start()
            try:
                async with asyncio.timeout(INLINE_LIMIT_S):
                    return await _ended(store, task)
            except TimeoutError:
                raise StoreUnavailable("The store is away, and it took longer than a minute here.") from None
            finally:
                await worker.stop()


async def _ended(store: Store, task: NewTask) -> Snapshot:
    """Submit and follow until the end."""
    feed = store.feed()
    await feed.subscribe(key("task_channel", task.task_id))
    await store.submit([task])
    async for _ in feed.messages():
        reading = await store.read(task.task_id, -1, 0)
        if reading is not None and reading.snapshot is not None and reading.state in ENDED:
            return reading.snapshot
    raise StoreUnavailable("The task was lost.")
