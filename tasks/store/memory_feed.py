"""Publish and subscribe inside one process."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

from tasks.store.ports import Confirmed, Published


class Exchange:
    """Hands each published message to the feeds that subscribed to its channel."""

    def __init__(self) -> None:
        self._feeds: dict[str, set[MemoryFeed]] = defaultdict(set)

    def publish(self, channel: str, payload: str) -> None:
        """Give the message to everyone who listens at this moment."""
        for feed in self._feeds.get(channel, ()):
            feed.put(Published(channel, payload))

    def add(self, channel: str, feed: MemoryFeed) -> None:
        """Subscribe a feed."""
        self._feeds[channel].add(feed)

    def remove(self, channel: str, feed: MemoryFeed) -> None:
        """End a subscription; one that is not there is no error."""
        self._feeds[channel].discard(feed)
        if not self._feeds[channel]:
            del self._feeds[channel]


class MemoryFeed:
    """The `Feed` of the memory store. Nothing can be lost here, so it confirms each channel once."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._queue: asyncio.Queue[Published | Confirmed] = asyncio.Queue()
        self._channels: set[str] = set()

    def put(self, message: Published | Confirmed) -> None:
        """Take a message; it waits until `messages` is asked for it."""
        self._queue.put_nowait(message)

    async def subscribe(self, *channels: str) -> None:
        """See `Feed.subscribe`."""
        for channel in channels:
            self._channels.add(channel)
            self._exchange.add(channel, self)
            self.put(Confirmed(channel))

    async def unsubscribe(self, *channels: str) -> None:
        """See `Feed.unsubscribe`."""
        for channel in channels:
            self._channels.discard(channel)
            self._exchange.remove(channel, self)

    async def messages(self) -> AsyncIterator[Published | Confirmed]:
        """See `Feed.messages`."""
        while True:
            yield await self._queue.get()

    async def close(self) -> None:
        """See `Feed.close`."""
        await self.unsubscribe(*self._channels)
