"""Many clients in one thread, over bare sockets, at a cost that leaves the server to be the limit.

They are no browsers: they frame nothing and parse nothing. An event is counted by its member ``at``,
so it counts the same whether it came alone or with others in one packet, and a reset, which has none, does
not count.
"""

from __future__ import annotations

import re
import select
import socket
import struct
import time
from collections.abc import Callable, Sequence
from typing import Final, Self

from tests.load.ground import HOST
from tests.load.relay_dialects import PING, PONG, Dialect, Step
from tests.processes import WAIT_S

_MARK: Final = b'"at":'
_SEQ: Final = re.compile(rb'"seq":(\d+)')
_STAMP: Final = struct.Struct("qq")
_AT_ONCE: Final = 50
"""How many connect at the same time."""
_CHUNK: Final = 64 * 1024
_WITNESSES: Final = 10
_WEBSOCKET_PING: Final = 0x89

_STAMP_OF_ARRIVAL: Final = getattr(socket, "SO_TIMESTAMPNS", 35)
"""Linux's number; the module has no name for it."""

OnEvents = Callable[[int, int, float], None]
"""Told which client got how many events, and when the kernel had the last of them, as `time.time`."""


class Crowd:
    """The clients. Use it as a context manager. Linux only."""

    def __init__(self, port: int, on_events: OnEvents | None = None) -> None:
        self.counts: list[int] = []
        self.on_events = on_events
        self._port = port
        self._sockets: dict[int, tuple[int, socket.socket]] = {}
        self._tails: dict[int, bytes] = {}
        self._kept: dict[int, list[bytes]] = {}
        self._poll = select.epoll()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for _, client in self._sockets.values():
            client.close()
        self._poll.close()

    def join(self, dialect: Dialect, task_ids: Sequence[str]) -> None:
        """One more client for each of these tasks; returns when all are answered."""
        for first in range(0, len(task_ids), _AT_ONCE):
            some = task_ids[first : first + _AT_ONCE]
            clients = [socket.create_connection((HOST, self._port), timeout=WAIT_S) for _ in some]
            for steps in zip(*map(dialect, some), strict=True):
                _take_step(clients, steps)
            for client in clients:
                self._admit(client)
            self.take(0)  # those who came first must answer the server's pings

    def _admit(self, client: socket.socket) -> None:
        client.setblocking(False)
        client.setsockopt(socket.SOL_SOCKET, _STAMP_OF_ARRIVAL, 1)
        number = len(self.counts)
        self._sockets[client.fileno()] = number, client
        self.counts.append(0)
        if number < _WITNESSES:
            self._kept[number] = []
        self._poll.register(client.fileno(), select.EPOLLIN)

    def take(self, wait_s: float) -> int:
        """Read what has come, waiting up to ``wait_s`` for the first of it; how many events it was."""
        taken, tails = 0, self._tails
        for fd, _ in self._poll.poll(wait_s, len(self._sockets) or 1):
            number, client = self._sockets[fd]
            chunk, arrived = (client.recv(_CHUNK), 0.0) if self.on_events is None else _received(client)
            if not chunk:
                raise ConnectionResetError(f"the server hung up on client {number}")
            if number in self._kept:
                self._kept[number].append(chunk)
            if fd in tails:
                chunk = tails.pop(fd) + chunk
            events = chunk.count(_MARK)
            if events:
                taken += events
                self.counts[number] += events
                if self.on_events is not None:
                    self.on_events(number, events, arrived)
            if PING in chunk:
                client.send(PONG)
            elif chunk[0] == _WEBSOCKET_PING:
                client.send(b"\x8a" + bytes([0x80 | chunk[1]]) + bytes(4) + chunk[2 : 2 + chunk[1]])
            elif not chunk.endswith(b"]"):  # the mark may be cut in two
                tails[fd] = chunk[1 - len(_MARK) :]
        return taken

    def begin_to_count(self) -> None:
        """Forget what has come so far."""
        self.counts = [0] * len(self.counts)
        self._kept = {number: [] for number in self._kept}

    @property
    def witnesses_agree(self) -> bool:
        """Whether the few clients that keep all that they get had each number once and in order."""
        return all(_is_gapless(b"".join(chunks)) for chunks in self._kept.values())


def _take_step(clients: Sequence[socket.socket], steps: Sequence[Step]) -> None:
    for client, step in zip(clients, steps, strict=True):
        client.sendall(step.say)
    for client, step in zip(clients, steps, strict=True):
        answer = b""
        while step.until not in answer:
            chunk = client.recv(_CHUNK)
            answer += chunk
            if not chunk or b'"ok":false' in answer:
                raise ConnectionError(f"a client was not let in: {answer[:300]!r}")


def _received(client: socket.socket) -> tuple[bytes, float]:
    """What has come, and when: the crowd is one thread, and how late it looks is not the server's doing."""
    chunk, stamps, _, _ = client.recvmsg(_CHUNK, socket.CMSG_SPACE(_STAMP.size))
    if not stamps:
        return chunk, time.time()
    seconds, nanoseconds = _STAMP.unpack(stamps[0][2])
    return chunk, seconds + nanoseconds / 1e9


def _is_gapless(received: bytes) -> bool:
    seqs = [int(seq) for seq in _SEQ.findall(received)]
    return bool(seqs) and seqs == list(range(seqs[0], seqs[0] + len(seqs)))
