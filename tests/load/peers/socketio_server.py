"""python-socketio as its documentation says: rooms, and its Redis manager between the processes.

``python -m tests.load.peers.socketio_server PORT REDIS_URL``. The same Hypercorn with the same settings
on uvloop as Galley's.
"""

from __future__ import annotations

import sys
from typing import Any

import socketio
import uvloop
from hypercorn.asyncio import serve

from server.garbage import spare_collections
from server.serving import hypercorn_config, listening_socket, refuse_compressed_sockets
from tests.load.ground import HOST


def create_app(redis_url: str) -> socketio.ASGIApp:
    """A client names a task and joins its room."""
    manager = socketio.AsyncRedisManager(redis_url)
    sio = socketio.AsyncServer(async_mode="asgi", transports=["websocket"], client_manager=manager)

    @sio.event
    async def watch(sid: str, asked: dict[str, str]) -> dict[str, bool]:
        await sio.enter_room(sid, asked["task_id"])
        return {"ok": True}

    return socketio.ASGIApp(sio, _say_ok, on_startup=_nothing)


async def _say_ok(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def _nothing() -> None:
    """With a hook of its own the library answers the lifespan itself and does not ask `_say_ok`."""


async def run(port: int, redis_url: str) -> None:
    """Serve until SIGTERM."""
    refuse_compressed_sockets()
    spare_collections()
    with listening_socket(HOST, port) as listener:
        await serve(create_app(redis_url), hypercorn_config(listener))


if __name__ == "__main__":
    uvloop.run(run(int(sys.argv[1]), sys.argv[2]))
