"""Once a second: their place to those who wait, and the queue's figures to those who asked for them."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping
from typing import Final

from server.queue_view import Place, QueueView
from server.relay.audience import Audience, WatchedTask
from server.relay.frames import dump, queue_stats_frame, queue_update_frame
from server.relay.positions import Pace
from server.relay.wire import emit
from tasks.contract.errors import GalleyError
from tasks.contract.names import TaskKind
from tasks.store.ports import Store

log = logging.getLogger(__name__)

PERIOD_S: Final = 1.0
_FAR_LOOKS: Final = 200
"""Places far back in the line that one round looks up; the others take their turn in the next."""


def gist(place: Place) -> str:
    """What has to change for a place to be told again: an estimate counts in steps of a tenth, or
    every waiting task would be told every second."""
    eta = place.eta_s
    steps = None if eta is None else eta if eta < 10 else round(10 * math.log(eta))
    return f"{place.position} {place.about} {steps} {place.waiting_for} {place.reopens_at}"


class QueueUpdates:
    """Computes nothing while nobody who watches here waits or asked for the figures."""

    def __init__(self, store: Store, audience: Audience, view: QueueView) -> None:
        self._store = store
        self._audience = audience
        self._view = view
        self._far_begin = 0

    async def run(self) -> None:
        """Tell what changed, once a second for ever."""
        while True:
            await asyncio.sleep(PERIOD_S)
            try:
                await self.tell_places()
                await self.tell_stats()
            except GalleyError as error:
                log.warning("the queue cannot be looked at now: %s", error)

    async def tell_places(self) -> None:
        """``queue_update`` for each watched task that waits and whose place has changed."""
        waiting = dict(self._audience.waiting())
        if not waiting:
            return
        places = await self._view.first_places()
        far = [task_id for task_id in waiting if task_id not in places]
        places |= await self._far_places(self._next_far(far), waiting)
        for task_id, watched in waiting.items():
            if task_id in places:
                self._tell_place(task_id, watched, places[task_id])

    @staticmethod
    def _tell_place(task_id: str, watched: WatchedTask, place: Place) -> None:
        told = gist(place)
        frame = queue_update_frame(dump({"task_id": task_id, **place.as_json()}))
        for link, cursor in watched.cursors.items():
            if cursor.pace is not Pace.UNANSWERED and cursor.shown_place != told and emit(link, frame):
                cursor.shown_place = told

    def _next_far(self, far: list[str]) -> list[str]:
        begin = self._far_begin % len(far) if far else 0
        self._far_begin = begin + _FAR_LOOKS
        return (far[begin:] + far[:begin])[:_FAR_LOOKS]

    async def _far_places(self, task_ids: list[str], waiting: Mapping[str, WatchedTask]) -> dict[str, Place]:
        places: dict[str, Place] = {}
        for task_id in task_ids:
            kind = await self._kind_of(task_id, waiting[task_id])
            place = await self._view.place(task_id, kind) if kind else None
            if place is None:
                waiting[task_id].may_wait = False
            else:
                places[task_id] = place
        return places

    async def _kind_of(self, task_id: str, watched: WatchedTask) -> TaskKind | None:
        if watched.kind is None:
            submitted = await self._store.task_input(task_id)
            watched.kind = submitted.kind if submitted else None
        return watched.kind

    async def tell_stats(self) -> None:
        """``queue_stats`` to all who asked and have not seen these figures."""
        links = self._audience.queue_watchers()
        if not links:
            return
        stats = dump(await self._view.as_json())
        frame = queue_stats_frame(stats)
        for link in links:
            if link.shown_stats != stats and emit(link, frame):
                link.shown_stats = stats
