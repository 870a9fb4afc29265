"""A Celery worker whose own part does not come up."""

from __future__ import annotations

from processes import BIN, WAIT_S, Running

BROKEN = """
import sys
import tasks.celery_tasks as ours
from celery.__main__ import main

def break_down(*_):
    raise RuntimeError("no loop today")

ours.LoopThread = break_down
sys.argv = ["celery", "-A", "celery_config", "worker", "--without-mingle", "--without-gossip"]
sys.exit(main())
"""


def test_worker_ends_and_says_why_when_its_loop_cannot_start(redis_url: str) -> None:
    env = {"REDIS_URL": redis_url, "BROKER_URL": "", "USE_CELERY": ""}
    with Running([BIN / "python", "-c", BROKEN], env) as worker:
        worker.wait_for_line("worker_did_not_start")
        assert worker.process.wait(WAIT_S) == 1
        assert "no loop today" in worker.output
