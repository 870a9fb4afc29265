"""Run one of our modules in a confined child process, and turn every way it can end into bytes or one clear error.

The child reads a file from its standard input and writes its answer to standard output. It has neither our
environment nor our memory; see `confinement`.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import IO, Final

from tasks.contract.errors import GalleyError, TooLarge, UnreadableDocument, UnsupportedFormat

MAX_WALL_S: Final = 8.5
"""From start to answer, so that a person hears within 10 s also on a loaded machine. Otherwise the child's
own limit on computing time strikes first."""
STARVED_CPU_S: Final = 2.0
"""Who has had no more of the processor by then is not costly: the machine has no time."""
STARVED_WALL_S: Final = 16.0
"""What such a child is given besides. An honest file must not be refused because of what else runs."""
MAX_ANSWER_BYTES: Final = 128 * 1024**2
CRASHED: Final = "The document cannot be read: it is damaged, or too complex. Save it again under a new name and retry."

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).parents[2]
_OUT_OF_TIME = {-signal.SIGXCPU, -signal.SIGKILL}
_TOO_SLOW = "Reading the document takes too long. Save it in a simpler form, or split it into parts."


async def run_child(module: str, argument: str, given: bytes) -> bytes:
    """What the module answers to ``given``; the child is gone afterwards, however this ends.

    Raises:
        UnreadableDocument: it took too long, crashed, or answered without end.
    """
    with tempfile.TemporaryFile() as file:
        await asyncio.to_thread(_fill, file, given)
        return await _answer_of(file, module, argument)


def _fill(file: IO[bytes], data: bytes) -> None:
    file.write(data)
    file.seek(0)


async def _answer_of(file: IO[bytes], module: str, argument: str) -> bytes:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", module, argument),  # -P: no module from the folder it happens to start in
        stdin=file,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
        cwd="/",
    )
    try:
        output = await _read_in_time(child)
    except TimeoutError as error:
        raise UnreadableDocument(_TOO_SLOW, reason="hostile") from error
    finally:
        await _end(child)
    _check_end(child.returncode, module, argument)
    return output


def _environment() -> dict[str, str]:
    """Only what Python needs: a parser that is taken over finds no key in its environment."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}


async def _read_in_time(child: asyncio.subprocess.Process) -> bytes:
    reading = asyncio.create_task(_read_bounded(child))
    try:
        done, _ = await asyncio.wait({reading}, timeout=MAX_WALL_S)
        if not done and _computed_s(child.pid) < STARVED_CPU_S:
            done, _ = await asyncio.wait({reading}, timeout=STARVED_WALL_S)
        if not done:
            raise TimeoutError
        return reading.result()
    finally:
        reading.cancel()


def _computed_s(pid: int) -> float:
    """The computing time of a process; where that cannot be told, more than any has."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return math.inf
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _read_bounded(child: asyncio.subprocess.Process) -> bytes:
    assert child.stdout is not None
    output = bytearray()
    while piece := await child.stdout.read(1024**2):
        output += piece
        if len(output) > MAX_ANSWER_BYTES:
            raise UnreadableDocument(_TOO_SLOW, reason="hostile")
    await child.wait()
    return bytes(output)


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        child.kill()
        await child.wait()


def _check_end(returncode: int | None, module: str, argument: str) -> None:
    if returncode == 0:
        return
    _log.warning("%s %s ended with %s", module, argument, returncode)
    if returncode in _OUT_OF_TIME:
        raise UnreadableDocument(_TOO_SLOW, reason="hostile")
    raise UnreadableDocument(CRASHED, reason="broken")


def error_of(refused: dict[str, str]) -> GalleyError:
    """The contract's error for a child's refusal."""
    if refused["kind"] == "too_large":
        return TooLarge(refused["detail"])
    if refused["kind"] == "unsupported":
        return UnsupportedFormat(refused["detail"])
    return UnreadableDocument(refused["detail"], reason=refused["reason"])
