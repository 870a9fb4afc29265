from __future__ import annotations

import asyncio

from processes import WAIT_S

from server.relay.audience import Audience
from server.relay.subscriptions import Subscriptions
from tasks.contract.errors import StoreUnavailable


class Wanted(Audience):
    """An audience that is told which channels it needs."""

    @property
    def now(self) -> set[str]:
        return self.channels()

    @now.setter
    def now(self, channels: set[str]) -> None:
        for channel in channels - self.channels():
            self._map(self.task_of_channel, channel, channel)
        for channel in self.channels() - channels:
            self._unmap(self.task_of_channel, channel)


class NotingFeed:
    """A feed that notes what it was asked for, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.held: set[str] = set()
        self.asked = 0
        self.changed = asyncio.Event()

    async def subscribe(self, *channels: str) -> None:
        self.asked += 1
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable
        self.held |= set(channels)
        self.changed.set()

    async def unsubscribe(self, *channels: str) -> None:
        self.held -= set(channels)
        self.changed.set()


async def settled(feed: NotingFeed, held: set[str]) -> None:
    async with asyncio.timeout(WAIT_S):
        while feed.held != held:
            feed.changed.clear()
            await feed.changed.wait()


async def test_channels_follow_what_is_wanted_when_it_changes():
    wanted, feed = Wanted(), NotingFeed()
    subscriptions = Subscriptions(wanted)
    keeping = asyncio.create_task(subscriptions.keep(feed))
    for channels in ({"a", "b"}, {"b", "c"}, set()):
        wanted.now = channels
        subscriptions.wake()
        await settled(feed, channels)
    keeping.cancel()


async def test_channels_are_asked_for_again_when_the_store_was_away(monkeypatch):
    monkeypatch.setattr("server.relay.subscriptions._WAIT_S", 0.01)
    wanted, feed = Wanted(), NotingFeed(failures=2)
    wanted.now = {"a"}
    keeping = asyncio.create_task(Subscriptions(wanted).keep(feed))
    await settled(feed, {"a"})
    assert feed.asked == 3
    keeping.cancel()


async def test_new_feed_is_given_all_channels_when_the_old_one_broke():
    wanted, first, second = Wanted(), NotingFeed(), NotingFeed()
    wanted.now = {"a", "b"}
    subscriptions = Subscriptions(wanted)
    for feed in (first, second):
        keeping = asyncio.create_task(subscriptions.keep(feed))
        await settled(feed, {"a", "b"})
        keeping.cancel()
