"""Which engine a process runs."""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from tasks.engines.engine import Engine
from tasks.settings import Settings

ENGINES: Final = {"claude": "tasks.engines.claude", "checker": "tasks.engines.checker"}
"""Engine -> the module whose ``open_engine(settings)`` makes it. Named and not imported, because a
process needs one of them at most, and importing the Anthropic SDK alone costs three seconds of CPU:
a server that only relays, and a worker that only checks, start without it."""


def open_engine(settings: Settings) -> Engine:
    """The engine that the settings name: Claude when a key or a gateway is there, else the checker.

    Open it on the event loop that will use it, and `close` it there.
    """
    module = import_module(ENGINES[settings.engine])
    return cast(Engine, module.open_engine(settings))
