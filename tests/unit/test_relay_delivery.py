"""Whatever arrives, in whatever order, doubled or not at all, while readings, audits and watches
overlap: every watcher sees each event once and in order, or a reset, and ends at the present."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from hypothesis import given, settings, strategies as st

from server.follow import Follower
from server.relay.positions import Cursor, Pace, Position, Run, joined_runs, parse_arrival, position_after
from tasks.contract.states import TaskState
from tasks.store.ports import Reading

PAGE = 3
BOUND = 8


class ModelStore:
    """The log of one task by the rules of the design, small enough to be read at a glance."""

    def __init__(self) -> None:
        self.generation = self.epoch = 1
        self.seq = 1
        self.first_of_epoch = 1

    @property
    def number(self) -> Position:
        return Position(self.epoch, self.seq)

    def append(self) -> Position:
        self.seq += 1
        if self.epoch != self.generation:
            self.epoch, self.first_of_epoch = self.generation, self.seq
        return self.number

    def come_back_from_older_data(self, lost: int) -> None:
        self.generation += 1
        self.seq = max(1, self.seq - lost)
        self.first_of_epoch = min(self.first_of_epoch, self.seq)

    def read(self, start: Position | None) -> Reading:
        head = ("ann", self.epoch, self.seq, TaskState.PROGRESS)
        since = start.seq if start else 0
        oldest = max(self.first_of_epoch, self.seq - BOUND + 1)
        known = self.epoch if start is None else start.epoch
        if known != self.epoch or not oldest - 1 <= since <= self.seq:
            return Reading(*head)
        events = tuple(str(seq) for seq in range(since + 1, self.seq + 1))
        return Reading(*head, events=events[:PAGE], more=len(events) > PAGE)


@dataclass
class Look:
    """A reading under way: the store may answer now, the answer may be used later."""

    ticket: int
    start: Position | None
    reading: Reading | None = None


@dataclass
class Watcher:
    cursor: Cursor = field(default_factory=Cursor)
    client: Follower = field(default_factory=Follower)
    looks: list[Look] = field(default_factory=list)
    has_room: bool = True
    answer: tuple[Reading, Position | None] | None = None

    def tell(self, *numbers: Position) -> None:
        events = [{"epoch": number.epoch, "seq": number.seq, "type": "text_added"} for number in numbers]
        assert not self.client.lost, "an event was sent before the answer to its watch"
        assert len(self.client.take_events(events)) == len(events), "an event came twice or out of order"
        assert not self.client.lost


def arrival(at: Position, event: str = "{}") -> Run:
    run = parse_arrival(f"{at.epoch}:{at.seq}:{event}")
    assert run is not None
    return run


def events_of(reading: Reading, start: Position | None) -> list[dict[str, object]]:
    first = (start.seq if start else 0) + 1
    return [{"epoch": reading.epoch, "seq": first + i, "type": "text_added"} for i in range(len(reading.events or ()))]


class Simulation:
    """One task, its channel and two watchers, driven by chance: every step is one that may happen."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.store = ModelStore()
        self.channel: list[Run] = []
        self.audit: tuple[Position, list[Position | None]] | None = None
        self.watchers = [Watcher(), Watcher()]
        self.delivered = self.read = self.resets = 0
        for watcher in self.watchers:
            self.begin_watch(watcher)
            self.answer_watch(watcher)

    def run(self, steps: int) -> None:
        for_all = [self.append] * 3 + [self.deliver] * 8 + [self.ask_audit, self.answer_audit]
        for_one = [self.turn_room, self.begin_watch, self.answer_watch, self.answer_watch]
        for_one += [self.begin_reading, self.answer_reading, self.finish_reading] * 6
        for _ in range(steps):
            if self.random.random() < 0.005:
                self.restart()
            if self.random.random() < 0.5:
                self.random.choice(for_all)()
            else:
                self.random.choice(for_one)(self.random.choice(self.watchers))
            self.check()

    def append(self) -> None:
        at = self.store.append()
        if self.random.random() < 0.9:
            self.channel.append(arrival(at, "" if self.random.random() < 0.1 else "{}"))

    def restart(self) -> None:
        self.store.come_back_from_older_data(self.random.randrange(5))
        self.channel.clear()  # the subscription went down with the store

    def deliver(self) -> None:
        if not self.channel:
            return
        index = self.random.randrange(len(self.channel)) if self.random.random() < 0.1 else 0
        together = slice(index, index + self.random.choice((1, 1, 2, 5)))
        arrivals = self.channel[together]
        if self.random.random() < 0.9:
            del self.channel[together]
        self._hand_out(arrivals)

    def deliver_all(self) -> None:
        arrivals, self.channel = self.channel, []
        self._hand_out(arrivals)

    def _hand_out(self, arrivals: list[Run]) -> None:
        for run in joined_runs(arrivals):
            for watcher in self.watchers:
                if watcher.cursor.takes(run):
                    self._send(watcher, run)

    def _send(self, watcher: Watcher, run: Run) -> None:
        if watcher.has_room:
            watcher.tell(*(Position(run.last.epoch, run.before.seq + 1 + i) for i in range(len(run.events))))
            watcher.cursor.sent(run.last)
            self.delivered += 1
        else:
            watcher.cursor.miss(run.last)

    def turn_room(self, watcher: Watcher) -> None:
        watcher.has_room = not watcher.has_room

    def begin_watch(self, watcher: Watcher) -> None:
        if watcher.answer is not None:
            return
        watcher.client.lose()
        at = Position(*watcher.client.at) if watcher.client.at else None
        watcher.cursor.rewatch(at)
        watcher.answer = self.store.read(at), at

    def answer_watch(self, watcher: Watcher) -> None:
        if watcher.answer is None:
            return
        (reading, start), watcher.answer = watcher.answer, None
        after = position_after(reading, start)
        watcher.cursor.finish_reading(after, reading.more)
        shown = {"events": events_of(reading, start)} if reading.events is not None else {"snapshot": {}}
        watcher.client.take_answer({"ok": True, "epoch": after.epoch, "seq": after.seq, **shown})
        assert not watcher.client.lost
        watcher.cursor.answer()

    def begin_reading(self, watcher: Watcher) -> None:
        if watcher.looks and self.random.random() < 0.8:
            return
        if watcher.cursor.pace is Pace.BEHIND and watcher.has_room:
            watcher.looks.append(Look(watcher.cursor.begin_reading(), watcher.cursor.at))

    def answer_reading(self, watcher: Watcher) -> None:
        for look in watcher.looks:
            look.reading = look.reading or self.store.read(look.start)

    def finish_reading(self, watcher: Watcher) -> None:
        answered = [look for look in watcher.looks if look.reading]
        if answered:
            look = self.random.choice(answered)
            watcher.looks.remove(look)
            if watcher.cursor.is_current(look.ticket) and watcher.has_room:
                self._hand_on(watcher, look)

    def _hand_on(self, watcher: Watcher, look: Look) -> None:
        assert look.reading is not None
        after = position_after(look.reading, look.start)
        assert not watcher.client.lost, "something was sent before the answer to its watch"
        if look.reading.events is None:
            watcher.client.take_reset({"epoch": after.epoch, "seq": after.seq, "snapshot": {}})
            self.resets += 1
        else:
            watcher.tell(*(Position(look.reading.epoch, e["seq"]) for e in events_of(look.reading, look.start)))
            self.read += 1
        watcher.cursor.finish_reading(after, look.reading.more)

    def ask_audit(self) -> None:
        self.audit = self.store.number, [watcher.cursor.at for watcher in self.watchers]

    def answer_audit(self) -> None:
        if self.audit is not None:
            number, stood = self.audit
            for watcher, at in zip(self.watchers, stood, strict=True):
                watcher.cursor.audit(at, number)
            self.audit = None

    def check(self) -> None:
        for watcher in self.watchers:
            if watcher.cursor.pace is not Pace.UNANSWERED:
                assert watcher.client.at == watcher.cursor.at

    def settle(self) -> None:
        """Nothing happens any more but what the relay does by itself."""
        self.deliver_all()
        for watcher in self.watchers:
            watcher.has_room = True
            self.answer_watch(watcher)
            self._read_all(watcher)

    def _read_all(self, watcher: Watcher) -> None:
        while watcher.cursor.pace is Pace.BEHIND:
            watcher.looks.clear()
            self.begin_reading(watcher)
            self.answer_reading(watcher)
            self._hand_on(watcher, watcher.looks.pop())


