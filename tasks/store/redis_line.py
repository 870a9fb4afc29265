"""One connection that many callers share: each question is written at once, answers come in order.

A pool with a connection for each caller costs a lock, a timer and several awaits a call, a fifth of
all that a submission costs a server. Redis runs one script at a time anyway.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import hiredis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
    RedisError,
    ResponseError,
    TimeoutError as RedisTimeoutError,
)

_LOOKS_A_TIMEOUT: Final = 8
"""How often in one timeout somebody looks whether the oldest question has waited too long."""

Word = str | int | float | bytes


class Line:
    """A connected connection with its reader. Once it has failed it stays closed; who asks then, or
    still waits, gets the error."""

    def __init__(self, connection: AbstractConnection, answer_timeout_s: float) -> None:
        self._connection = connection
        self._timeout_s = answer_timeout_s
        self._asked: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._watch())]

    @property
    def is_open(self) -> bool:
        """Whether it takes questions."""
        return not self._closed

    async def ask(self, *commands: Sequence[Word]) -> list[Any]:
        """The answers to commands that are sent together.

        Raises:
            RedisError, OSError: the connection failed, or the store refused one of them.
        """
        if self._closed:
            raise RedisConnectionError("the connection is closed")
        now = self._loop.time()
        futures = [self._loop.create_future() for _ in commands]
        self._asked.extend((future, now) for future in futures)
        # packed by hiredis: the library's own packing in Python costs a third of a whole call
        packed = b"".join(hiredis.pack_command(tuple(command)) for command in commands)  # type: ignore[arg-type]  # its stub
        await self._write(packed)
        return [await future for future in futures]

    async def _write(self, packed: bytes) -> None:
        try:
            await self._connection.send_packed_command(packed)
        except (RedisError, OSError) as error:
            await self.close(error)

    async def _read(self) -> None:
        """Give each answer to who asked first, for ever. An asker who has gone leaves its answer to
        nobody, and the next one still gets its own."""
        while True:
            try:
                answer = await self._connection.read_response(
                    disable_decoding=True, timeout=math.inf, disconnect_on_error=False
                )
            except ResponseError as refusal:
                self._settle(None, refusal)
            except (RedisError, OSError) as error:
                await self.close(error)
                return
            else:
                self._settle(answer, None)

    def _settle(self, answer: Any, error: Exception | None) -> None:
        future, _ = self._asked.popleft()
        if future.done():
            return
        if error is None:
            future.set_result(answer)
        else:
            future.set_exception(error)

    async def _watch(self) -> None:
        """A stalled link never fails by itself: give up when the oldest question waits too long."""
        while not self._closed:
            await asyncio.sleep(self._timeout_s / _LOOKS_A_TIMEOUT)
            if self._asked and self._loop.time() - self._asked[0][1] > self._timeout_s:
                await self.close(RedisTimeoutError("the store has not answered in time"))

    async def close(self, error: Exception | None = None) -> None:
        """End it. Whoever waits is told ``error``; whether their commands were carried out is unknown."""
        if self._closed:
            return
        self._closed = True
        reason = error or RedisConnectionError("the connection was closed")
        while self._asked:
            self._settle(None, reason)
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()
        with suppress(RedisError, OSError):
            await self._connection.disconnect(nowait=True)
