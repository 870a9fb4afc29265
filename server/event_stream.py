"""A task's events as Server-Sent Events, from any position, until the task has ended."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from pydantic_core import from_json

from server.task_news import TaskNews
from tasks.contract.errors import BadRequest, StoreUnavailable
from tasks.contract.states import ENDED
from tasks.store.ports import Reading, TaskStore

HEARTBEAT_S: Final = 15.0
"""Shorter than the silence after which proxies close a connection."""
_POSITION: Final = re.compile(r"(\d{1,18}):(\d{1,9})")
_OPENING: Final = "retry: 1000\n\n"
_HEARTBEAT: Final = ": still here\n\n"
_STORE_AWAY: Final = ": the store is away\n\n"


@dataclass(frozen=True, slots=True)
class Position:
    """What a reader has; no epoch: nothing yet."""

    epoch: int | None = None
    seq: int = 0


def position_of(last_event_id: str | None) -> Position:
    """The position in a ``Last-Event-ID``.

    Raises:
        BadRequest: it is not ``<epoch>:<seq>``.
    """
    if not last_event_id:
        return Position()
    match = _POSITION.fullmatch(last_event_id)
    if match is None:
        raise BadRequest("Last-Event-ID is not <epoch>:<seq>. Send the id of the last event that you have, or none.")
    return Position(int(match[1]), int(match[2]))


async def stream_events(store: TaskStore, news: TaskNews, task_id: str, position: Position) -> AsyncIterator[str]:
    """The events after the position, as they happen. Where they are not all there any more, a
    ``task_reset`` with the snapshot comes first; a deleted task is a reset to null. While the store is
    away, or when the server is about to stop, it just ends: its reader connects again, from where it was."""
    yield _OPENING
    try:
        async for message in _follow(store, news, task_id, position):
            yield message
    except StoreUnavailable:
        yield _STORE_AWAY


async def _follow(store: TaskStore, news: TaskNews, task_id: str, position: Position) -> AsyncIterator[str]:
    async with news.watching(task_id) as changed:
        ended = False
        while not ended and not news.leaving:
            changed.clear()
            reading = await store.read(task_id, position.epoch, position.seq)
            if reading is None:
                yield _reset(task_id, position, "null")
                return
            message, position = _message_of(reading, task_id, position)
            if message:
                yield message
            ended = reading.state in ENDED and position.seq >= reading.seq
            if not ended and not reading.more and not await _news_within(changed, HEARTBEAT_S):
                yield _HEARTBEAT


def _message_of(reading: Reading, task_id: str, position: Position) -> tuple[str, Position]:
    if reading.events is None:
        snapshot = reading.snapshot.model_dump_json() if reading.snapshot else "null"
        position = Position(reading.epoch, reading.seq)
        return _reset(task_id, position, snapshot), position
    lines = []
    for text in reading.events:
        event = from_json(text)
        position = Position(event["epoch"], event["seq"])
        lines.append(f"id: {position.epoch}:{position.seq}\ndata: {text}\n\n")
    return "".join(lines), position


def _reset(task_id: str, position: Position, snapshot: str) -> str:
    head = json.dumps({"task_id": task_id, "epoch": position.epoch or 0, "seq": position.seq})
    numbered = f"{position.epoch or 0}:{position.seq}"
    return f'id: {numbered}\nevent: task_reset\ndata: {head[:-1]}, "snapshot": {snapshot}}}\n\n'


async def _news_within(changed: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return False
    return True
