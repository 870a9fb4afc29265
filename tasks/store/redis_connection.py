"""Connections to Redis: each greets the store first, each script runs once, each error is named."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    BusyLoadingError,
    ConnectionError as RedisConnectionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError as RedisTimeoutError,
)

from tasks.contract.errors import StoreFull, StoreUnavailable
from tasks.contract.names import key
from tasks.contract.timing import Timing
from tasks.store.redis_line import Line, Word
from tasks.store.redis_scripts import OURS, Library, script_source

CONNECT_TIMEOUT_S: Final = 1.0
ANSWER_TIMEOUT_S: Final = 2.0
"""A stalled link is noticed this soon; with `CONNECT_TIMEOUT_S` a submission is refused within 3 s."""

_NOT_FOUND: Final = "Function not found"

Reply = Any
"""What redis-py hands back: bytes, int, None and lists of them, as the script's head says."""


class RedisConnection:
    """The way to the store: one shared `Line`, opened when it is needed and again when it failed.

    Nothing is ever sent twice here: whether a script may be repeated is decided by who calls it, from
    what its arguments make harmless.
    """

    def __init__(self, url: str, timing: Timing) -> None:
        self._url = url
        self._library = Library(timing)
        self._connections = ConnectionPool.from_url(url, **self.options())
        self._line: Line | None = None
        self._opening: asyncio.Task[Line] | None = None

    def options(self) -> dict[str, Any]:
        """How each connection is made. It has no timeout of its own for answers: `Line` and `RedisFeed`
        each watch over theirs, which costs nothing a call."""
        return {
            "socket_timeout": None,
            "socket_connect_timeout": CONNECT_TIMEOUT_S,
            "retry": Retry(NoBackoff(), 0),
            "protocol": 2,
            "redis_connect_func": self._on_connect,
        }

    @property
    def url(self) -> str:
        """Where the store is."""
        return self._url

    async def _on_connect(self, connection: AbstractConnection) -> None:
        """A connection may not say anything before the generation is known to be this store's."""
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await connection.on_connect()
            await connection.send_command("EVAL", script_source("greet"), 1, key("generation"))
            await connection.read_response()

    async def _open_line(self) -> Line:
        line = self._line
        if line is not None and line.is_open:
            return line
        # one opening for all who wait: were each to try after the other, the last would wait for all of them
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(self._opened)
        with _NamedErrors(not_sent=True):
            return await asyncio.shield(self._opening)

    async def _open(self) -> Line:
        connection = self._connections.make_connection()  # type: ignore[no-untyped-call]  # redis-py
        try:
            # over a Unix socket the library says hello before `_on_connect`, and waits for the answer for ever
            async with asyncio.timeout(1.5 * CONNECT_TIMEOUT_S):
                await connection.connect()
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        line = Line(connection, ANSWER_TIMEOUT_S)
        await self._bring_library(line)
        self._line = line
        return line

    def _opened(self, opening: asyncio.Task[Line]) -> None:
        self._opening = None
        if not opening.cancelled():
            opening.exception()  # who waited has it; when all of them have gone nobody misses it

    async def _bring_library(self, line: Line) -> None:
        """Load the library if the store has not got it: it is new, or came back empty, or this release is new.
        Then those of other releases go; if one of them is still used, its processes load it again, see `run`."""
        with suppress(ResponseError):  # no room for it, or somebody else was faster: `run` finds out
            (known,) = await line.ask(("FUNCTION", "LIST", "LIBRARYNAME", f"{OURS}*"))
            names = {library[1].decode() for library in known}
            if self._library.name not in names:
                await line.ask(self._loading)
                for name in names:
                    await line.ask(("FUNCTION", "DELETE", name))

    @property
    def _loading(self) -> tuple[Word, ...]:
        return ("FUNCTION", "LOAD", "REPLACE", self._library.text)

    async def _ask(self, *commands: Sequence[Word]) -> list[Reply]:
        line = await self._open_line()
        with _NamedErrors(not_sent=False):
            return await line.ask(*commands)

    async def command(self, *args: Word) -> Reply:
        """One command, sent once."""
        (reply,) = await self._ask(args)
        return reply

    async def commands(self, commands: Sequence[Sequence[Word]]) -> list[Reply]:
        """Several commands in one round trip, each on its own."""
        return await self._ask(*commands) if commands else []

    async def run(self, name: str, *args: Word) -> Reply:
        """Run a script."""
        call = ("FCALL", self._library.function(name), 1, key("generation"), *args)
        try:
            return await self.command(*call)
        except ResponseError as error:
            if str(error) != _NOT_FOUND:
                raise
        # another release has taken it away as old; nothing has run
        await self.command(*self._loading)
        return await self.command(*call)

    async def close(self) -> None:
        """Close the connection."""
        if self._opening is not None:
            self._opening.cancel()
        if self._line is not None:
            await self._line.close()


class _NamedErrors:
    """Turns the library's errors into ours. ``not_sent``: nothing can have reached the store."""

    def __init__(self, *, not_sent: bool) -> None:
        self._not_sent = not_sent

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, OutOfMemoryError) or (isinstance(error, RedisError) and "OOM command" in str(error)):
            raise StoreFull("The store has no room left. Nothing was accepted; try again later.") from error
        refused = isinstance(error, BusyLoadingError | ReadOnlyError)
        lost = (RedisConnectionError, RedisTimeoutError, OSError, asyncio.TimeoutError)
        if refused or isinstance(error, lost):
            raise StoreUnavailable(
                "The store does not answer. Try again in a moment.", not_sent=self._not_sent or refused
            ) from error
