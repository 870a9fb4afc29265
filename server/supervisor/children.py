"""Child processes that are kept running: started, logged line by line, restarted, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from server.supervisor.parentage import die_with

Say = Callable[[str, str], None]
"""Takes the name of who speaks and one line."""

OURSELVES: Final = "galley"
_LINE_MAX_BYTES: Final = 64 * 1024
_LAST_WORDS_S: Final = 0.5
"""How long an ended process's output is read on: a grandchild may hold the pipe open for ever."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run under which name. ``stop_s`` is how long it may take to end by itself when asked."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    stop_s: float
    inherited: tuple[int, ...] = ()


@dataclass(slots=True)
class Backoff:
    """How long to wait before a restart: 0.2 s doubling up to 5 s, from the start again for a
    process that had lived for 30 s."""

    first_s: float = 0.2
    most_s: float = 5.0
    healthy_s: float = 30.0
    _next_s: float = field(default=0.0, init=False)

    def after(self, lived_s: float) -> float:
        """The wait after a process that ran for ``lived_s``."""
        if lived_s >= self.healthy_s or self._next_s == 0.0:
            self._next_s = self.first_s
        wait_s, self._next_s = self._next_s, min(self._next_s * 2, self.most_s)
        return wait_s


class Child:
    """One program, kept running until it is stopped."""

    def __init__(self, program: Program, say: Say, hurry: asyncio.Event) -> None:
        self.program = program
        self.starts = 0
        self._say = say
        self._hurry = hurry
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._backoff = Backoff()

    async def keep_running(self) -> None:
        """Start it, and start it again whenever it ends, until `stop`."""
        while not self._stopping.is_set():
            began = time.monotonic()
            words = await self._run_once()
            if not self._stopping.is_set():
                await self._pause(words, self._backoff.after(time.monotonic() - began))

    async def stop(self) -> None:
        """Ask it to end; after its time, or when somebody is in a hurry, end it and what it started."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        await _first_of(process.wait(), self._hurry.wait(), limit_s=self.program.stop_s)
        if process.returncode is None:
            self._say(OURSELVES, f"{self.program.name} did not stop in time; ending it")
            with suppress(ProcessLookupError):  # it ended this very moment
                os.killpg(process.pid, signal.SIGKILL)  # the group that it leads and nobody else is in
            await process.wait()

    async def _run_once(self) -> str:
        try:
            process = self._process = await _spawn(self.program)
        except OSError as error:
            return f"could not be started ({error.strerror})"
        self.starts += 1
        if self._stopping.is_set():  # stop() came while it was being started and saw no process
            process.kill()
        copying = asyncio.create_task(self._copy_lines(process))
        code = await process.wait()
        await _first_of(copying, limit_s=_LAST_WORDS_S)
        return _ending(code)

    async def _copy_lines(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in _lines(process.stdout):
            self._say(self.program.name, line)

    async def _pause(self, words: str, wait_s: float) -> None:
        self._say(OURSELVES, f"{self.program.name} {words}; starting it again in {wait_s:.1f} s")
        await _first_of(self._stopping.wait(), limit_s=wait_s)


@asynccontextmanager
async def kept_running(programs: Sequence[Program], say: Say, hurry: asyncio.Event) -> AsyncIterator[tuple[Child, ...]]:
    """Keep the programs running inside the block, and stop them, all at once, behind it."""
    children = tuple(Child(program, say, hurry) for program in programs)
    keepers = [asyncio.create_task(child.keep_running()) for child in children]
    try:
        yield children
    finally:
        await asyncio.gather(*(child.stop() for child in children))
        await asyncio.gather(*keepers)


async def _spawn(program: Program) -> asyncio.subprocess.Process:
    """In a session of its own, so that Ctrl-C reaches only us and we decide the order."""
    return await asyncio.create_subprocess_exec(
        *program.argv,
        env={"LOG_FORMAT": "text", **os.environ, "PYTHONUNBUFFERED": "1", **program.env},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        pass_fds=program.inherited,
        preexec_fn=partial(die_with, os.getpid()),
    )


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Lines of any length: one without an end in sight is cut, or a full pipe would stop its writer."""
    rest = b""
    while chunk := await stream.read(_LINE_MAX_BYTES):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LINE_MAX_BYTES:
            whole, rest = [*whole, rest], b""
        for line in whole:
            yield line.decode(errors="replace").rstrip("\r")
    if rest:
        yield rest.decode(errors="replace")


async def _first_of(*waits: Awaitable[object], limit_s: float) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def _ending(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
