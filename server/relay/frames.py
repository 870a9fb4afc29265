"""Every packet that the relay sends, encoded. Frames of events are encoded once for all their watchers."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from itertools import islice, takewhile
from typing import Any, Final

from server.relay.positions import Position
from tasks.contract.states import Snapshot

_EVENT: Final = "42"  # Engine.IO "message", Socket.IO "event", default namespace
_ACK: Final = "43"  # Engine.IO "message", Socket.IO "ack", default namespace
_EVENTS_HEAD: Final = f'{_EVENT}["task_events",['
_EVENTS_TAIL: Final = "]]"
_JOINED_AT_MOST: Final = 64


class Frame:
    """One text message. It is shared between sockets and never changed; ``task_id`` is set when it is
    ``task_events`` of that task."""

    __slots__ = ("_wire", "task_id", "text")

    def __init__(self, text: str, task_id: str | None = None) -> None:
        self.text = text
        self.task_id = task_id
        self._wire = b""

    @property
    def wire(self) -> bytes:
        """As it stands on the wire (RFC 6455: final, text, not masked), made once for all sockets."""
        if not self._wire:
            self._wire = _on_the_wire(self.text.encode())
        return self._wire

    def as_asgi(self) -> dict[str, Any]:
        """As ASGI spells it."""
        return {"type": "websocket.send", "bytes": None, "text": self.text}


def _on_the_wire(data: bytes) -> bytes:
    size = len(data)
    if size < 126:
        return bytes((0x81, size)) + data
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + data
    return b"\x81\x7f" + size.to_bytes(8, "big") + data


def dump(value: Any) -> str:
    """JSON without spaces, with non-ASCII as it is: a third of the size for Cyrillic or Chinese."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def events_frame(task_id: str, events: Sequence[str]) -> Frame:
    """``task_events`` with events of one task that are JSON already."""
    return Frame(f"{_EVENTS_HEAD}{','.join(events)}{_EVENTS_TAIL}", task_id)


def joined(frames: deque[Frame]) -> tuple[Frame, int]:
    """The next message to write, and how many of the frames it stands for.

    Events of one task that have come together since the socket last took something leave as one
    packet: under load that costs the server and the browser a fraction of a packet each.
    """
    first = frames[0]
    task_id = first.task_id
    if task_id is None or len(frames) == 1:
        return first, 1
    same = list(takewhile(lambda frame: frame.task_id == task_id, islice(frames, _JOINED_AT_MOST)))
    events = (frame.text[len(_EVENTS_HEAD) : -len(_EVENTS_TAIL)] for frame in same)
    return events_frame(task_id, list(events)), len(same)


def reset_frame(task_id: str, at: Position, snapshot: Snapshot | None) -> Frame:
    """``task_reset``: forget, show this; no snapshot: the task is gone."""
    shown = snapshot.model_dump_json() if snapshot else "null"
    head = f'"task_id":{dump(task_id)},"epoch":{at.epoch},"seq":{at.seq}'
    return Frame(f'{_EVENT}["task_reset",{{{head},"snapshot":{shown}}}]')


def queue_update_frame(place: str) -> Frame:
    """``queue_update`` with one task's place as JSON."""
    return Frame(f'{_EVENT}["queue_update",{place}]')


def queue_stats_frame(stats: str) -> Frame:
    """``queue_stats`` with the queue as JSON."""
    return Frame(f'{_EVENT}["queue_stats",{stats}]')


def service_status_frame(store: str) -> Frame:
    """``service_status``: whether the store is ``up`` or ``away``."""
    return Frame(f'{_EVENT}["service_status",{{"store":{dump(store)}}}]')


def ack_frame(ack_id: int, text: str) -> Frame:
    """The answer to the client's packet of that id."""
    return Frame(f"{_ACK}{ack_id}[{text}]")
