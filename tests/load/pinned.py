"""``python -m tests.load.pinned CORE COMMAND …``: become that command, on that core alone.

Set before the command runs, so that every thread it starts stays there too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

CAN_PIN: Final = hasattr(os, "sched_setaffinity")
"""Linux can; elsewhere the system places processes itself."""
_CORES: Final = sorted(os.sched_getaffinity(0)) if CAN_PIN else list(range(os.cpu_count() or 1))
"""Looked at once, before anything is pinned."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Who runs where. The server under test never shares its core with the load generator."""

    server: int
    store: int
    load: int

    @classmethod
    def of_this_machine(cls) -> Self:
        """The first core serves, the last one generates load, and the store has one between them
        where there are three."""
        return cls(server=_CORES[0], store=_CORES[min(1, len(_CORES) - 1)], load=_CORES[-1])


def on_core(core: int | None, *argv: str | Path) -> tuple[str | Path, ...]:
    """The command that runs ``argv`` on that core; None: wherever the system likes."""
    if core is None or not CAN_PIN:
        return argv
    return (sys.executable, "-m", "tests.load.pinned", str(core), *argv)


@contextmanager
def staying_on(core: int) -> Iterator[None]:
    """This thread runs on that core inside the block."""
    if not CAN_PIN:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def main() -> None:
    """Set the core and become the command."""
    core, *argv = sys.argv[1:]
    os.sched_setaffinity(0, {int(core)})
    os.execvp(argv[0], argv)


if __name__ == "__main__":
    main()
