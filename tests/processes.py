"""Real processes in tests: started, listened to, and ended by their own id."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import httpx

from server.supervisor.preflight import held_port

WAIT_S = 30.0 * float(os.environ.get("GALLEY_TEST_PATIENCE", "1"))
"""The one limit of all waits in tests; a slow machine scales it."""
BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[1]
_PORTS = ExitStack()


class Running:
    """A process whose output is read as it comes. Use it as a context manager."""

    def __init__(self, argv: Sequence[str | Path], env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [str(word) for word in argv],
            env={**os.environ, **(env or {})},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._news = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._reader.join(WAIT_S)
        assert self.process.stdout is not None
        self.process.stdout.close()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self.process.poll() is not None

    @property
    def output(self) -> str:
        """All that it has said so far."""
        return "\n".join(self.lines)

    def wait_for_line(self, pattern: str, count: int = 1, limit_s: float = WAIT_S) -> re.Match[str]:
        """The ``count``-th line that matches. Fails with all that was said when it does not come."""

        def found() -> list[re.Match[str]]:
            return [match for line in self.lines if (match := re.search(pattern, line))]

        with self._news:
            self._news.wait_for(lambda: len(found()) >= count or self._ended, limit_s)
        assert len(found()) >= count, f"{pattern!r} was not said; this was:\n{self.output}"
        return found()[count - 1]

    def wait_for_answer(self, url: str) -> None:
        """Return when it answers 200 there. Fails with all that was said when it ends instead."""
        with httpx.Client(trust_env=False) as http:
            wait_until(lambda: self.ended or _is_ok(http, url), f"{url} answers")
        assert not self.ended, f"{url} will not answer, for its server has ended; this was said:\n{self.output}"

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it in order, or by force when it does not end; its status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()


def descendants(pid: int) -> dict[int, str]:
    """All processes below ``pid`` with their command lines (Linux)."""
    parents = {child: parent for child, parent in map(_parent_of, _all_pids()) if parent}
    below: set[int] = set()
    while grown := {child for child, parent in parents.items() if parent in below | {pid}} - below:
        below |= grown
    return {child: command_of(child) for child in below}


def command_of(pid: int) -> str:
    """The command line of a process; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""


def own_port() -> int:
    """A port for a server of these tests: nobody else is given it as long as they run, so a server that
    starts slowly, or was killed, finds it free. It is never used for two purposes."""
    return _PORTS.enter_context(held_port("127.0.0.1"))


def wait_until(true: Callable[[], object], words: str) -> None:
    """Look again and again until it is true: for facts of other processes that send no event."""
    limit = time.monotonic() + WAIT_S
    pause = threading.Event()
    while not true():
        assert time.monotonic() < limit, f"it did not come about in {WAIT_S:.0f} s that {words}"
        pause.wait(0.02)


def _is_ok(http: httpx.Client, url: str) -> bool:
    try:
        return http.get(url).status_code == 200
    except httpx.TransportError:
        return False  # not listening yet


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _parent_of(pid: int) -> tuple[int, int]:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return pid, 0  # it ended meanwhile
    return pid, int(stat.rpartition(")")[2].split()[1])
