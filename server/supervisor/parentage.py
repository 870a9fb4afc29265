"""Processes that end with their parent, however that dies. Linux only; elsewhere these do nothing."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PRCTL = getattr(ctypes.CDLL(None), "prctl", None) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """Have this process asked to stop when its parent dies: for `make run`, whose make may be killed."""
    _ask_for(signal.SIGTERM)


def die_with(parent: int) -> None:
    """Between fork and exec: have the new process killed when ``parent``, which forks it, dies.

    SIGKILL, because nobody is left to enforce a deadline, and losing a process costs nothing: what
    the store acknowledged is on disk, and a lost worker's leases run out.
    """
    _ask_for(signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above took effect
        os._exit(1)


def _ask_for(number: signal.Signals) -> None:
    if _PRCTL is not None:
        _PRCTL(_PR_SET_PDEATHSIG, number)
