"""Whose turn it is: owners by what they consumed, and within a group, which counts as one, its owners likewise.

Start-time fair queueing (Goyal, Vin, Cheng 1996) at two levels, so that many identities of one client
address get one owner's share. At the top, whose name is ``""``, groups and owners without one take turns; in
a group its owners. The memory store calls this; ``scripts/prelude/lines.lua`` says the same in Lua, and the
conformance suite holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

from tasks.contract.names import TaskKind
from tasks.store.ports import Standing

TOP: Final = ""
TIE_BREAK: Final = 1e-6
"""Between equal counters who came first goes first; a millionth of a token an arrival decides nothing else."""


class Party(NamedTuple):
    """An owner as it takes turns: in a group, or (``group`` empty) by itself."""

    group: str
    owner: str

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The levels at which it takes turns, each with who does so for it, the top last."""
        return [(self.group, self.owner), (TOP, self.group)] if self.group else [(TOP, self.owner)]


@dataclass(slots=True)
class Level:
    """Those who take turns with each other, with what they have consumed in weighted tokens."""

    counters: dict[str, float] = field(default_factory=dict)
    served: float | None = None  # the counter that was served last
    since: dict[tuple[TaskKind, str], int] = field(default_factory=dict)  # who waits: the arrival that opened its line
    used_at: int = 0

    def least(self) -> float:
        """Where somebody begins who comes, or comes back: at what was served last, or at the least that anybody
        who waits has consumed where that is below it, because owners get back what was estimated too high."""
        waiting = [self.counters[member] for _, member in self.since if member in self.counters]
        return min([*waiting, *([] if self.served is None else [self.served])], default=0.0)

    def counter(self, member: str) -> float:
        """What a member has consumed."""
        known = self.counters.get(member)
        return self.least() if known is None else known

    def score(self, kind: TaskKind, member: str) -> float:
        """Who waits goes by this, the lowest first."""
        return self.counter(member) + self.since[kind, member] * TIE_BREAK

    def join(self, kind: TaskKind, member: str, order: int) -> None:
        """Begin to wait, unless it does, at the present least: nobody saves up turns by staying away."""
        if (kind, member) not in self.since:
            self.counters[member] = max(self.counters.get(member, 0.0), self.least())
            self.since[kind, member] = order

    def in_turn(self, kind: TaskKind) -> list[str]:
        """Who waits for something of that kind, who goes next first."""
        waiting = [member for of_kind, member in self.since if of_kind is kind]
        return sorted(waiting, key=lambda member: (self.score(kind, member), member))

    def serve(self, member: str, cost: float) -> None:
        """A turn is taken, at that cost."""
        paid = self.counter(member)
        self.served, self.counters[member] = max(self.served or 0.0, paid), paid + cost

    def drop_low(self) -> None:
        """Forget who is below the least: there they begin anyway."""
        least = self.least()
        self.counters = {member: counter for member, counter in self.counters.items() if counter >= least}


