"""Connections to Redis: each greets the store first, each script runs once, each error is named."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Final

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    BusyLoadingError,
    ConnectionError as RedisConnectionError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    TimeoutError as RedisTimeoutError,
)

from tasks.contract.errors import StoreFull, StoreUnavailable
from tasks.contract.names import KEYS, key
from tasks.contract.timing import Timing
from tasks.store.admission import (
    AGEING_MS,
    AWAY_AFTER,
    BEHIND_MS,
    BURST_MS,
    FIRST_GUESS,
    OUTPUT_WEIGHT,
    TIE_BREAK,
    TOKENS_PER_CHAR,
    WIDE_OPEN,
)
from tasks.store.reading import DOORBELL_BYTES, LOG_BOUND
from tasks.store.redis_line import Line, Word

CONNECT_TIMEOUT_S: Final = 1.0
ANSWER_TIMEOUT_S: Final = 2.0
"""A stalled link is noticed this soon; with `CONNECT_TIMEOUT_S` a submission is refused within 3 s."""
REFUSED_WHEN_FULL: Final = frozenset({"submit", "record_answer"})
"""In a full store nothing new is accepted, but what runs may end."""

Reply = Any
"""What redis-py hands back: bytes, int, None and lists of them, as the script's head says."""


def script_source(name: str) -> str:
    """The text of ``scripts/<name>.lua``."""
    return resources.files("tasks.store").joinpath("scripts", f"{name}.lua").read_text()


def script_header(timing: Timing) -> str:
    """The Lua tables that come before the prelude: key templates and bounds."""
    limits = {
        "burst_ms": BURST_MS,
        "ageing_ms": AGEING_MS,
        "tokens_per_char": TOKENS_PER_CHAR,
        "output_weight": OUTPUT_WEIGHT,
        "tie_break": TIE_BREAK,
        "away_after": AWAY_AFTER,
        "away_ms": timing.sweep_ms,
        "wide_open": WIDE_OPEN,
        **{f"first_input_{kind.value}": guess[0] for kind, guess in FIRST_GUESS.items()},
        **{f"first_output_{kind.value}": guess[1] for kind, guess in FIRST_GUESS.items()},
        "behind_ms": BEHIND_MS,
        "log_bound": LOG_BOUND,
        "doorbell_bytes": DOORBELL_BYTES,
        "claim_ms": timing.claim_ms,
        "lease_ms": timing.lease_ms,
        "store_away_ms": timing.store_away_ms,
        "log_kept_ms": timing.log_kept_ms,
        "retention_ms": timing.retention_ms,
        "idempotency_ms": timing.idempotency_ms,
    }
    return f"local KEY = {{{_pairs(KEYS)}}}\nlocal LIMIT = {{{_pairs(limits)}}}\n"


def _pairs(table: Mapping[str, str | int | float]) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in table.items())


class RedisConnection:
    """The way to the store: one shared `Line`, opened when it is needed and again when it failed.

    Nothing is ever sent twice here: whether a script may be repeated is decided by who calls it, from
    what its arguments make harmless.
    """

    def __init__(self, url: str, timing: Timing) -> None:
        self._url = url
        self._header = script_header(timing) + script_source("prelude")
        self._greet = script_source("greet")
        self._scripts: dict[str, bytes] = {}
        self._digests: dict[str, str] = {}
        self._connections = ConnectionPool.from_url(url, **self.options())
        self._line: Line | None = None
        self._opening = asyncio.Lock()

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
            await connection.send_command("EVAL", self._greet, 1, key("generation"))
            await connection.read_response()

    async def _open_line(self) -> Line:
        line = self._line
        if line is not None and line.is_open:
            return line
        with _NamedErrors(not_sent=True):
            async with self._opening:
                if self._line is None or not self._line.is_open:
                    connection = self._connections.make_connection()  # type: ignore[no-untyped-call]  # redis-py
                    await connection.connect()
                    self._line = Line(connection, ANSWER_TIMEOUT_S)
                return self._line

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
        """Run a script, sending its text only when the store does not know it yet."""
        if (digest := self._digests.get(name)) is not None:
            try:
                return await self.command("EVALSHA", digest, 1, key("generation"), *args)
            except NoScriptError:
                pass  # the store was restarted; it has run nothing, so the text follows
        loaded = await self.command("SCRIPT", "LOAD", self._text_of(name))
        self._digests[name] = loaded.decode()
        return await self.command("EVALSHA", self._digests[name], 1, key("generation"), *args)

    def _text_of(self, name: str) -> bytes:
        if name not in self._scripts:
            flags = "" if name in REFUSED_WHEN_FULL else "#!lua flags=allow-oom\n"
            self._scripts[name] = (flags + self._header + script_source(name)).encode()
        return self._scripts[name]

    async def close(self) -> None:
        """Close the connection."""
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
