"""A subscriber connection that notices its own death and comes back by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from tasks.contract.names import CELL
from tasks.store.ports import Confirmed, Published
from tasks.store.redis_connection import ANSWER_TIMEOUT_S, RedisConnection

PULSE_CHANNEL: Final = f"{CELL}:pulse"
"""Never published to: it keeps a connection with nothing to listen to in subscriber mode."""
SILENCE_S: Final = 2.0
"""After this much silence the store is asked for a sign of life."""
RECONNECT_S: Final = (0.05, 0.2, 0.5, 1.0)


class RedisFeed:
    """The `Feed` on Redis. A blocking read never times out by itself, so silence is broken by a
    ping, and a ping that is not answered means a new connection."""

    def __init__(self, connection: RedisConnection) -> None:
        self._redis: Redis = Redis.from_url(connection.url, **connection.options(ANSWER_TIMEOUT_S))
        self._wanted: set[str] = {PULSE_CHANNEL}
        self._pubsub: PubSub | None = None
        self._closed = False

    async def subscribe(self, *channels: str) -> None:
        """See `Feed.subscribe`. While the connection is away the wish is kept for the next one."""
        self._wanted.update(channels)
        await self._say("subscribe", channels)

    async def unsubscribe(self, *channels: str) -> None:
        """See `Feed.unsubscribe`."""
        self._wanted.difference_update(channels)
        await self._say("unsubscribe", channels)

    async def _say(self, verb: str, channels: tuple[str, ...]) -> None:
        if self._pubsub is None or not channels:
            return
        try:
            await getattr(self._pubsub, verb)(*channels)
        except (RedisError, OSError):
            # the reading side sees the same broken connection and subscribes to all that is wanted
            self._pubsub = None

    async def messages(self) -> AsyncIterator[Published | Confirmed]:
        """See `Feed.messages`."""
        failures = 0
        while not self._closed:
            try:
                async for message in self._one_connection():
                    failures = 0
                    yield message
            except (RedisError, OSError):
                await asyncio.sleep(RECONNECT_S[min(failures, len(RECONNECT_S) - 1)])
                failures += 1

    async def _one_connection(self) -> AsyncIterator[Published | Confirmed]:
        pubsub = self._redis.pubsub()
        try:
            await pubsub.subscribe(*self._wanted)
            self._pubsub = pubsub
            asked = False
            while not self._closed:
                message = await pubsub.get_message(timeout=SILENCE_S)
                if message is None and asked:
                    raise ConnectionError("the store has not answered a ping")
                asked = message is None
                if message is None:
                    await pubsub.ping()
                elif (said := _translate(message)) is not None:
                    yield said
        finally:
            self._pubsub = None
            await pubsub.aclose()  # type: ignore[no-untyped-call]  # redis-py

    async def close(self) -> None:
        """See `Feed.close`."""
        self._closed = True
        await self._redis.aclose()


def _translate(message: dict[str, object]) -> Published | Confirmed | None:
    """A message of the library as ours; None for pongs, unsubscriptions and the pulse."""
    channel = message["channel"]
    name = channel.decode() if isinstance(channel, bytes) else ""
    data = message["data"]
    if name == PULSE_CHANNEL:
        return None
    if message["type"] == "message" and isinstance(data, bytes):
        return Published(name, data.decode())
    return Confirmed(name) if message["type"] == "subscribe" else None
