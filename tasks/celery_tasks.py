"""The Celery side of a worker: three tasks, each of which hands its coroutine to the process's one
event loop and waits, in its thread, for the end."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import Any, Final

import structlog
from celery import shared_task
from celery.signals import celeryd_after_setup, setup_logging, worker_ready, worker_shutting_down

from tasks.contract.names import CELERY_TASKS, TaskKind
from tasks.engines.opening import open_engine
from tasks.logs import configure_logs
from tasks.sending import CelerySender
from tasks.settings import read_settings
from tasks.store.redis_store import RedisStore
from tasks.worker import Worker

DRAIN_S: Final = 20.0
"""How long a worker that was asked to stop lets its attempts go on before it hands them back."""
START_LIMIT_S: Final = 120.0
"""It takes two seconds of the processor; a machine that starves us may need many times as long."""
log = structlog.get_logger()


class LoopThread:
    """One event loop in a thread of its own, with the worker inside: one pool of connections to
    Redis and one to Claude for all of this process's attempts."""

    def __init__(self, kinds: tuple[TaskKind, ...], slots: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._settings = read_settings()
        self._thread = threading.Thread(target=self._loop.run_forever, name="galley-loop", daemon=True)
        self._thread.start()
        self._worker = self.call(self._open(kinds, slots), START_LIMIT_S)

    async def _open(self, kinds: tuple[TaskKind, ...], slots: int) -> Worker:
        settings = self._settings
        store = RedisStore(settings.redis_url, settings.timing)
        sender = CelerySender(settings)
        worker = Worker(settings, store, open_engine(settings), kinds=kinds, slots=slots, send=sender)
        await worker.start()
        return worker

    def call(self, coroutine: Any, timeout_s: float | None = None) -> Any:
        """Run a coroutine in the loop and wait for it in this thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout_s)

    def run(self, task_id: str, attempt: int) -> None:
        """Run one attempt."""
        self.call(self._worker.run(task_id, attempt))

    def drain(self) -> None:
        """Begin to stop; Celery goes on waiting for the threads, which end as their attempts do."""
        deadline_s = DRAIN_S * self._settings.time_factor
        asyncio.run_coroutine_threadsafe(self._worker.drain(deadline_s), self._loop)


class _Process:
    """What this worker process has, once it is ready."""

    loop: LoopThread | None = None
    ready = threading.Event()


@setup_logging.connect  # type: ignore[untyped-decorator]  # celery has no types
def _configure_logs(loglevel: int | str | None, **_: Any) -> None:
    settings = read_settings()
    configure_logs(settings.log_format, loglevel or "INFO")


@celeryd_after_setup.connect  # type: ignore[untyped-decorator]  # celery has no types
def _refuse_other_pools(instance: Any, **_: Any) -> None:
    pool = instance.pool_cls.__module__
    if not pool.endswith("concurrency.thread"):
        sys.exit(
            f"Galley's worker needs Celery's threads pool, not {pool.rsplit('.', 1)[-1]}: one process holds "
            "one event loop for all its tasks. Leave --pool out, or use --pool threads."
        )


@worker_ready.connect  # type: ignore[untyped-decorator]  # as above
def _start(sender: Any, **_: Any) -> None:
    queues = sender.app.amqp.queues.consume_from
    kinds = tuple(kind for kind in TaskKind if kind.value in queues)
    try:
        _Process.loop = LoopThread(kinds, sender.controller.concurrency)
    except Exception:
        log.exception("worker_did_not_start")
        sys.exit(1)  # Celery would go on without us: take messages, and fail each of them
    finally:
        _Process.ready.set()
    log.info("worker_ready", kinds=[kind.value for kind in kinds], slots=sender.controller.concurrency)


@worker_shutting_down.connect  # type: ignore[untyped-decorator]  # as above
def _drain(**_: Any) -> None:
    if _Process.loop is not None:
        _Process.loop.drain()


def _run(task_id: str, attempt: int) -> None:
    """A message may come before the worker said that it is ready; it waits for that."""
    _Process.ready.wait()
    if _Process.loop is None:
        raise RuntimeError("the worker's event loop did not start")
    _Process.loop.run(task_id, attempt)


for _kind in TaskKind:
    shared_task(name=CELERY_TASKS[_kind], ignore_result=True)(_run)
