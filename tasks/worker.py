"""What runs attempts: announces its slots, runs what it is handed, learns of cancels, drains."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import structlog

from tasks.contract.errors import StoreFull, StoreUnavailable
from tasks.contract.names import TaskKind, key
from tasks.dispatcher import Dispatcher, Sweeper
from tasks.engines.engine import Engine
from tasks.engines.opening import Engines
from tasks.engines.prompts import MAX_TOKENS
from tasks.models import terms_of
from tasks.run import LONGEST_BACKOFF_MS, LONGEST_BACKOFF_WITH_FALLBACK_MS, Runner, run_attempt
from tasks.settings import Settings
from tasks.store.ports import Admission, Published, Send, Store, WorkerCard

CRASHED_SERVICE_PAUSE_S: Final = 1.0
log = structlog.get_logger()


def new_worker_id(role: str) -> str:
    """A name for this process that no other process, also after a restart, ever has."""
    return f"{role}:{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


class Services:
    """Coroutines that run as long as the process does."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, service: Callable[[], Awaitable[None]]) -> None:
        """Run ``service``, again when our own mistake ended it: a process that looks alive but does
        not admit or sweep any more would be worse than a loud log."""
        self._tasks.append(asyncio.create_task(self._keep(service)))

    async def _keep(self, service: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await service()
            except Exception:
                log.exception("service_crashed", service=getattr(service, "__qualname__", str(service)))
                await asyncio.sleep(CRASHED_SERVICE_PAUSE_S)

    async def stop(self) -> None:
        """End them all."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()


class Worker:
    """One process's share of the work, inside one event loop.

    ``kinds`` are the queues it serves, ``slots`` how many attempts it runs at once. Without ``send``
    it runs what it admits itself: the mode without Celery.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        engine: Engine,
        *,
        kinds: tuple[TaskKind, ...] = tuple(TaskKind),
        slots: int,
        role: str = "worker",
        send: Send | None = None,
    ) -> None:
        timing = settings.timing
        self.worker_id = new_worker_id(role)
        self._store = store
        self._engines = Engines(engine, settings)
        self._timing = timing
        self._leaving = asyncio.Event()
        self._runner = Runner(
            store,
            self._engines,
            self.worker_id,
            timing,
            self._leaving,
            settings.time_factor,
            LONGEST_BACKOFF_WITH_FALLBACK_MS if settings.claude_fallback_models else LONGEST_BACKOFF_MS,
        )
        self._running: dict[str, asyncio.Task[None]] = {}
        self._spawned: set[asyncio.Future[None]] = set()
        self._dispatcher = Dispatcher(store, timing, send or self._run_here)
        self._sweeper = Sweeper(store, timing)
        self._services = Services()
        self._card = WorkerCard(
            worker_id=self.worker_id,
            kinds=kinds,
            slots=slots,
            engine=engine.name,
            model=engine.model,
            limits=settings.rate_limits,
            rpm=settings.claude_rpm,
            input_tpm=settings.claude_input_tpm,
            output_tpm=settings.claude_output_tpm,
            concurrency=settings.claude_concurrency,
            terms=tuple(map(terms_of, (engine.model, *settings.claude_fallback_models))) if engine.model else (),
            max_output=MAX_TOKENS,
            daily_cost_limit_usd=settings.daily_cost_limit_usd,
            owner_daily_cost_limit_usd=settings.owner_daily_cost_limit_usd,
        )

    async def start(self) -> None:
        """Announce the slots and begin to admit, sweep and listen."""
        services = (self._announce, self._listen, self._dispatcher.listen, self._dispatcher.run, self._sweeper.run)
        for service in services:
            self._services.start(service)

    async def run(self, task_id: str, attempt: int) -> None:
        """Run one attempt, until it ended or somebody else goes on with the task."""
        task = self._running[task_id] = asyncio.ensure_future(run_attempt(self._runner, task_id, attempt))
        try:
            await asyncio.wait([task])
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("attempt_crashed", task_id=task_id, exc_info=error)
        finally:
            if self._running.get(task_id) is task:
                del self._running[task_id]

    async def _run_here(self, admission: Admission) -> None:
        self._spawn(self.run(admission.task_id, admission.attempt))

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._spawned.add(task)  # the loop itself holds a task only weakly
        task.add_done_callback(self._spawned.discard)

    async def _announce(self) -> None:
        while not self._leaving.is_set():
            try:
                await self._store.announce(self._card)
            except (StoreUnavailable, StoreFull) as error:
                log.debug("announcer_waits_for_the_store", error=error.detail)
            await asyncio.sleep(self._timing.announce_ms / 1000)
        await asyncio.Event().wait()

    async def _listen(self) -> None:
        """Learn of cancels at once; a lost message is made good by the next append or renewal."""
        feed = self._store.feed()
        try:
            await feed.subscribe(key("control_channel"))
            async for message in feed.messages():
                if isinstance(message, Published):
                    self._obey(*message.payload.split(" ", 1))
        finally:
            await feed.close()

    def _obey(self, verb: str, task_id: str) -> None:
        task = self._running.get(task_id)
        if verb == "cancel" and task is not None:
            task.cancel()

    async def drain(self, deadline_s: float) -> None:
        """Take nothing new; let what runs end within the deadline, then hand the rest back."""
        self._leaving.set()
        try:
            await self._store.withdraw(self.worker_id)
        except (StoreUnavailable, StoreFull) as error:
            log.debug("withdrawal_was_not_heard", error=error.detail)
        running = list(self._running.values())
        if running:
            await asyncio.wait(running, timeout=deadline_s)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=deadline_s)

    async def stop(self, deadline_s: float = 0.0) -> None:
        """Drain, then end everything that `start` began."""
        await self.drain(deadline_s)
        await self._services.stop()
        await self._engines.close()
