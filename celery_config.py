"""The Celery app: ``celery -A celery_config worker`` and ``celery -A celery_config flower``.

Celery runs what was admitted; it decides nothing. Rate limits, retries, fairness and results are
the store's business, so everything of that kind is off here.
"""

from celery import Celery

from tasks.contract.names import CELERY_KEY_PREFIX, CELERY_TASKS, TaskKind
from tasks.settings import read_settings

settings = read_settings()

app = Celery("galley", broker=settings.broker_url, include=["tasks.celery_tasks"])
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    # the ledger and the leases are the truth: a message that is lost is put back by the sweep, and a
    # worker that holds unacknowledged messages dies when Redis restarts
    task_acks_late=False,
    task_queues={kind.value: {"exchange": kind.value, "routing_key": kind.value} for kind in TaskKind},
    task_default_queue=TaskKind.ANALYSIS.value,
    task_routes={CELERY_TASKS[kind]: {"queue": kind.value} for kind in TaskKind},
    worker_pool="threads",
    worker_concurrency=settings.worker_concurrency,
    # fetch only what can start now, so that a message is never old
    worker_prefetch_multiplier=1,
    worker_disable_prefetch=True,
    worker_send_task_events=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "global_keyprefix": CELERY_KEY_PREFIX,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
    },
)
