"""A subscriber connection that notices its own death and comes back by itself.

It reads the replies itself, as many as have come, from the stream of the library's connection. The library's
`PubSub` takes about ten times as long for a message (timers, locks and a dictionary each), its reading of
replies one by one twice as long. A contract test holds what this stands on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Final

import hiredis
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError, RedisError, ResponseError

from tasks.contract.names import CELL
from tasks.store.ports import Confirmed, Published
from tasks.store.redis_connection import RedisConnection

PULSE_CHANNEL: Final = f"{CELL}:pulse"
"""Never published to: it keeps a connection with nothing to listen to in subscriber mode."""
SILENCE_S: Final = 2.0
"""After this much silence the store is asked for a sign of life; after as much again it is given up."""
_READ_BYTES: Final = 256 * 1024
RECONNECT_S: Final = (0.05, 0.2, 0.5, 1.0)
_published: Callable[[tuple[str, str]], Published] = partial(tuple.__new__, Published)
"""As `Published(…)`, at a fifth of the time."""


class RedisFeed:
    """The `Feed` on Redis. A blocking read never times out by itself, so silence is broken by a
    ping, and a ping that is not answered means a new connection."""

    def __init__(self, connection: RedisConnection) -> None:
        self._pool = ConnectionPool.from_url(connection.url, **connection.options())
        self._wanted: set[str] = {PULSE_CHANNEL}
        self._connection: AbstractConnection | None = None
        self._heard = False
        self._closed = False

    async def subscribe(self, *channels: str) -> None:
        """See `Feed.subscribe`. While the connection is away the wish is kept for the next one."""
        self._wanted.update(channels)
        await self._say("SUBSCRIBE", *channels)

    async def unsubscribe(self, *channels: str) -> None:
        """See `Feed.unsubscribe`."""
        self._wanted.difference_update(channels)
        await self._say("UNSUBSCRIBE", *channels)

    async def _say(self, *words: str) -> None:
        if self._connection is None or len(words) < 2:
            return
        with suppress(RedisError, OSError):  # the reading side sees it too, and asks for all that is wanted
            await self._connection.send_command(*words)

    async def messages(self) -> AsyncIterator[Published | Confirmed]:
        """See `Feed.messages`."""
        failures = 0
        while not self._closed:
            try:
                async for said in self._one_connection():
                    failures = 0
                    for message in said:
                        yield message
            except (RedisError, OSError):
                await asyncio.sleep(RECONNECT_S[min(failures, len(RECONNECT_S) - 1)])
                failures += 1

    async def _one_connection(self) -> AsyncIterator[list[Published | Confirmed]]:
        """What was said, in lists of what came together."""
        connection = self._pool.make_connection()  # type: ignore[no-untyped-call]  # redis-py
        watchdog = asyncio.create_task(self._watch(connection))
        try:
            await connection.connect()
            await connection.send_command("SUBSCRIBE", *self._wanted)
            self._connection = connection
            stream, replies = stream_of(connection), hiredis.Reader(replyError=ResponseError)
            while data := await stream.read(_READ_BYTES):
                self._heard = True
                replies.feed(data)
                yield list(_translated(iter(replies.gets, False)))
            raise RedisConnectionError("the store has closed the connection")
        finally:
            self._connection = None
            watchdog.cancel()
            await connection.disconnect(nowait=True)

    async def _watch(self, connection: AbstractConnection) -> None:
        """Break the silence of a link that may be dead, and the link when nothing comes back."""
        asked = False
        while True:
            self._heard = False
            await asyncio.sleep(SILENCE_S)
            if self._heard:
                asked = False
            elif asked or not connection.is_connected:
                await connection.disconnect(nowait=True)
            else:
                asked = True
                with suppress(RedisError, OSError):  # then it is dead, as the next round will find
                    await connection.send_command("PING")

    async def close(self) -> None:
        """See `Feed.close`."""
        self._closed = True
        if self._connection is not None:
            await self._connection.disconnect(nowait=True)


def stream_of(connection: AbstractConnection) -> asyncio.StreamReader:
    """What a connected connection reads from. Nothing is left in the library's parser once the last question
    was answered."""
    stream = connection._reader
    assert isinstance(stream, asyncio.StreamReader)
    return stream


def _translated(replies: Iterable[Any]) -> Iterator[Published | Confirmed]:
    """Replies in subscriber mode as ours, without pongs, unsubscriptions and the pulse."""
    for reply in replies:
        if isinstance(reply, ResponseError):
            raise reply
        kind, channel = reply[0], reply[1].decode()
        if kind == b"message":
            yield _published((channel, reply[2].decode()))
        elif kind == b"subscribe" and channel != PULSE_CHANNEL:
            yield Confirmed(channel)
