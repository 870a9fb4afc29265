"""Which engine a process runs."""

from __future__ import annotations

from tasks.engines.checker import CheckerEngine
from tasks.engines.claude import ClaudeEngine
from tasks.engines.engine import Engine
from tasks.settings import Settings


def open_engine(settings: Settings) -> Engine:
    """The engine that the settings name: Claude when a key or a gateway is there, else the checker.

    Open it on the event loop that will use it, and `close` it there.
    """
    if settings.engine == "claude":
        return ClaudeEngine(settings)
    return CheckerEngine()
