"""Sending admitted tasks to Celery's queues, by name."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import structlog
from celery import Celery
from kombu.exceptions import OperationalError

from tasks.contract.names import CELERY_KEY_PREFIX, CELERY_TASKS
from tasks.settings import Settings
from tasks.store.ports import Admission

log = structlog.get_logger()

BROKER_OPTIONS = {
    "global_keyprefix": CELERY_KEY_PREFIX,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
}


class CelerySender:
    """Sends in a thread of its own: publishing blocks for more than half a millisecond, too long for
    an event loop that serves people."""

    def __init__(self, settings: Settings) -> None:
        self._app = Celery("galley", broker=settings.broker_url, set_as_current=False)
        self._app.conf.update(task_ignore_result=True, broker_transport_options=BROKER_OPTIONS)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="celery-sender")

    async def __call__(self, admission: Admission) -> None:
        """Send one admission. When the broker is away the message is lost on purpose: its lease runs
        out unclaimed and the task goes back to the head of its line, at no cost."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._send, admission)
        except (OperationalError, OSError) as error:
            log.warning("message_not_sent", task_id=admission.task_id, error=str(error))

    def _send(self, admission: Admission) -> None:
        self._app.send_task(
            CELERY_TASKS[admission.kind],
            args=(admission.task_id, admission.attempt),
            task_id=admission.task_id,
            queue=admission.kind.value,
            ignore_result=True,
            retry=False,
        )

    def close(self) -> None:
        """End the thread and the broker's connections."""
        self._thread.shutdown(wait=True)
        self._app.close()
