"""Virtual time: actors are generators that yield how long they wait, and one heap says who is next."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")
Steps = Generator[int, None, T]
"""What an actor does: each value that it yields is a wait in ms."""


def finish(call: Coroutine[Any, Any, T]) -> T:
    """The answer of a coroutine that never waits."""
    try:
        call.send(None)
    except StopIteration as answered:
        return answered.value  # type: ignore[no-any-return]
    raise AssertionError("a call of the memory store is one atomic decision; this one waited")


class Process:
    """What can be killed, or frozen for a while, with all its actors."""

    def __init__(self) -> None:
        self.dead = False
        self.frozen_until = 0


class Actor:
    """One line of doing. ``ticket`` makes a wake that was overtaken by an interruption worthless."""

    __slots__ = ("done", "error", "process", "steps", "ticket")

    def __init__(self, steps: Steps[None], process: Process | None) -> None:
        self.steps = steps
        self.process = process
        self.done = False
        self.error: Exception | None = None
        self.ticket = 0


class Kernel:
    """The clock and what is due."""

    def __init__(self) -> None:
        self.now = 0
        self.moves = 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def at(self, when: int, action: Callable[[], None]) -> None:
        """Do something at a time; what is due at the same time keeps its order."""
        heapq.heappush(self._due, (when, next(self._order), action))

    def after(self, wait_ms: int, action: Callable[[], None]) -> None:
        """Do something in a while."""
        self.at(self.now + wait_ms, action)

    def start(self, steps: Steps[None], process: Process | None = None, wait_ms: int = 0) -> Actor:
        """Let an actor go."""
        actor = Actor(steps, process)
        self._wake(actor, wait_ms)
        return actor

    def interrupt(self, actor: Actor, error: Exception, wait_ms: int = 0) -> None:
        """Raise an error in an actor where it waits."""
        if not actor.done:
            actor.error = error
            self._wake(actor, wait_ms)

    def _wake(self, actor: Actor, wait_ms: int) -> None:
        actor.ticket += 1
        ticket = actor.ticket
        self.after(wait_ms, lambda: self._go_on(actor, ticket))

    def _go_on(self, actor: Actor, ticket: int) -> None:
        process = actor.process
        if actor.done or ticket != actor.ticket or (process and process.dead):
            return
        if process and process.frozen_until > self.now:
            self.at(process.frozen_until, lambda: self._go_on(actor, ticket))
            return
        error, actor.error = actor.error, None
        try:
            wait_ms = actor.steps.throw(error) if error else next(actor.steps)
        except StopIteration:
            actor.done = True
            return
        self._wake(actor, wait_ms)

    def run(self, until: int, done: Callable[[], bool]) -> bool:
        """Go on until it is done; False when the time is over first."""
        while not done():
            if not self._due or self._due[0][0] > until:
                self.now = max(self.now, until)
                return False
            self.now, _, action = heapq.heappop(self._due)
            self.moves += 1
            action()
        return True
