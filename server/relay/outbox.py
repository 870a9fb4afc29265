"""What waits to be written to one socket: bounded, in order, never waited for by anybody else."""

from __future__ import annotations

from typing import Final, Protocol

from server.relay.frames import Frame

CLOSE_FLUSH_S: Final = 2.0
"""How long a closing socket may take to accept what is still queued."""


class Outbox(Protocol):
    """Takes frames at once, or refuses. Whoever made it is called each time that there is room again after
    it has refused."""

    @property
    def has_room(self) -> bool:
        """Whether `offer` would take a frame. One frame may go over the bound, the next may not."""
        ...

    @property
    def waiting_bytes(self) -> int:
        """How much the socket has not taken yet."""
        ...

    def is_ready(self) -> bool:
        """Whether there is room; if not, its maker is told when there is."""
        ...

    def offer(self, frame: Frame) -> bool:
        """Queue a frame that can be read from the log later. False: no room, nothing was queued."""
        ...

    def put(self, frame: Frame) -> None:
        """Queue a frame that must arrive: an answer, a ping. Bounded by what the client may ask."""
        ...

    async def room(self) -> None:
        """Wait until `offer` would take a frame, or the socket is closed."""
        ...

    async def close(self) -> None:
        """Write what is queued, for a moment at most, and stop."""
        ...

    def abandon(self) -> None:
        """Stop at once; what is queued is lost with the socket."""
        ...
