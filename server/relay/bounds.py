"""How much one client may ask of the relay."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits that keep one client from being everybody's problem.

    ``message_bytes`` holds a `watch_document` with a thousand positions; of a document with more
    tasks a client names the thousand it likes, the others are answered from their beginning.
    ``answer_bytes`` is how much history one answer carries; the rest follows as events.
    """

    sockets_per_owner: int = 50
    tasks_per_socket: int = 2_000
    documents_per_socket: int = 50
    messages_per_s: float = 50
    message_bytes: int = 64 * 1024
    answer_bytes: int = 512 * 1024
    outbox_packets: int = 256
    outbox_bytes: int = 256 * 1024
    connect_s: float = 10


class Throttle:
    """A token bucket of one second's worth: says how long the next message has to wait."""

    __slots__ = ("_at", "_clock", "_per_s", "_tokens")

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._clock = clock
        self._tokens = per_s
        self._at = clock()

    def wait_s(self) -> float:
        """Take one; the seconds to wait before it may be used."""
        now = self._clock()
        self._tokens = min(self._per_s, self._tokens + (now - self._at) * self._per_s) - 1
        self._at = now
        return max(0.0, -self._tokens / self._per_s)
