"""What the supervisor and its children say, on one terminal's standard error."""

from __future__ import annotations

import sys
from collections import deque
from typing import Final, TextIO

_WIDTH: Final = 8
_COLOURS: Final = {"galley": 36, "store": 33, "worker-1": 32, "worker-2": 34, "server": 35}
_KEPT_LINES: Final = 40


class LogLines:
    """Writes each line behind the name of who said it; in colour when somebody looks."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._coloured = self._stream.isatty()

    def __call__(self, name: str, line: str) -> None:
        if line.strip():
            self._stream.write(f"{self._prefix(name)} {line}\n")
            self._stream.flush()

    def _prefix(self, name: str) -> str:
        prefix = f"{name:<{_WIDTH}} |"
        return f"\x1b[{_COLOURS.get(name, 37)}m{prefix}\x1b[0m" if self._coloured else prefix


class LastLines:
    """Keeps the last lines to itself, for when it turns out that they are needed."""

    def __init__(self) -> None:
        self._lines: deque[tuple[str, str]] = deque(maxlen=_KEPT_LINES)

    def __call__(self, name: str, line: str) -> None:
        self._lines.append((name, line))

    def tell(self, say: LogLines) -> None:
        """Hand over what was kept."""
        while self._lines:
            say(*self._lines.popleft())
