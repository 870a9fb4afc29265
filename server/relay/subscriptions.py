"""Keeps the feed's subscriptions equal to what the audience needs."""

from __future__ import annotations

import asyncio
import logging

from server.relay.audience import Audience
from tasks.contract.errors import GalleyError
from tasks.store.ports import Feed

log = logging.getLogger(__name__)

_WAIT_S = 0.5


class Subscriptions:
    """One writer of subscriptions, told only that something changed.

    Subscribing from wherever a watch begins or ends could let a late unsubscribe end the channel
    that somebody else has just asked for.
    """

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._changed = asyncio.Event()
        self._held: set[str] = set()

    def wake(self) -> None:
        """What is watched here may have changed."""
        self._changed.set()

    async def keep(self, feed: Feed) -> None:
        """Keep this feed's channels right for ever; it starts with none."""
        self._held = set()
        unsettled = self._audience.channels()
        while True:
            self._changed.clear()
            unsettled |= self._audience.take_changed_channels()
            try:
                await self._settle(feed, unsettled)
                unsettled = set()
            except GalleyError as error:
                log.warning("channels cannot be changed now, trying again: %s", error)
                self._changed.set()
                await asyncio.sleep(_WAIT_S)
            await self._changed.wait()

    async def _settle(self, feed: Feed, channels: set[str]) -> None:
        new = {channel for channel in channels - self._held if self._audience.needs(channel)}
        gone = {channel for channel in channels & self._held if not self._audience.needs(channel)}
        if new:
            await feed.subscribe(*new)
            self._held |= new
        if gone:
            await feed.unsubscribe(*gone)
            self._held -= gone
