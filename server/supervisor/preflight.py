"""What must be true before anything is started: the data folder and the port are ours."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class StartRefused(Exception):
    """Galley cannot start as asked. The message says why, and the next step."""


@contextmanager
def locked_data_dir(data_dir: Path) -> Iterator[int]:
    """Hold ``data_dir`` for this instance, and give the lock's file descriptor.

    The embedded store inherits that descriptor, so the folder stays locked as long as anything
    still writes to it, even after its supervisor was killed.

    Raises:
        StartRefused: another instance holds it, or it cannot be written to.
    """
    with _opened_lock(data_dir) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartRefused(_held_by_another(data_dir, file)) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file.fileno()


def _opened_lock(data_dir: Path) -> IO[str]:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return (data_dir / "lock").open("a+")
    except OSError as error:
        raise StartRefused(
            f"DATA_DIR={data_dir} cannot be used: {error.strerror}. Set DATA_DIR to a folder you may write to."
        ) from None


def _held_by_another(data_dir: Path, file: IO[str]) -> str:
    file.seek(0)
    holder = file.read().strip() or "unknown"
    return (
        f"DATA_DIR={data_dir} is in use by another Galley (process {holder}). "
        "Stop that one first, or give this one its own folder and port: DATA_DIR=.galley-2 PORT=8001 make run"
    )


def check_port(host: str, port: int) -> None:
    """See that the server will be able to listen there.

    Raises:
        StartRefused: it is taken, not allowed, or no address of this machine.
    """
    try:
        _bound(host, port).close()
    except OSError as error:
        raise StartRefused(_port_words(host, port, error)) from None


@contextmanager
def held_port(host: str) -> Iterator[int]:
    """A port that nobody else is given inside the block, whether or not our server listens there yet.

    A number that is merely looked up and let go can be gone before a server has started: as the near
    end of any connection that goes out. Linux gives no number away to which a socket is bound, and lets
    a second one with SO_REUSEADDR listen there as long as the first does not. Elsewhere that second one
    would be refused, so there the number is let go.
    """
    with _bound(host, 0) as holder:
        port = int(holder.getsockname()[1])
        if sys.platform != "linux":
            holder.close()
        yield port


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does after a restart
    try:
        bound.bind((host.strip("[]"), port))
    except OSError:
        bound.close()
        raise
    return bound


def _port_words(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use. Stop what listens there, or choose another: PORT={port + 1} make run"
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than you have. Choose one above 1023: PORT=8000 make run"
    return f"HOST={host} PORT={port} cannot be listened on: {error.strerror}. Set HOST to an address of this machine."
