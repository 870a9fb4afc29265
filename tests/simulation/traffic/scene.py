"""What a scene is: the account's true limits, what is believed of them, who asks for how much, and what
goes wrong when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tasks.contract.names import TaskKind
from tests.simulator.options import Options

MODEL: Final = "model-x"
TYPICAL_INPUT: Final = 1_500
TYPICAL_OUTPUT: Final = 600


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who asks for ``per_minute`` tasks, at random times. ``busy`` ones are alike and compared.
    ``size`` is how large their tasks are, as a multiple of the typical one; ``group`` and ``weight``: see `NewTask`."""

    name: str
    per_minute: float
    busy: bool = False
    kind: TaskKind = TaskKind.ANALYSIS
    size: float = 1.0
    group: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """From ``at_s`` for ``for_s`` seconds, ``share`` of all calls end so: ``overloaded`` (529), ``reset``
    (the connection breaks), or are ``slow`` (take ``slowness`` times as long)."""

    at_s: float
    for_s: float
    name: str = "overloaded"
    share: float = 1.0
    slowness: float = 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """The provider changes the limits to this multiple of the first ones."""

    at_s: float
    factor: float


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene. ``believed`` is what the workers are configured with, as a multiple of the true limits
    (0: nothing); ``tells`` whether the provider's answers carry headers."""

    name: str
    limits: Options
    owners: tuple[Owner, ...]
    minutes: float = 60.0
    believed: float = 0.0
    tells: bool = True
    slots: int = 160
    concurrency: int = 0  # calls at once above which the provider slows down; 0: never
    troubles: tuple[Trouble, ...] = ()
    changes: tuple[Change, ...] = ()


def ten_owners(capacity: float, load: float = 2.0, light: float = 0.02) -> tuple[Owner, ...]:
    """One who floods with the whole ``capacity`` (tasks a minute), one light, and eight equally busy ones
    who make up the rest of the load."""
    each = capacity * (load - 1.0 - light) / 8
    busy = tuple(Owner(f"busy{n}", each, busy=True) for n in range(1, 9))
    return (Owner("flood", capacity), *busy, Owner("light", capacity * light))
