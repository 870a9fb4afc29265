"""The memory store with what only a simulation does to a store: restart it, and restore older data."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from tasks.contract.timing import Timing
from tasks.store.admission import (
    Estimates,
)
from tasks.store.buckets import (
    Bucket,
)
from tasks.store.memory import MemoryStore
from tasks.store.memory_feed import Exchange
from tasks.store.memory_log import Record
from tasks.store.money import Books
from tasks.store.turns import Turns

Take = Callable[[str, str], None]
State = dict[str, Any]
_NOT_DATA = {"_clock", "_timing", "_exchange"}


class Tap(Exchange):
    """An exchange with one listener that hears everything at once."""

    def __init__(self, take: Take) -> None:
        super().__init__()
        self._take = take

    def publish(self, channel: str, payload: str) -> None:
        """Hand it on."""
        self._take(channel, payload)


class SimulatedStore(MemoryStore):
    """The store under test. Mutants are made of this one."""

    def __init__(self, timing: Timing, clock: Callable[[], int], take: Take) -> None:
        super().__init__(timing, clock)
        self._exchange = Tap(take)

    def begin_generation(self) -> None:
        """What ``greet.lua`` does when the store has another run id than the one on record."""
        self._epoch = max(self._epoch + 1, self._clock())

    def backup(self) -> State:
        """All data, as it is now."""
        return {name: copied(value) for name, value in self.__dict__.items() if name not in _NOT_DATA}

    def restore(self, state: State) -> None:
        """Put older data in the place of the present one."""
        self.__dict__.update({name: copied(value) for name, value in state.items()})


def copied(value: Any) -> Any:
    """A copy of whatever can change; frozen values are shared, which makes it quick."""
    match value:
        case defaultdict():
            new = defaultdict(value.default_factory)
            new.update((k, copied(v)) for k, v in value.items())
            return new
        case dict():
            return {k: copied(v) for k, v in value.items()}
        case list():
            return list(value)
        case set():
            return set(value)
        case Record():
            record = copy.copy(value)
            record.log = list(value.log)
            return record
        case Bucket() | Estimates():
            return copy.copy(value)
        case Books() | Turns():
            return copy.deepcopy(value)
    return value
