"""``galley server``: the web server alone."""

from __future__ import annotations

import asyncio

import uvloop

from server.serving import serve
from tasks.logs import configure_logs
from tasks.settings import read_settings


def server() -> None:
    """Run the web server alone; the store (REDIS_URL) and workers run elsewhere."""
    settings = read_settings()
    configure_logs(settings.log_format)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))
