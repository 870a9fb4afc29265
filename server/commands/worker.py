"""``galley worker``: a Celery worker alone."""

from __future__ import annotations

import os
from dataclasses import replace

from server.supervisor.stack import worker_command
from tasks.settings import read_settings


def worker(*, concurrency: int | None = None, queues: str | None = None) -> None:
    """Run one worker on the store at REDIS_URL. It becomes ``celery -A celery_config worker``.

    Parameters
    ----------
    concurrency
        How many tasks it runs at once; WORKER_CONCURRENCY unless given.
    queues
        Which kinds of task it takes, like analysis,chat; all unless given.
    """
    settings = read_settings()
    if concurrency is not None:
        settings = replace(settings, worker_concurrency=concurrency)
    command = worker_command(settings, f"worker-{os.getpid()}@%h")
    chosen = ("--queues", queues) if queues else ()
    os.execv(command[0], (*command, *chosen))  # noqa: S606  # no shell is wanted: the signals go to Celery itself
