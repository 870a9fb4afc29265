"""What a client says to begin to watch a task, and what it waits for. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from tests.load.http_load import HOST

SOCKET_IO_PATH: Final = "/socket.io/?EIO=4&transport=websocket"
PING: Final = b"\x81\x012"
"""Engine.IO's, as it stands on the wire."""
_NO_MASK: Final = bytes(4)
"""A key that changes nothing: clients must mask, and this costs them nothing."""


class Step(NamedTuple):
    """What to send, and what the answer contains."""

    say: bytes
    until: bytes


Dialect = Callable[[str], list[Step]]
"""The steps by which a client begins to watch a task."""


def text_message(text: str) -> bytes:
    """A client's WebSocket text message of at most 64 KB."""
    size = len(text)
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + _NO_MASK + text.encode()


PONG: Final = text_message("3")


def upgrade(path: str) -> bytes:
    """The request for a WebSocket, without any extension."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


def socket_io(task_id: str) -> list[Step]:
    """Connect, and ask for the task."""
    return [
        Step(upgrade(SOCKET_IO_PATH), b'0{"sid"'),
        Step(text_message("40"), b'40{"sid"'),
        Step(text_message(f'420["watch",{{"task_id":"{task_id}"}}]'), b'430[{"ok":true'),
    ]


def raw(task_id: str) -> list[Step]:
    """The raw relay takes the task from the path."""
    return [Step(upgrade(f"/{task_id}"), b"watching")]
