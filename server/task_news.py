"""Waiting for news of a task: one subscriber connection for all requests that wait in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from traceback import format_exception
from typing import Final

import structlog

from tasks.contract.errors import StoreUnavailable
from tasks.contract.names import key
from tasks.store.ports import Confirmed, Feed, Store

log = structlog.get_logger(__name__)

_CONFIRMED_WITHIN_S: Final = 3.0


@dataclass(slots=True)
class _Channel:
    """One task's channel while somebody here waits on it."""

    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: set[asyncio.Event] = field(default_factory=set)


class TaskNews:
    """Tells waiting requests that a task has changed; what changed they read from its log."""

    def __init__(self, store: Store) -> None:
        self.leaving = False
        self._store = store
        self._channels: dict[str, _Channel] = {}
        self._feed: Feed | None = None
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the connection."""
        self._feed = self._store.feed()
        self._listening = asyncio.create_task(self._listen(self._feed))
        self._listening.add_done_callback(_report)

    def let_go(self) -> None:
        """The server is about to stop: whoever waits is woken, and is not to wait again."""
        self.leaving = True
        for channel in self._channels.values():
            _wake(channel)

    async def stop(self) -> None:
        """Close it; whoever still waits is woken."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if self._feed is not None:
            await self._feed.close()
        for channel in self._channels.values():
            _wake(channel)

    @asynccontextmanager
    async def watching(self, task_id: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever the task may have changed. Read after entering, clear the
        event before each later reading: then nothing falls between.

        Raises:
            StoreUnavailable: the subscription was not confirmed in time.
        """
        name, changed, feed = key("task_channel", task_id), asyncio.Event(), self._open_feed()
        is_first = name not in self._channels
        channel = self._channels.setdefault(name, _Channel())
        channel.waiting.add(changed)
        try:
            if is_first:
                await feed.subscribe(name)
            await _confirmed(channel)
            yield changed
        finally:
            channel.waiting.discard(changed)
            if not channel.waiting and self._channels.get(name) is channel:
                del self._channels[name]
                await feed.unsubscribe(name)

    def _open_feed(self) -> Feed:
        if self._feed is None or self._listening is None or self._listening.done():
            raise StoreUnavailable("News of tasks cannot be followed at the moment.")
        return self._feed

    async def _listen(self, feed: Feed) -> None:
        async for message in feed.messages():
            channel = self._channels.get(message.channel)
            if channel is not None:
                if isinstance(message, Confirmed):
                    channel.confirmed.set()
                _wake(channel)


def _report(listening: asyncio.Task[None]) -> None:
    """A feed reconnects by itself; whatever ends it is a fault of ours, and must be seen."""
    if not listening.cancelled() and (error := listening.exception()) is not None:
        log.error("task_news_ended", exception="".join(format_exception(error)))


async def _confirmed(channel: _Channel) -> None:
    try:
        async with asyncio.timeout(_CONFIRMED_WITHIN_S):
            await channel.confirmed.wait()
    except TimeoutError:
        raise StoreUnavailable("News of tasks cannot be followed at the moment.") from None


def _wake(channel: _Channel) -> None:
    for changed in channel.waiting:
        changed.set()
