"""``galley server``: the web server alone."""

from __future__ import annotations

import asyncio

import uvloop

from server.serving import serve
from tasks.settings import read_settings


def server() -> None:
    """Run the web server alone; the store (REDIS_URL) and workers run elsewhere."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(read_settings()))
