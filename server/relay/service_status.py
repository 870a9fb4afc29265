"""Tells every socket when the store cannot be reached, and when it can again.

Without this a page whose server is well but whose store is gone would see nothing move and not why.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from server.relay.audience import Audience
from server.relay.frames import service_status_frame
from server.relay.wire import emit
from tasks.contract.errors import GalleyError
from tasks.store.ports import Store

log = logging.getLogger(__name__)

PERIOD_S: Final = 1.0
_FAILURES: Final = 2
"""One lost connection is not an absence: the store's client connects again by itself."""


class Presence:
    """Whether the store counts as away. Pure: two failures in a row say so, one answer ends it."""

    def __init__(self) -> None:
        self._failures = 0

    @property
    def away(self) -> bool:
        """Away as of the last look."""
        return self._failures >= _FAILURES

    def note(self, *, answered: bool) -> None:
        """Take in the outcome of one ping."""
        self._failures = 0 if answered else self._failures + 1


class ServiceStatus:
    """Asks the store once a second, for all sockets together, and tells each what it does not know yet.

    A new socket takes the store to be there, so that it is told at the next look when it is not.
    """

    def __init__(self, store: Store, audience: Audience) -> None:
        self._store = store
        self._audience = audience
        self._presence = Presence()

    async def run(self) -> None:
        """Look and tell, for ever."""
        while True:
            await self._look()
            self._tell()
            await asyncio.sleep(PERIOD_S)

    async def _look(self) -> None:
        before = self._presence.away
        try:
            await self._store.ping()
        except GalleyError:
            self._presence.note(answered=False)
        else:
            self._presence.note(answered=True)
        if self._presence.away != before:
            log.warning("the store is %s", "away" if self._presence.away else "back")

    def _tell(self) -> None:
        away = self._presence.away
        frame = service_status_frame("away" if away else "up")
        for link in self._audience.links:
            if link.owner is not None and link.told_store_away != away and emit(link, frame):
                link.told_store_away = away