class Turns:
    """All levels, by their groups' names. ``now`` and ``before`` are in ms."""

    def __init__(self) -> None:
        self.levels: dict[str, Level] = defaultdict(Level)

    def join(self, kind: TaskKind, party: Party, order: int, now: int) -> None:
        """The party's line of that kind is not empty any more (or was not)."""
        for name, member in party.steps:
            self.levels[name].join(kind, member, order)
            self.levels[name].used_at = now

    def leave(self, kind: TaskKind, party: Party) -> None:
        """Its line is empty."""
        for name, member in party.steps:
            level = self.levels[name]
            level.since.pop((kind, member), None)
            if any(of_kind is kind for of_kind, _ in level.since):
                return  # others of the group still wait

    def serve(self, party: Party, cost: float, now: int) -> None:
        """Its task starts: it and its group pay what that is expected to cost."""
        for name, member in party.steps:
            self.levels[name].serve(member, cost)
            self.levels[name].used_at = now

    def charge(self, party: Party, amount: float) -> None:
        """It has consumed so much more, or less, than was paid."""
        for name, member in party.steps:
            level = self.levels[name]
            level.counters[member] = level.counter(member) + amount

    def in_turn(self, kind: TaskKind, most: int | None = None) -> Iterator[Party]:
        """Who waits, who goes next first, at most so many at each level; a group's owners follow each other."""
        for member in self.levels[TOP].in_turn(kind)[:most]:
            within = self.levels[member].in_turn(kind)[:most] if member in self.levels else []
            yield from (Party(member, owner) for owner in within) if within else [Party(TOP, member)]

    def score(self, kind: TaskKind, party: Party) -> tuple[float, float]:
        """Its scores at the top and in its group (0 without one)."""
        scores = [self.levels[name].score(kind, member) for name, member in reversed(party.steps)]
        return scores[0], scores[1] if party.group else 0.0

    def place(self, kind: TaskKind, party: Party, own: int, waiting: int) -> int:
        """See `place_in_line`; ``own`` is the task's place in its line, from 0."""
        ranks = []
        for name, member in party.steps:
            members = self.levels[name].in_turn(kind)
            ranks.append((len(members), members.index(member)))
        return place_in_line(own, ranks, waiting)

    def forget(self, before: int) -> None:
        """Drop what decides nothing any more, and groups that nobody has used since ``before``."""
        self.levels[TOP].drop_low()
        for name, level in list(self.levels.items()):
            if name != TOP and not level.since and level.used_at < before:
                del self.levels[name]


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """The beginning of one owner's line: tasks with their costs. ``score`` is the owner's at the top, or that of
    its group, in which it then has ``own_score``. ``whole``: there are no more tasks."""

    score: float
    tasks: Sequence[tuple[str, float]]
    whole: bool = True
    group: str = TOP
    own_score: float = 0.0


def order_of_admission(lines: Iterable[OwnerLine], count: int) -> tuple[Standing, ...]:
    """The first tasks of a kind in the order in which they will be admitted, at most ``count``.

    The lowest counter at the top is served, and within a group its lowest one; both pay for it, again and
    again. It ends early where a line's continuation is not known. The latest place counts a turn of
    everybody at the top for as much as an average task costs.
    """
    begun = list(lines)
    within: dict[int, list[tuple[float, int, int]]] = defaultdict(list)
    members: dict[str, int] = {}
    for index, line in enumerate(begun):
        if line.tasks:  # who takes turns at the top is named by its first line
            member = members.setdefault(line.group, index) if line.group else index
            within[member].append((line.own_score, index, 0))
    heap = [(begun[member].score, member) for member in within]
    ranks = {member: rank for rank, (_, member) in enumerate(sorted(heap))}
    costs = [cost for line in begun for _, cost in line.tasks]
    turn = sum(costs) / len(costs) if costs else 1.0
    for inner in within.values():
        heapify(inner)
    heapify(heap)
    order: list[Standing] = []
    while heap and len(order) < count:
        score, member = heappop(heap)
        own_score, index, at = heappop(within[member])
        line = begun[index]
        task_id, cost = line.tasks[at]
        turns = round((score - begun[member].score) / turn)
        order.append(Standing(task_id, max(len(order), turns * len(ranks) + ranks[member]) + 1))
        if at + 1 < len(line.tasks):
            heappush(within[member], (own_score + cost, index, at + 1))
        elif not line.whole:
            break
        if within[member]:
            heappush(heap, (score + cost, member))
    return tuple(order)


def place_in_line(own: int, ranks: Iterable[tuple[int, int]], waiting: int) -> int:
    """A task's place from 1, from a few counts: its place among its owner's own (from 0); how many wait at each
    level at which its owner takes turns, the top last, and who does so for it is which of them (from 0); and how many
    tasks wait. Exact for one owner and for the heads of lines, else what equally long tasks would give."""
    place = own
    for members, rank in ranks:
        place = place * members + rank
    return min(waiting, place + 1)
