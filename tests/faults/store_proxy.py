"""A way to the store that delays answers and loses messages, for one server to be put behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self


class StoreProxy:
    """Forwards a Unix socket. ``delay_s`` is asked before each answer to a command is handed on;
    ``loses`` is shown the payload of each published message."""

    def __init__(self, listen: Path, store: Path) -> None:
        self.url = f"unix://{listen}"
        self.delay_s: Callable[[], float] = lambda: 0.0
        self.loses: Callable[[bytes], bool] = lambda payload: False
        self.lost = self.delayed = self.overtook = 0
        self._listen, self._store = listen, store
        self._holding = 0
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._accept, self._listen)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def heal(self) -> None:
        """Forward everything at once again."""
        self.delay_s, self.loses = lambda: 0.0, lambda payload: False

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_store, to_store = await asyncio.open_unix_connection(self._store)
        except OSError:
            writer.close()
            return
        sides = [
            asyncio.ensure_future(self._forward_commands(reader, to_store)),
            asyncio.ensure_future(self._forward_answers(from_store, writer)),
        ]
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)
            for end in (writer, to_store):
                end.close()

    @staticmethod
    async def _forward_commands(reader: asyncio.StreamReader, to_store: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(64 * 1024):
            to_store.write(chunk)
            await to_store.drain()

    async def _forward_answers(self, from_store: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        releasing = asyncio.ensure_future(self._release(held, writer))
        try:
            with suppress(asyncio.IncompleteReadError, OSError):
                while True:
                    parts: list[bytes] = []
                    raw = await _read_value(from_store, parts)
                    if parts[:1] == [b"message"] and self.loses(parts[2]):
                        self.lost += 1
                    else:
                        held.put_nowait((self._due(parts), raw))
        finally:
            releasing.cancel()
            await asyncio.gather(releasing, return_exceptions=True)
            while not held.empty():
                self._holding -= held.get_nowait()[0] > 0

    def _due(self, parts: list[bytes]) -> float:
        """When that may be handed on. Answers take their time, what is published passes them."""
        delay = 0.0
        if parts[:1] == [b"message"]:
            self.overtook += self._holding > 0
        elif parts[:1] not in ([b"subscribe"], [b"unsubscribe"], [b"pong"]):
            delay = self.delay_s()
            self.delayed += delay > 0
            self._holding += delay > 0
        return asyncio.get_running_loop().time() + delay if delay else 0.0

    async def _release(self, held: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        while True:
            due, raw = await held.get()
            try:
                await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))  # the fault itself
            finally:
                self._holding -= due > 0
            writer.write(raw)
            await writer.drain()


async def _read_value(reader: asyncio.StreamReader, parts: list[bytes]) -> bytes:
    """One value of the store's protocol as it stood on the wire; its strings also in ``parts``."""
    line = await reader.readuntil(b"\r\n")
    count = int(line[1:]) if line[:1] in b"$*" else -1
    if line[:1] == b"$" and count >= 0:
        body = await reader.readexactly(count + 2)
        parts.append(body[:-2])
        return line + body
    if line[:1] == b"*" and count >= 0:
        return line + b"".join([await _read_value(reader, parts) for _ in range(count)])
    return line
