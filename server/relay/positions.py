"""The rules of following a task, without I/O: where a watcher stands and what an arrival means to it.

A cursor belongs to one socket and one task. It never holds events: whatever could not be sent when
it arrived is only remembered as "there is news", and the log is read from where the cursor stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from typing import NamedTuple

from tasks.store.ports import Reading


class Position(NamedTuple):
    """An event's number, or the place right after that event. Later numbers compare greater."""

    epoch: int
    seq: int

    def next(self) -> Position:
        """The number that follows within the same epoch."""
        return Position(self.epoch, self.seq + 1)


class Run(NamedTuple):
    """Events of one task that arrived together, in order and without a gap, as JSON; none for a doorbell.
    ``before`` is the number after which they come."""

    before: Position
    last: Position
    events: tuple[str, ...]


# as `Position(…)` and `Run(…)`, at a fifth of the time, which is a tenth of what an event costs here
_position: Callable[[tuple[int, int]], Position] = partial(tuple.__new__, Position)
_run: Callable[[tuple[Position, Position, tuple[str, ...]]], Run] = partial(tuple.__new__, Run)


def parse_arrival(payload: str) -> Run | None:
    """What a task's channel said, ``<epoch>:<seq>:<JSON>``, as a run of one event or none; None when it
    is nothing of the kind."""
    try:
        epoch, seq, event = payload.split(":", 2)
        generation, number = int(epoch), int(seq)
    except ValueError:
        return None
    if number < 1:
        return None
    before, last = _position((generation, number - 1)), _position((generation, number))
    return _run((before, last, (event,) if event else ()))


def joined_runs(arrivals: list[Run]) -> list[Run]:
    """What arrived together, in as few runs as there are gaps and doorbells."""
    if len(arrivals) == 1:
        return arrivals
    runs = arrivals[:1]
    for run in arrivals[1:]:
        before = runs[-1]
        if before.events and run.events and run.before == before.last:
            runs[-1] = Run(before.before, run.last, before.events + run.events)
        else:
            runs.append(run)
    return runs


def position_after(reading: Reading, start: Position | None) -> Position:
    """Where a watcher stands who stood at ``start`` and was given this reading."""
    if reading.events is None:
        return Position(reading.epoch, reading.seq)
    return Position(reading.epoch, (start.seq if start else 0) + len(reading.events))


class Pace(Enum):
    """How a cursor gets its events."""

    UNANSWERED = auto()  # its watch has no answer yet: nothing may be sent; the answer moves it on
    LIVE = auto()  # each event as it arrives; a gap or a full outbox moves it to BEHIND
    BEHIND = auto()  # the log from where it stands; a reading with nothing newer moves it to LIVE


@dataclass(slots=True, eq=False)
class Cursor:
    """Where one socket stands in one task.

    ``at`` is the last number sent, None when nothing was sent and nothing is known. ``wanted_by``
    holds what asked for the task: its own id, and its document's.
    """

    at: Position | None = None
    pace: Pace = Pace.UNANSWERED
    wanted_by: set[str] = field(default_factory=set)
    shown_place: str = ""
    _news: Position | None = None
    _reading: int = 0

    def takes(self, run: Run) -> bool:
        """Whether this run is to be sent now. If not, and some of it is new, it is remembered as news."""
        if self.at == run.before and self.pace is Pace.LIVE and run.events:
            return True
        if self.at is None or run.last > self.at:
            self.miss(run.last)
        return False

    def sent(self, at: Position) -> None:
        """The run that `takes` allowed is on its way."""
        self.at = at

    def miss(self, number: Position) -> None:
        """There is something that this cursor has not been given: it must read."""
        self._news = number if self._news is None else max(self._news, number)
        if self.pace is Pace.LIVE:
            self.pace = Pace.BEHIND

    def audit(self, stood: Position | None, number: Position | None) -> None:
        """Compare with the store's own number, None for a task that is gone. ``stood`` is where the cursor
        was when the store was asked: what has come since is no difference. A lower number is a reason to
        read, too: the store may have come back from older data."""
        if number is None or (stood is not None and number < stood):
            if self.pace is Pace.LIVE:
                self.pace = Pace.BEHIND
        elif self.at is None or number > self.at:
            self.miss(number)

    def begin_reading(self) -> int:
        """A look at the log begins; what arrives from here on may be newer than what it will give.

        The ticket returned makes an overtaken reading worthless: without it, a slow one could set a
        cursor live that has missed what a faster one had been told about.
        """
        self._news = None
        self._reading += 1
        return self._reading

    def is_current(self, ticket: int) -> bool:
        """Whether no later reading of this cursor has begun."""
        return ticket == self._reading

    def finish_reading(self, at: Position, more: bool) -> None:
        """What was read has been sent up to ``at``; live again if nothing newer is known."""
        self.at = at
        complete = not more and (self._news is None or self._news <= at)
        if self.pace is not Pace.UNANSWERED:
            self.pace = Pace.LIVE if complete else Pace.BEHIND
        elif more:
            self.miss(at.next())

    def rewatch(self, at: Position | None) -> int:
        """The client asks anew, from ``at``: hold everything until it is answered."""
        self.at = at
        self.pace = Pace.UNANSWERED
        return self.begin_reading()

    def retire(self) -> None:
        """Nobody wants it any more: a reading that is still under way must not be sent, it could come
        before the answer to a later watch of the same task."""
        self.rewatch(self.at)

    def answer(self) -> None:
        """The answer to its watch is on its way: from here on events may follow."""
        if self.pace is not Pace.UNANSWERED:
            return
        complete = self.at is not None and (self._news is None or self._news <= self.at)
        self.pace = Pace.LIVE if complete else Pace.BEHIND
