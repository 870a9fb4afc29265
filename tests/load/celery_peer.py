"""The usual way, to compare with: a Quart route that hands the work to Celery and answers 202.

``python -m tests.load.celery_peer PORT BROKER_URL``. It has all that is not Galley's own in common
with Galley: the same Hypercorn with the same settings on uvloop, the same collector settings, and
Celery's cheapest way to send (no result is subscribed to, JSON, one kept broker connection).
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, Final

import uvloop
from celery import Celery
from hypercorn.asyncio import serve
from quart import Quart, request

from server.garbage import spare_collections
from server.serving import hypercorn_config, listening_socket
from tasks.contract.names import CELERY_KEY_PREFIX
from tasks.sending import BROKER_OPTIONS
from tests.load.ground import HOST

QUEUE: Final = "peer"
QUEUE_KEY: Final = f"{CELERY_KEY_PREFIX}{QUEUE}"
"""The list in the store that holds what was sent and not fetched."""


def create_celery(broker_url: str) -> Celery:
    """The Celery app with the one task that is sent."""
    celery = Celery("peer", broker=broker_url, set_as_current=False)
    celery.conf.update(
        task_ignore_result=True,
        task_default_queue=QUEUE,
        broker_transport_options=BROKER_OPTIONS,
        task_serializer="json",
    )
    return celery


def create_app(broker_url: str) -> Quart:
    """The peer: one route that submits, one that says that it is up."""
    app, celery = Quart("peer", static_folder=None), create_celery(broker_url)

    @celery.task(name="peer.analyze_section", ignore_result=True)
    def analyze(section: str, content: str) -> None:
        """Never runs: no worker serves this queue."""

    @app.post("/analyze_section")
    async def analyze_section() -> tuple[dict[str, Any], int]:
        wanted = await request.get_json()
        task = analyze.apply_async(args=(wanted["section"], wanted["content"]))
        return {"task_id": task.id, "status": "processing", "message": "It was sent to a worker."}, 202

    @app.get("/healthz")
    async def healthz() -> dict[str, bool]:
        return {"ok": True}

    return app


async def run(port: int, broker_url: str) -> None:
    """Serve until SIGTERM."""
    spare_collections()
    with listening_socket(HOST, port) as listener:
        await serve(create_app(broker_url), hypercorn_config(listener))


def main() -> None:
    """Serve as the command line says."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(int(sys.argv[1]), sys.argv[2]))


if __name__ == "__main__":
    main()
