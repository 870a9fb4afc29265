"""Hypercorn, set up for this server."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from hypercorn.asyncio import serve as serve_with_hypercorn
from hypercorn.config import Config
from hypercorn.protocol import ws_stream

from server.app import create_app
from server.garbage import spare_collections
from tasks.settings import Settings

_WEBSOCKET_MESSAGE_BYTES: Final = 64 * 1024
_BACKLOG: Final = 2_048
_KEEP_ALIVE_S: Final = 75
_GRACEFUL_S: Final = 3.0
"""Longer than any answer takes once those that wait for something have been let go."""

Announce = Callable[[str], None]
Stop = Callable[[], Awaitable[Any]]


async def serve(settings: Settings, *, announce: Announce | None = None, stop: Stop | None = None) -> None:
    """Serve until ``stop`` returns, or until SIGINT or SIGTERM when it is None.

    ``announce`` is told the address, with the real port where ``PORT`` is 0; requests are answered
    from shortly after. Run it on uvloop: it carries a third more requests a core.

    Raises:
        OSError: the address is taken or not this machine's.
        SettingsError: a variable of the environment cannot be used.
    """
    refuse_compressed_sockets()
    cut_long_messages()
    app = create_app(settings)
    spare_collections()

    async def told_to_stop() -> None:
        await (stop or _signalled)()
        # before Hypercorn waits for connections to end, which those would not do by themselves
        app.let_go()

    with listening_socket(settings.host, settings.port) as listener:
        if announce is not None:
            announce(address_of(settings.host, listener))
        await serve_with_hypercorn(app, hypercorn_config(listener), shutdown_trigger=told_to_stop)  # type: ignore[arg-type]  # its own scope types are narrower than ASGI's


async def _signalled() -> None:
    """Return at SIGINT or SIGTERM."""
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()


def listening_socket(host: str, port: int) -> socket.socket:
    """A bound socket; it listens once the application has started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except OSError:
        listener.close()
        raise
    return listener


def address_of(host: str, listener: socket.socket) -> str:
    """The address for people, with the port that was really given."""
    name = f"[{host.strip('[]')}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}"


def hypercorn_config(listener: socket.socket) -> Config:
    """Hypercorn's settings for that socket."""
    config = Config()
    # A duplicate, because Hypercorn takes the descriptor over and closes it.
    config.bind = [f"fd://{listener.dup().detach()}"]
    config.backlog = _BACKLOG
    config.keep_alive_timeout = _KEEP_ALIVE_S
    config.keep_alive_max_requests = 1_000_000
    config.graceful_timeout = _GRACEFUL_S
    config.websocket_max_message_size = _WEBSOCKET_MESSAGE_BYTES
    config.include_server_header = False
    config.loglevel = "WARNING"
    return config


def refuse_compressed_sockets() -> None:
    """Have Hypercorn accept no WebSocket extension. It would accept permessage-deflate from anyone:
    128 KB of memory for each connection, and a message of 14 KB can inflate to gigabytes before any
    limit on its size is looked at. It has no setting for this."""
    vars(ws_stream)["server_extensions_handshake"] = lambda _requested, _supported: None


def cut_long_messages() -> None:
    """Have Hypercorn hand on a WebSocket message beyond its limit, cut to one character more than that, so
    that the relay sees it and closes the socket. By itself it sends a Close frame, tells the application
    nothing, and no longer reads: the client's answer stays unread, and the socket open, until a ping fails."""
    vars(ws_stream)["WebsocketBuffer"] = _CuttingBuffer


class _CuttingBuffer(ws_stream.WebsocketBuffer):
    def extend(self, event: Any) -> None:
        kept = event.data[: max(0, self.max_length + 1 - self.length)]
        with suppress(ws_stream.FrameTooLargeError):
            super().extend(replace(event, data=kept))
