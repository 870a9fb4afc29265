"""The transport behind a socket, where the ASGI server is one that we know.

A WebSocket frame is the same for all its watchers; through ASGI each server makes it anew for each of them
and awaits each write, five times the cost of the write itself. This module is the only one that looks into
servers. A contract test runs each of them and fails when it has changed inside; a server that is not known
is served through its ASGI ``send``, as ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

from hypercorn.protocol.h11 import H11Protocol
from hypercorn.protocol.ws_stream import WSStream

_OF_UVICORN: Final = frozenset({"WebSocketsSansIOProtocol", "WSProtocol"})
"""Those that write the handshake before `accept` returns. The older one does it in a task of its own, and
a frame could overtake it."""


def transport_of(send: Callable[[Any], Awaitable[None]]) -> asyncio.WriteTransport | None:
    """What bytes can be written to beside ``send``, in one order with what it writes; None: not known.

    What is written must be whole frames, after the handshake.
    """
    stream = getattr(send, "__self__", None)
    if isinstance(stream, WSStream):  # Hypercorn; over HTTP/2 the transport carries other things as well
        protocol = getattr(stream.send, "__self__", None)
        server = getattr(protocol.send, "__self__", None) if isinstance(protocol, H11Protocol) else None
        return cast("asyncio.WriteTransport | None", server and server.writer.transport)
    made_by = type(stream)
    if made_by.__module__.startswith("uvicorn.protocols.websockets.") and made_by.__name__ in _OF_UVICORN:
        return cast(asyncio.WriteTransport, stream.transport)  # type: ignore[union-attr]  # not installed everywhere
    return None
