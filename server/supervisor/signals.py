"""Ctrl-C and SIGTERM: the first asks for an orderly stop, the next one for a quick one."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

Result = TypeVar("Result")

_STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def until_signalled(work: Callable[[asyncio.Event], Awaitable[Result]]) -> Result | None:
    """Run ``work``; the first signal cancels it, and a further one sets the event that it was given.

    Returns None when it was cancelled by a signal.
    """
    asked, hurry = asyncio.Event(), asyncio.Event()
    task = asyncio.ensure_future(work(hurry))

    def stop() -> None:
        if asked.is_set():
            hurry.set()
        else:
            asked.set()
            task.cancel()

    loop = asyncio.get_running_loop()
    numbers = [number for number in _STOPPING if not _is_under_nohup(number)]
    for number in numbers:
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if asked.is_set():
            return None
        raise
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _is_under_nohup(number: signal.Signals) -> bool:
    """Whoever starts us with SIGHUP ignored wants us to outlive the terminal."""
    return number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN
