"""Run the parser's child process, and turn every way it can end into sections or one clear error."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import tempfile
import weakref
from pathlib import Path
from typing import IO, Any, Final

from tasks.contract.documents import DocumentFormat
from tasks.contract.errors import GalleyError, TooLarge, UnreadableDocument, UnsupportedFormat

MAX_WALL_S: Final = 8.5
"""From start to answer, so that a person hears within 10 s also on a loaded machine. Otherwise the child's
own limit on computing time strikes first."""
MAX_CHILDREN: Final = 2
MAX_ANSWER_BYTES: Final = 128 * 1024**2

Drafts = list[tuple[str, int, str]]

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).parents[2]
_MODULE = "tasks.documents.child"
_OUT_OF_TIME = {-signal.SIGXCPU, -signal.SIGKILL}
_TOO_SLOW = "Reading the document takes too long. Save it in a simpler form, or split it into parts."
_CRASHED = "The document cannot be read: it is damaged, or too complex. Save it again under a new name and retry."

# One per event loop, because asyncio's semaphores belong to the loop that first waited on them.
_turns: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = weakref.WeakKeyDictionary()


async def run_parser(data: bytes, fmt: DocumentFormat) -> tuple[Drafts, tuple[str, ...]]:
    """Sections as (title, level, text), and warnings.

    Raises:
        UnsupportedFormat, TooLarge, UnreadableDocument: as the child says, or for its crash or delay.
    """
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(MAX_CHILDREN))
    async with turns:
        with tempfile.TemporaryFile() as file:
            await asyncio.to_thread(_fill, file, data)
            return _understand(await _answer_of(file, fmt))


def _fill(file: IO[bytes], data: bytes) -> None:
    file.write(data)
    file.seek(0)


async def _answer_of(file: IO[bytes], fmt: DocumentFormat) -> bytes:
    """What the child wrote; the child is gone afterwards, however this ends."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", _MODULE, fmt),  # -P: no module from the folder it happens to start in
        stdin=file,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
        cwd="/",
    )
    try:
        output = await asyncio.wait_for(_read_bounded(child), MAX_WALL_S)
    except TimeoutError as error:
        raise UnreadableDocument(_TOO_SLOW, reason="hostile") from error
    finally:
        await _end(child)
    _check_end(child.returncode, fmt)
    return output


def _environment() -> dict[str, str]:
    """Only what Python needs: a parser that is taken over finds no key in its environment."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}


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


def _check_end(returncode: int | None, fmt: DocumentFormat) -> None:
    if returncode == 0:
        return
    _log.warning("the %s parser ended with %s", fmt, returncode)
    if returncode in _OUT_OF_TIME:
        raise UnreadableDocument(_TOO_SLOW, reason="hostile")
    raise UnreadableDocument(_CRASHED, reason="broken")


def _understand(output: bytes) -> tuple[Drafts, tuple[str, ...]]:
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError as error:
        raise UnreadableDocument(_CRASHED, reason="broken") from error
    if "refused" in answer:
        raise _error_of(answer["refused"])
    return [(title, level, text) for title, level, text in answer["sections"]], tuple(answer["warnings"])


def _error_of(refused: dict[str, str]) -> GalleyError:
    """The contract's error for the child's refusal."""
    if refused["kind"] == "too_large":
        return TooLarge(refused["detail"])
    if refused["kind"] == "unsupported":
        return UnsupportedFormat(refused["detail"])
    return UnreadableDocument(refused["detail"], reason=refused["reason"])
