"""The limit: what one core of Python can relay when nothing is asked of it but to pass events on.

``python -m tests.load.peers.raw_relay PORT STORE_SOCKET``. A client names a task in the path and gets
its channel's events, each framed once and written straight to the transports. No library reads the
sockets, nothing is numbered, no gap is noticed, a slow reader is never stopped, nobody is told apart.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sys
from collections import defaultdict
from typing import Final, cast

import hiredis
import uvloop

from server.garbage import spare_collections
from tasks.contract.names import key
from tests.load.ground import HOST

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

Watchers = dict[bytes, list[asyncio.Transport]]
"""By channel."""


def frame(text: bytes) -> bytes:
    """An unmasked WebSocket text message of at most 64 KB."""
    if len(text) < 126:
        return b"\x81" + bytes([len(text)]) + text
    return b"\x81\x7e" + len(text).to_bytes(2, "big") + text


class Subscriber(asyncio.Protocol):
    """The store's side: from channels to transports."""

    def __init__(self, watchers: Watchers) -> None:
        self._watchers = watchers
        self._reader = hiredis.Reader()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by inheritance

    def subscribe(self, channel: bytes) -> None:
        self._transport.write(b"*2\r\n$9\r\nSUBSCRIBE\r\n$%d\r\n%b\r\n" % (len(channel), channel))

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while message := self._reader.gets():
            kind, channel, payload = message
            if kind == b"message":
                event = payload.split(b":", 2)[2]
                packet = frame(b'42["task_events",[%b]]' % event)
                for transport in self._watchers[channel]:
                    transport.write(packet)
            else:
                for transport in self._watchers[channel]:
                    transport.write(frame(b"watching"))


class Watcher(asyncio.Protocol):
    """One client: a handshake, and nothing more is read."""

    def __init__(self, watchers: Watchers, subscriber: Subscriber) -> None:
        self._watchers, self._subscriber = watchers, subscriber
        self._request = b""
        self._channel = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._channel:
            self._watchers[self._channel].remove(self._transport)

    def data_received(self, data: bytes) -> None:
        self._request += data
        if not self._request.endswith(b"\r\n\r\n"):
            return
        first, *lines = self._request.split(b"\r\n")
        self._request = b""
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        if b"sec-websocket-key" not in headers:
            self._transport.write(_OK)
            return
        accept = base64.b64encode(hashlib.sha1(headers[b"sec-websocket-key"] + _GUID).digest())
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self._transport.write(head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        self._watch(key("task_channel", first.split(b" ")[1].strip(b"/").decode()).encode())

    def _watch(self, channel: bytes) -> None:
        is_new, self._channel = channel not in self._watchers, channel
        self._watchers[channel].append(self._transport)
        if is_new:
            self._subscriber.subscribe(channel)
        else:
            self._transport.write(frame(b"watching"))


async def run(port: int, store_socket: str) -> None:
    """Serve for ever."""
    spare_collections()
    watchers: Watchers = defaultdict(list)
    loop = asyncio.get_running_loop()
    _, subscriber = await loop.create_unix_connection(lambda: Subscriber(watchers), store_socket)
    server = await loop.create_server(lambda: Watcher(watchers, subscriber), HOST, port, backlog=2_048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(run(int(sys.argv[1]), sys.argv[2]))
