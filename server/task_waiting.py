"""Waiting for a task: until there is news of it, or until it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from server.ids import check_id
from server.owned import NO_EPOCH, snapshot_of
from server.task_news import TaskNews
from tasks.contract.errors import NotFound, StoreUnavailable
from tasks.contract.states import ENDED, Snapshot
from tasks.store.ports import Reading, TaskStore

_LOOK_AGAIN_S = 15.0
"""A message can be lost with its connection; a look at the task itself finds what it said."""
_ANSWER_SIZE = 4_000_000
"""Characters of events in one answer; whoever has missed more is better off with the present state."""


async def until_news(
    store: TaskStore, news: TaskNews, owner: str, task_id: str, *, seen: tuple[int, int], wait_s: float
) -> Snapshot:
    """The task once its ``(epoch, seq)`` is not ``seen`` any more, it has ended, ``wait_s`` has
    passed, or the server is about to stop.

    Raises:
        NotFound: unknown, another's, or deleted meanwhile.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s), aclosing(_looks(store, news, owner, task_id, seen)) as looks:
            async for look in looks:
                if (look.epoch, look.seq) != seen or look.state in ENDED or news.leaving:
                    break
    return await snapshot_of(store, owner, task_id)


async def until_ended(store: TaskStore, news: TaskNews, owner: str, task_id: str) -> Snapshot:
    """The task once it has ended, however long that takes.

    Raises:
        NotFound: deleted meanwhile.
        StoreUnavailable: the server is about to stop.
    """
    async with aclosing(_looks(store, news, owner, task_id, (NO_EPOCH, 0))) as looks:
        async for look in looks:
            if look.state in ENDED:
                break
            if news.leaving:
                raise StoreUnavailable("This server is stopping. Ask again in a moment.")
    return await snapshot_of(store, owner, task_id)


async def _looks(
    store: TaskStore, news: TaskNews, owner: str, task_id: str, at: tuple[int, int]
) -> AsyncGenerator[Reading]:
    """Looks at a task: one now, and one whenever it may have changed, for ever. Each reads what was said since the
    one before; the whole of a task that has found much is too dear to be read at each finding."""
    async with news.watching(task_id) as changed:
        while True:
            changed.clear()
            look = await store.read(check_id(task_id), *at)
            if look is None or look.owner != owner:
                raise NotFound
            at = look.epoch, look.seq
            yield look
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN_S):
                    await changed.wait()


async def events_up_to(store: TaskStore, snapshot: Snapshot, epoch: int, since: int) -> list[str] | None:
    """The events after ``(epoch, since)`` up to the snapshot's number; None when they are not all
    there, or too much for one answer. Events that came after the snapshot was read are left for the next time."""
    if epoch != snapshot.epoch or since > snapshot.seq:
        return None
    events: list[str] = []
    size = 0
    while since + len(events) < snapshot.seq:
        reading = await store.read(snapshot.task_id, epoch, since + len(events))
        size += sum(map(len, reading.events or ())) if reading else 0
        if reading is None or not reading.events or size > _ANSWER_SIZE:
            return None
        events += reading.events
    return events[: snapshot.seq - since]
