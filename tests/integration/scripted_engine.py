"""An engine that says what a test wrote down."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Sequence

from tasks.contract.events import EventData
from tasks.engines.engine import LearnLimits, Question, Review


class ScriptedEngine:
    """Says each line of a script: event data is yielded, an error raised, an event waited for.
    Each call takes the next script; the last one stays."""

    name = "scripted"

    def __init__(self, *scripts: Sequence[EventData | Exception | asyncio.Event], model: str | None = None) -> None:
        self.model = model
        self.scripts = list(scripts)
        self.jobs: list[Review | Question | None] = []
        self.open_calls = 0
        self.used: list[str | None] = []

    async def _say(self, job: Review | Question | None) -> AsyncIterator[EventData]:
        self.jobs.append(job)
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        self.open_calls += 1
        try:
            for line in script:
                if isinstance(line, Exception):
                    raise line
                if isinstance(line, asyncio.Event):
                    await line.wait()
                else:
                    yield line
        finally:
            self.open_calls -= 1

    def review(self, job: Review, learn: LearnLimits) -> AsyncIterator[EventData]:
        return self._say(job)

    def answer(self, job: Question, learn: LearnLimits) -> AsyncIterator[EventData]:
        return self._say(job)

    def test(self, learn: LearnLimits) -> AsyncIterator[EventData]:
        return self._say(None)

    def using(self, model: str | None) -> ScriptedEngine:
        self.used.append(model)
        if model in (None, self.model):
            return self
        other = copy.copy(self)
        other.model = model
        return other

    async def close(self) -> None:
        pass
