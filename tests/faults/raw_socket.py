"""A client's WebSocket that reads exactly as fast as it is told to, down to the byte."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from typing import Self
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Message, Ping, RejectConnection, Request, TextMessage

PATH = "/socket.io/?EIO=4&transport=websocket"
READ_BYTES = 64 * 1024


class RawSocket:
    """Text messages in and out. Every method raises ConnectionError once the connection is over.

    Clearing ``reads`` makes it a client that stopped reading; ``trickle`` (bytes, seconds) one that
    takes so much in such a time. The kernel's buffer is small for both, so that the server feels it.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reads = asyncio.Event()
        self.reads.set()
        self.trickle: tuple[int, float] | None = None
        self.bytes_read = 0
        self._reader, self._writer = reader, writer
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._texts: deque[str] = deque()
        self._parts: list[str] = []
        self._accepted = False

    @classmethod
    async def open(cls, url: str, receive_buffer: int | None = None) -> Self:
        """Connected and upgraded; ``receive_buffer`` bounds the kernel's share, in bytes."""
        host, port = str(urlsplit(url).hostname), int(urlsplit(url).port or 80)
        made = socket.socket()
        made.setblocking(False)
        if receive_buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            await asyncio.get_running_loop().sock_connect(made, (host, port))
            raw = cls(*await asyncio.open_connection(sock=made, limit=receive_buffer or READ_BYTES))
        except BaseException:
            made.close()
            raise
        raw._writer.write(raw._protocol.send(Request(host=f"{host}:{port}", target=PATH)))
        try:
            while not raw._accepted:
                await raw._read_some()
        except BaseException:
            raw.abort()
            raise
        return raw

    async def receive(self) -> str:
        """The next text message."""
        while not self._texts:
            await self._read_some()
        return self._texts.popleft()

    def send(self, text: str) -> None:
        """Write a text message; small ones only, nothing waits here."""
        if self._writer.is_closing():
            raise ConnectionResetError
        self._writer.write(self._protocol.send(TextMessage(text)))

    def abort(self) -> None:
        """Cut the connection as a lost network does, without a word."""
        self._writer.transport.abort()

    async def _read_some(self) -> None:
        await self.reads.wait()
        if self.trickle is not None:
            await asyncio.sleep(self.trickle[1])  # this slowness is the fault itself
        chunk = await self._reader.read(self.trickle[0] if self.trickle else READ_BYTES)
        if not chunk:
            raise ConnectionResetError("the server has closed the connection")
        self.bytes_read += len(chunk)
        self._protocol.receive_data(chunk)
        for event in self._protocol.events():
            self._take(event)

    def _take(self, event: object) -> None:
        match event:
            case AcceptConnection():
                self._accepted = True
            case Ping():
                self._writer.write(self._protocol.send(event.response()))
            case Message():
                self._parts.append(str(event.data))
                if event.message_finished:
                    self._texts.append("".join(self._parts))
                    self._parts.clear()
            case CloseConnection() | RejectConnection():
                raise ConnectionResetError("the server ends the connection")
