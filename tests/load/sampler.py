"""Where the main thread spends its processor time: its stack, looked at with each tick of the clock.

Unlike a tracing profiler it costs the same whatever is called, so small functions do not look larger
than they are. Time inside C code counts for the Python line that called it, and what the event loop
itself does for the callback that comes after it.
"""

from __future__ import annotations

import signal
import sysconfig
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from tests.processes import ROOT

_EVERY_S: Final = 0.001
"""Of processor time; most kernels tick only every 4 ms."""
_STDLIB: Final = Path(sysconfig.get_path("stdlib"))
_PACKAGES: Final = Path(sysconfig.get_path("purelib"))

Place = tuple[str, str, int]
"""File, function, its first line."""
Stack = tuple[Place, ...]
"""Outermost first."""


class Samples:
    """What was seen, by stack."""

    def __init__(self) -> None:
        self.stacks: Counter[Stack] = Counter()

    @property
    def seen(self) -> int:
        """How many looks there were."""
        return self.stacks.total()

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Look as long as the block lasts. Only in the main thread, where signals are handled."""
        before = signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _EVERY_S, _EVERY_S)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    def _look(self, _: int, frame: FrameType | None) -> None:
        stack: list[Place] = []
        while frame is not None:
            code = frame.f_code
            stack.append((code.co_filename, code.co_qualname, code.co_firstlineno))
            frame = frame.f_back
        self.stacks[tuple(reversed(stack))] += 1

    def by_package(self) -> Counter[str]:
        """Own time of each package."""
        summed: Counter[str] = Counter()
        for stack, count in self.stacks.items():
            summed[_package_of(stack[-1][0])] += count
        return summed

    def by_function(self) -> Counter[str]:
        """Own time of each function."""
        summed: Counter[str] = Counter()
        for stack, count in self.stacks.items():
            summed[_shown(stack[-1])] += count
        return summed

    def tree(self, least: int, below: str) -> Iterator[tuple[int, str, int]]:
        """Depth, function, count with all that it calls: every path that was seen ``least`` times,
        from the function with that name on."""
        inner = Counter[Stack]()
        for stack, count in self.stacks.items():
            names = [place[1] for place in stack]
            inner[stack[names.index(below) + 1 :] if below in names else stack] += count
        yield from _branches(inner, least, 0)


def _branches(stacks: Counter[Stack], least: int, depth: int) -> Iterator[tuple[int, str, int]]:
    children: dict[Place, Counter[Stack]] = {}
    for stack, count in stacks.items():
        if stack:
            children.setdefault(stack[0], Counter())[stack[1:]] += count
    for place, rest in sorted(children.items(), key=lambda child: -child[1].total()):
        if rest.total() >= least:
            yield depth, _shown(place), rest.total()
            yield from _branches(rest, least, depth + 1)


def _package_of(file: str) -> str:
    path = Path(file)
    if path.is_relative_to(_PACKAGES):
        return path.relative_to(_PACKAGES).parts[0].removesuffix(".py")
    if path.is_relative_to(ROOT):
        return f"galley/{path.relative_to(ROOT).parts[0]}"
    if path.is_relative_to(_STDLIB):
        return f"python/{path.relative_to(_STDLIB).parts[0].removesuffix('.py')}"
    return "made while running"


def _shown(place: Place) -> str:
    """A function for people: where it stands, without this machine's folders."""
    path = Path(place[0])
    for root in (_PACKAGES, ROOT, _STDLIB):
        if path.is_relative_to(root):
            return f"{path.relative_to(root)}:{place[2]} {place[1]}"
    return f"{path.name}:{place[2]} {place[1]}"
