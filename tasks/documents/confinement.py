"""Take from the child process what a parser needs least: memory, time, files and the network.

A file that exploits or exhausts a parser then costs one child, never the server.
"""

from __future__ import annotations

import contextlib
import ctypes
import resource
import sys

MAX_MEMORY_BYTES = 1024**3
"""Address space. An 808 KB docx was seen to fill 4 GiB."""
MAX_CPU_S = 7
"""Computing time until the kernel ends the child, so that a costly file is refused within 10 s."""
MAX_CPU_HARD_S = 8
MAX_OPEN_FILES = 64

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


def confine() -> None:
    """Limit this process for the rest of its life."""
    _limit(resource.RLIMIT_AS, MAX_MEMORY_BYTES, MAX_MEMORY_BYTES)
    _limit(resource.RLIMIT_CPU, MAX_CPU_S, MAX_CPU_HARD_S)
    _limit(resource.RLIMIT_NOFILE, MAX_OPEN_FILES, MAX_OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, 0, 0)
    _limit(resource.RLIMIT_CORE, 0, 0)
    _leave_network()


def _limit(kind: int, soft: int, hard: int) -> None:
    """Set one limit, never above one already in force."""
    present = resource.getrlimit(kind)[1]
    if present != resource.RLIM_INFINITY:
        soft, hard = min(soft, present), min(hard, present)
    # macOS refuses some of these (RLIMIT_AS among them); the parent's wall clock still holds there.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft, hard))


def _leave_network() -> None:
    """Move into an empty network of our own, where the kernel lets us.

    No parser here fetches anything; this is the second lock on that door. Containers often forbid it,
    so that a refusal is no error.
    """
    if not sys.platform.startswith("linux"):
        return
    unshare = ctypes.CDLL(None).unshare
    if unshare(_CLONE_NEWNET) != 0:
        unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
