"""What is lost on the way, who reads slowly, and a store that goes away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from processes import WAIT_S
from relay_world import RawClient, World, open_world

from server.follow import Follower
from tasks.contract.errors import StoreUnavailable
from tasks.contract.events import ProgressMade
from tasks.contract.timing import Timing
from tasks.store.memory import MemoryStore
from tasks.store.memory_feed import MemoryFeed
from tasks.store.ports import Confirmed, Published, Reading


class FaultyFeed:
    """A feed that loses what it is told to lose."""

    def __init__(self, feed: MemoryFeed, loses: Callable[[Published], bool]) -> None:
        self._feed = feed
        self._loses = loses
        self.subscribe, self.unsubscribe, self.close = feed.subscribe, feed.unsubscribe, feed.close

    async def messages(self) -> AsyncIterator[Published | Confirmed]:
        async for message in self._feed.messages():
            if isinstance(message, Confirmed) or not self._loses(message):
                yield message


class FaultyStore(MemoryStore):
    """The memory store behind a bad connection."""

    def __init__(self) -> None:
        super().__init__(Timing())
        self.loses: Callable[[Published], bool] = lambda message: False
        self.away = False
        self.lost = self.refused = 0

    def feed(self) -> FaultyFeed:
        return FaultyFeed(super().feed(), self._note_loss)

    def _note_loss(self, message: Published) -> bool:
        lost = self.loses(message)
        self.lost += lost
        return lost

    def _refuse_while_away(self) -> None:
        if self.away:
            self.refused += 1
            raise StoreUnavailable

    async def ping(self) -> None:
        self._refuse_while_away()

    async def read(self, task_id: str, epoch: int | None, since: int) -> Reading | None:
        self._refuse_while_away()
        return await super().read(task_id, epoch, since)

    async def numbers(self, task_ids: Sequence[str]) -> list[tuple[int, int] | None]:
        self._refuse_while_away()
        return await super().numbers(task_ids)


@pytest.fixture
async def store():
    return FaultyStore()


@pytest.fixture
async def world(store: FaultyStore):
    async with open_world(store) as world:
        yield world


async def test_audit_delivers_the_last_event_when_its_message_was_lost(world: World, store: FaultyStore):
    task = await world.writer.run()
    client = await world.client()
    await client.ask("watch", {"task_id": task})
    store.loses = lambda message: True
    await world.writer.say(task, "a")
    await client.until(lambda: client.seqs(task) == [3])
    assert store.lost == 1


async def test_gap_is_filled_from_the_log_when_messages_are_lost(world: World, store: FaultyStore):
    task = await world.writer.run()
    client = await world.client()
    await client.ask("watch", {"task_id": task})
    store.loses = lambda message: hash(message.payload) % 3 == 0
    await world.writer.say(task, *(str(n) for n in range(200)))
    await client.until(lambda: client.seqs(task)[-1:] == [202])
    assert client.seqs(task) == list(range(3, 203))
    assert store.lost > 10


async def test_large_event_is_delivered_when_only_a_doorbell_is_published(world: World):
    task = await world.writer.run()
    client = await world.client()
    await client.ask("watch", {"task_id": task})
    await world.writer.say(task, "x" * 20_000, "y")
    await client.until(lambda: client.seqs(task) == [3, 4])
    assert client.events(task)[0]["data"]["text"] == "x" * 20_000


async def test_watch_says_that_the_store_is_away_when_it_is(world: World, store: FaultyStore):
    task = await world.writer.run()
    client = await world.client()
    store.away = True
    assert await client.ask("watch", {"task_id": task}) == {"ok": False, "code": "store_unavailable"}
    store.away = False
    assert (await client.ask("watch", {"task_id": task}))["ok"]


async def test_events_arrive_when_the_store_was_away_while_they_had_to_be_read(world: World, store: FaultyStore):
    task = await world.writer.run()
    client = await world.client()
    await client.ask("watch", {"task_id": task})
    store.away = True
    store.loses = lambda message: '"a"' in message.payload
    await world.writer.say(task, "a", "b")
    async with asyncio.timeout(WAIT_S):
        while store.refused < 3:
            await asyncio.sleep(0.01)
    assert client.seqs(task) == []
    store.away = False
    await client.until(lambda: client.seqs(task) == [3, 4])


async def test_every_socket_is_told_when_the_store_is_away_and_when_it_is_back(world: World, store: FaultyStore):
    before = await world.client()
    store.away = True
    await before.until(lambda: before.of("service_status"))
    after = await world.client()
    await after.until(lambda: after.of("service_status"))
    store.away = False
    for client in (before, after):
        await client.until(lambda client=client: len(client.of("service_status")) == 2)
        assert client.of("service_status") == [{"store": "away"}, {"store": "up"}]
    assert store.refused > 1
    late = await world.client()
    await late.ask("watch_queue")
    await late.until(lambda: late.of("queue_stats"))
    assert late.of("service_status") == []


async def read_until(raw: RawClient, rules: Follower, task: str, seq: int) -> None:
    def take(frame: str) -> bool:
        if frame.startswith("42"):
            rules.take(*json.loads(frame[2:]))
            assert not rules.lost
        return rules.at is not None and rules.at[1] == seq

    await raw.until(take)


async def test_slow_reader_holds_nobody_up_and_misses_nothing_when_it_reads_again(world: World):
    task = await world.writer.run()
    slow, quick, rules = await world.raw(receive_buffer=4_096), await world.client(), Follower()
    await slow.connect()
    await slow.ask(1, "watch", {"task_id": task})
    rules.take("answer", await slow.answer(1))
    await quick.ask("watch", {"task_id": task})
    slow.socket._reader._protocol.pause_reading()
    most = 0
    for number in range(1_500):
        await world.writer.append(task, ProgressMade(percent=1, status=f"{number} " + "x" * 6_000))
        await asyncio.sleep(0)
        most = max(most, *(link.outbox.waiting_bytes for link in world.relay._audience.links))
    await quick.until(lambda: quick.seqs(task)[-1:] == [1_502])
    assert quick.seqs(task) == list(range(3, 1_503))
    assert 256 * 1024 < most < 3 * 1024 * 1024, "the slow one must have been slow, and memory flat"
    slow.socket._reader._protocol.resume_reading()
    await read_until(slow, rules, task, 1_502)


async def test_slow_reader_gets_a_reset_when_its_history_is_gone(world: World):
    task = await world.writer.run()
    slow, rules = await world.raw(receive_buffer=4_096), Follower()
    await slow.connect()
    await slow.ask(1, "watch", {"task_id": task})
    rules.take("answer", await slow.answer(1))
    slow.socket._reader._protocol.pause_reading()
    for number in range(5_000):
        await world.writer.append(task, ProgressMade(percent=1, status=f"{number} " + "x" * 4_000))
        await asyncio.sleep(0)
    slow.socket._reader._protocol.resume_reading()
    await read_until(slow, rules, task, 5_002)
    assert any('"task_reset"' in frame for frame in slow.frames)
