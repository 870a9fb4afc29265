"""Gives those who are behind what they missed: from the log, or the snapshot where history is gone."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from typing import Final

from server.relay.audience import Audience
from server.relay.frames import Frame, events_frame, reset_frame
from server.relay.link import Link
from server.relay.positions import Cursor, Pace, Position, position_after
from server.relay.wire import emit
from tasks.contract.errors import GalleyError
from tasks.contract.states import TaskState
from tasks.store.ports import Reading, Store

log = logging.getLogger(__name__)

READERS: Final = 8
"""Tasks that are read for at the same time, so that one slow reading does not hold up all others."""
_FIRST_WAIT_S: Final = 0.05
_LONGEST_WAIT_S: Final = 2.0

Group = list[tuple[Link, Cursor, int]]
"""Watchers that stand at the same place, each with the ticket of this reading."""


class CatchUp:
    """Reads logs for cursors that are behind. One reading serves all who stand at the same place."""

    def __init__(self, store: Store, audience: Audience) -> None:
        self._store = store
        self._audience = audience
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self._marked: set[str] = set()
        self._wait_s = _FIRST_WAIT_S

    def mark(self, task_id: str) -> None:
        """Somebody who watches the task is behind."""
        if task_id not in self._marked:
            self._marked.add(task_id)
            self._due.put_nowait(task_id)

    def mark_link(self, link: Link) -> None:
        """The link can take more: go on with all it is behind in."""
        for task_id, cursor in link.cursors.items():
            if cursor.pace is Pace.BEHIND:
                self.mark(task_id)

    async def run(self) -> None:
        """Serve marks for ever."""
        async with asyncio.TaskGroup() as readers:
            for _ in range(READERS):
                readers.create_task(self._read_for_ever())

    async def _read_for_ever(self) -> None:
        while True:
            task_id = await self._due.get()
            try:
                await self._serve(task_id)
                self._wait_s = _FIRST_WAIT_S
            except GalleyError as error:
                log.warning("a log cannot be read now, trying again: %s", error)
                await self._back_off()
            except Exception:
                log.exception("a log could not be handed on, trying again")
                await self._back_off()
            self._marked.discard(task_id)
            if any(self._ready(link, cursor) for link, cursor in self._audience.watchers(task_id)):
                self.mark(task_id)

    async def _back_off(self) -> None:
        self._wait_s = min(self._wait_s * 2, _LONGEST_WAIT_S)
        await asyncio.sleep(self._wait_s)

    @staticmethod
    def _ready(link: Link, cursor: Cursor) -> bool:
        return cursor.pace is Pace.BEHIND and link.outbox.is_ready()

    async def _serve(self, task_id: str) -> None:
        groups: dict[Position | None, Group] = defaultdict(list)
        for link, cursor in self._audience.watchers(task_id):
            if self._ready(link, cursor):
                groups[cursor.at].append((link, cursor, cursor.begin_reading()))
        for start, group in groups.items():
            reading = await self._store.read(task_id, start.epoch if start else None, start.seq if start else 0)
            self._hand_on(task_id, start, group, reading)

    def _hand_on(self, task_id: str, start: Position | None, group: Group, reading: Reading | None) -> None:
        current = [(link, cursor) for link, cursor, ticket in group if cursor.is_current(ticket)]
        if reading is None:
            self._say_gone(task_id, start, current)
            return
        self.note_state(task_id, reading.state)
        at = position_after(reading, start)
        frame = None if reading.events == () else self._frame(task_id, at, reading)
        for link, cursor in current:
            if frame is None or emit(link, frame):
                cursor.finish_reading(at, reading.more)

    @staticmethod
    def _frame(task_id: str, at: Position, reading: Reading) -> Frame:
        if reading.events is not None:
            return events_frame(task_id, reading.events)
        return reset_frame(task_id, at, reading.snapshot)

    def _say_gone(self, task_id: str, start: Position | None, group: list[tuple[Link, Cursor]]) -> None:
        frame = reset_frame(task_id, start or Position(0, 0), None)
        for link, _ in group:
            if emit(link, frame):
                self._audience.leave(link, task_id)

    def note_state(self, task_id: str, state: TaskState) -> None:
        """Remember whether the task may stand in line, for `queue_update`."""
        watched = self._audience.tasks.get(task_id)
        if watched is not None:
            watched.may_wait = state is TaskState.PENDING
