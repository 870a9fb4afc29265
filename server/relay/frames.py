"""Every packet that the relay sends, encoded. Frames of events are encoded once for all their watchers."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import MutableMapping, Sequence
from itertools import islice, takewhile
from typing import Any, Final

from server.relay.positions import Position
from tasks.contract.states import Snapshot

Frame = MutableMapping[str, Any]
"""One ASGI message. Frames of events are shared between sockets and never changed."""

_EVENT: Final = "42"  # Engine.IO "message", Socket.IO "event", default namespace
_ACK: Final = "43"  # Engine.IO "message", Socket.IO "ack", default namespace
_EVENTS_HEAD: Final = f'{_EVENT}["task_events",['
_EVENTS_TAIL: Final = "]]"
_TASK: Final = "galley.task"
"""Names the task of a frame of events. ASGI servers look only at the members that they know."""
_JOINED_AT_MOST: Final = 64


def text_frame(text: str) -> Frame:
    """A WebSocket text message, as ASGI spells it."""
    return {"type": "websocket.send", "bytes": None, "text": text}


def dump(value: Any) -> str:
    """JSON without spaces, with non-ASCII as it is: a third of the size for Cyrillic or Chinese."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def events_frame(task_id: str, events: Sequence[str]) -> Frame:
    """``task_events`` with events of one task that are JSON already."""
    return {**text_frame(f"{_EVENTS_HEAD}{','.join(events)}{_EVENTS_TAIL}"), _TASK: task_id}


def joined(frames: deque[Frame]) -> tuple[Frame, int]:
    """The next message to write, and how many of the frames it stands for.

    Events of one task that have come together since the socket last took something leave as one
    packet: under load that costs the server and the browser a fraction of a packet each.
    """
    first = frames[0]
    task_id = first.get(_TASK)
    if task_id is None or len(frames) == 1:
        return first, 1
    same = list(takewhile(lambda frame: frame.get(_TASK) == task_id, islice(frames, _JOINED_AT_MOST)))
    events = (frame["text"][len(_EVENTS_HEAD) : -len(_EVENTS_TAIL)] for frame in same)
    return events_frame(task_id, list(events)), len(same)


def reset_frame(task_id: str, at: Position, snapshot: Snapshot | None) -> Frame:
    """``task_reset``: forget, show this; no snapshot: the task is gone."""
    shown = snapshot.model_dump_json() if snapshot else "null"
    head = f'"task_id":{dump(task_id)},"epoch":{at.epoch},"seq":{at.seq}'
    return text_frame(f'{_EVENT}["task_reset",{{{head},"snapshot":{shown}}}]')


def queue_update_frame(place: str) -> Frame:
    """``queue_update`` with one task's place as JSON."""
    return text_frame(f'{_EVENT}["queue_update",{place}]')


def queue_stats_frame(stats: str) -> Frame:
    """``queue_stats`` with the queue as JSON."""
    return text_frame(f'{_EVENT}["queue_stats",{stats}]')


def service_status_frame(store: str) -> Frame:
    """``service_status``: whether the store is ``up`` or ``away``."""
    return text_frame(f'{_EVENT}["service_status",{{"store":{dump(store)}}}]')


def ack_frame(ack_id: int, text: str) -> Frame:
    """The answer to the client's packet of that id."""
    return text_frame(f"{_ACK}{ack_id}[{text}]")