@settings(max_examples=100, deadline=None)
@given(random=st.randoms(use_true_random=True))
def test_every_watcher_sees_each_event_once_in_order_when_anything_is_lost_doubled_or_late(random: Random):
    simulation = Simulation(random)
    simulation.run(steps=300)
    if random.random() < 0.2:
        simulation.restart()
    simulation.settle()
    simulation.ask_audit()
    simulation.answer_audit()
    simulation.settle()
    for watcher in simulation.watchers:
        assert watcher.client.at == simulation.store.number


def test_no_audit_is_needed_when_nothing_is_lost_on_the_channel():
    for seed in range(300):
        simulation = Simulation(Random(seed))
        for _ in range(20):
            simulation.channel.append(arrival(simulation.store.append()))
            for step in (simulation.begin_reading, simulation.answer_reading, simulation.finish_reading):
                step(simulation.random.choice(simulation.watchers))
            simulation.turn_room(simulation.random.choice(simulation.watchers))
            simulation.deliver_all()
            simulation.finish_reading(simulation.random.choice(simulation.watchers))
        simulation.settle()
        assert all(watcher.client.at == simulation.store.number for watcher in simulation.watchers)


def test_simulation_reaches_every_way_of_delivery_when_it_runs():
    simulation = Simulation(Random(1))
    simulation.run(steps=8_000)
    assert min(simulation.delivered, simulation.read, simulation.resets) > 10
