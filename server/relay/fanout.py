"""From the store's channels to the sockets that watch, with three nets under it.

Each confirmed subscription is followed by a look at the task's number, so that nothing falls between
reading and subscribing or into a reconnect; a gap or a doorbell is filled from the log; and every few
seconds one look at the numbers of all watched tasks finds a last event that was never delivered.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from itertools import islice
from typing import Final

from server.relay.audience import Audience
from server.relay.catch_up import CatchUp
from server.relay.creations import Creations
from server.relay.frames import events_frame
from server.relay.positions import Cursor, Pace, Position, Run, joined_runs, parse_arrival
from server.relay.subscriptions import Subscriptions
from server.relay.wire import emit
from tasks.contract.errors import GalleyError
from tasks.store.ports import Confirmed, Published, Store

log = logging.getLogger(__name__)

_NUMBERS_AT_ONCE: Final = 250
_SETTLE_PART: Final = 0.1
"""Of the time between two audits: how long what was published before an answer may take through the feed."""
_WAIT_S: Final = 0.5


class FanOut:
    """Hands each event to those who watch its task. It awaits the store, never a socket."""

    def __init__(
        self,
        store: Store,
        audience: Audience,
        *,
        catch_up: CatchUp,
        creations: Creations,
        subscriptions: Subscriptions,
        audit_s: float,
    ) -> None:
        self._store = store
        self._audience = audience
        self._catch_up = catch_up
        self._creations = creations
        self._subscriptions = subscriptions
        self._audit_s = audit_s
        self._arrived: dict[str, list[Run]] = {}
        self._confirmed: set[str] = set()
        self._any_confirmed = asyncio.Event()

    async def listen(self) -> None:
        """Follow the feed for ever; a feed that breaks is replaced by a new one."""
        while True:
            feed = self._store.feed()
            keeper = asyncio.create_task(self._subscriptions.keep(feed))
            try:
                async for message in feed.messages():
                    self._take(message)
            except GalleyError as error:
                log.warning("the feed of events broke, opening a new one: %s", error)
            finally:
                keeper.cancel()
                await feed.close()
            await asyncio.sleep(_WAIT_S)

    def _take(self, message: Published | Confirmed) -> None:
        task_id = self._audience.task_of_channel.get(message.channel)
        if task_id is None:
            self._take_of_document(message)
        elif isinstance(message, Published):
            self._take_event(task_id, message.payload)
        else:
            self._confirmed.add(task_id)
            self._any_confirmed.set()

    def _take_of_document(self, message: Published | Confirmed) -> None:
        document_id = self._audience.document_of_channel.get(message.channel)
        if document_id is None:
            return  # nobody wants it any more
        if isinstance(message, Published):
            self._creations.add(document_id, message.payload)
        else:
            self._creations.list_again(document_id)

    def _take_event(self, task_id: str, payload: str) -> None:
        arrival = parse_arrival(payload)
        if arrival is None:
            log.error("task %s: not an event on its channel: %.100r", task_id, payload)
            return
        # "task_queued" inside a text costs one needless look at the line, and parsing every event
        # would cost more than all the rest of its way
        self._audience.tasks[task_id].may_wait = bool(arrival.events) and "task_queued" in arrival.events[0]
        if not self._arrived:
            # what is read from the store in one go is handed out in one go: a packet for each task
            asyncio.get_running_loop().call_soon(self._hand_out_arrived)
        self._arrived.setdefault(task_id, []).append(arrival)

    def _hand_out_arrived(self) -> None:
        arrived, self._arrived = self._arrived, {}
        for task_id, arrivals in arrived.items():
            for run in joined_runs(arrivals):
                self.hand_out(task_id, run)

    def hand_out(self, task_id: str, run: Run) -> None:
        """Send the events to all who are due for them now; the others are left to the log."""
        watched = self._audience.tasks.get(task_id)
        if watched is None:
            return  # everybody has left since it arrived
        frame = events_frame(task_id, run.events)
        behind = False
        for link, cursor in watched.cursors.items():
            if cursor.takes(run):
                if emit(link, frame):
                    cursor.sent(run.last)
                    continue
                cursor.miss(run.last)
            behind = behind or cursor.pace is Pace.BEHIND
        if behind:
            self._catch_up.mark(task_id)

    async def look_at_confirmed(self) -> None:
        """Look at the number of each task whose channel was confirmed, for ever."""
        while True:
            await self._any_confirmed.wait()
            self._any_confirmed.clear()
            tasks, self._confirmed = self._confirmed, set()
            if not await self._safely(self._compare, tasks):
                self._confirmed |= tasks
                self._any_confirmed.set()
                await asyncio.sleep(_WAIT_S)

    async def audit(self) -> None:
        """Look at the numbers of all watched tasks from time to time, for ever."""
        settle_s = self._audit_s * _SETTLE_PART
        while True:
            await asyncio.sleep(self._audit_s - settle_s)
            await self._safely(partial(self._compare, settle_s=settle_s), list(self._audience.tasks))

    async def _compare(self, task_ids: Collection[str], settle_s: float = 0.0) -> None:
        """Without time to settle, what is still on its way in the feed would be read from the log as well:
        under load that is something of every task at every audit."""
        remaining, asked = iter(task_ids), []
        while some := list(islice(remaining, _NUMBERS_AT_ONCE)):
            stood = [[(cursor, cursor.at) for _, cursor in self._audience.watchers(task_id)] for task_id in some]
            asked.append(zip(some, stood, await self._store.numbers(some), strict=True))
        await asyncio.sleep(settle_s)
        for answers in asked:
            for task_id, cursors, number in answers:
                self._audit_task(task_id, cursors, Position(*number) if number else None)
            await asyncio.sleep(0)  # ten thousand at once would hold up everybody's events

    def _audit_task(self, task_id: str, cursors: list[tuple[Cursor, Position | None]], number: Position | None) -> None:
        for cursor, stood in cursors:
            cursor.audit(stood, number)
        if any(cursor.pace is Pace.BEHIND for cursor, _ in cursors):
            self._catch_up.mark(task_id)

    @staticmethod
    async def _safely(look: Callable[[Collection[str]], Awaitable[None]], task_ids: Collection[str]) -> bool:
        """Whether the look succeeded; a store that is away is looked at again later."""
        try:
            await look(task_ids)
        except GalleyError as error:
            log.warning("the numbers of watched tasks cannot be read now: %s", error)
            return False
        return True
