"""Which engine a process runs, and which one a task gets."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Final, cast

from tasks.engines.engine import Engine
from tasks.settings import Settings

ENGINES: Final = {"claude": "tasks.engines.claude", "checker": "tasks.engines.checker"}
"""Engine -> the module whose ``open_engine(settings)`` makes it. Named and not imported, because most
processes need one of them only, and importing the Anthropic SDK alone costs three seconds of CPU: a
server that only relays, and a worker that only checks, start without it."""


def open_engine(settings: Settings) -> Engine:
    """The engine that the settings name: Claude when a key or a gateway is there, else the checker.

    Open it on the event loop that will use it, and `close` it there.
    """
    module = import_module(ENGINES[settings.engine])
    return cast(Engine, module.open_engine(settings))


class Engines:
    """The engine of this process, and the built-in one for tasks that ask for it, opened when the first
    of them comes."""

    def __init__(self, main: Engine, settings: Settings) -> None:
        self.main = main
        self._settings = settings
        self._asked_for: dict[str, Engine] = {main.name: main}
        self._opening = asyncio.Lock()

    async def of(self, asked: str | None) -> Engine:
        """The engine that was asked for; without a wish, that of this process."""
        if asked is None:
            return self.main
        async with self._opening:
            if asked not in self._asked_for:
                module = await asyncio.to_thread(import_module, ENGINES[asked])
                self._asked_for[asked] = cast(Engine, module.open_engine(self._settings))
        return self._asked_for[asked]

    async def close(self) -> None:
        """Close those that were opened."""
        for engine in self._asked_for.values():
            await engine.close()
