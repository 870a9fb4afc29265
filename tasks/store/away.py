"""What to do while the store is away: ask again, where asking again is harmless."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog

from tasks.contract.errors import StoreFull, StoreUnavailable

T = TypeVar("T")

FIRST_WAIT_S: Final = 0.05
LONGEST_WAIT_S: Final = 1.0
log = structlog.get_logger()


async def until_answered(call: Callable[[], Awaitable[T]]) -> T:
    """The answer of ``call``, repeated while the store does not give one.

    Only for calls whose arguments make a repeat harmless (a token, a producer's number): an answer
    that was lost may mean that the call was carried out.
    """
    wait = FIRST_WAIT_S
    while True:
        try:
            return await call()
        except (StoreUnavailable, StoreFull) as error:
            if wait == FIRST_WAIT_S:
                log.warning("store_away", error=error.detail)
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, no secret
            wait = min(LONGEST_WAIT_S, 2 * wait)
