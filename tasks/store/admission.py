"""The rules of admission as pure functions: what calls take, free slots, order, and why a line waits.

The memory store calls them; ``scripts/prelude`` says the same in Lua, and the conformance
suite holds the two together. Times are ms, rates are units a minute.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from tasks.contract.names import ADMISSION_ORDER, TaskKind
from tasks.store.buckets import BURST_MS
from tasks.store.ports import WaitingFor, WorkerCard

AGEING_MS: Final = 10_000
"""A kind whose head has waited this long since the kind's last start goes before the others, once."""
HEAD_START: Final = 50_000
"""How far ahead of others, in weighted tokens, an owner's chats still pass their analyses: some ten chats.
Who only chats, and floods, then takes turns with them."""
TOKENS_PER_CHAR: Final = 0.3
"""English prose in Claude's tokenizer, roughly; settled by what the answer says was used."""
FIRST_GUESS: Final = {TaskKind.ANALYSIS: (1_000, 1_500), TaskKind.CHAT: (1_000, 800), TaskKind.TEST: (50, 20)}
"""Input beyond the task's own text, and output, in tokens, until calls of the kind have told."""
FEW_CALLS: Final = 5
"""So many calls of a kind are averaged. A guess that is several times too high would else be charged for minutes,
and who comes meanwhile begins behind what others get back."""
LOOK_AT_OWNERS: Final = 20
LOOK_AT_TASKS: Final = 60
LOOK_AT_MOST: Final = 200
"""How far admission looks past tasks whose document is just being written to the cache: owners, tasks of one
of them, and tasks in all."""
SLOW: Final = 2.0
"""Answers that take this many times as long as usual mean that the model is near its limit."""
FIRST_BYTE_TOKENS: Final = 50
"""The time before an answer's first word, in output tokens that take as long."""
OUTPUT_WEIGHT: Final = 5
"""An output token costs about five times an input token, in money and in the provider's time."""
MOST_ARRIVED: Final = 20
"""More tasks than this between two starts tell no more of those that will come."""
KINDS_THAT_KEEP_SLOTS: Final = (TaskKind.CHAT, TaskKind.TEST)


class Need(NamedTuple):
    """Tokens that a call takes, expected or real."""

    input: float
    output: float

    @property
    def cost(self) -> float:
        """Weighted, as fairness counts it."""
        return self.input + OUTPUT_WEIGHT * self.output


NOTHING: Final = Need(0, 0)


@dataclass(slots=True)
class Estimates:
    """What the calls of one model and kind were found to take: input beyond the task's own text, and
    output at about the 75th percentile (a step up weighs three times a step down), after the mean of the first
    few, which replaces the guess at once."""

    extra_input: float = 0
    output: float = 0
    calls: int = 0  # that have told, up to one more than a few
    usual_ms: float | None = None  # for an output token, when nothing is wrong
    recent_ms: float = 0

    def note_run(self, ran_ms: int, output: float) -> bool:
        """Whether answers have lately become much slower than usual. Then that is what is usual from now
        on: each doubling is told once, or a slow hour would bring everything to a standstill."""
        took = ran_ms / (output + FIRST_BYTE_TOKENS)
        if self.usual_ms is None:
            self.usual_ms = self.recent_ms = took
        self.recent_ms += 0.2 * (took - self.recent_ms)
        self.usual_ms += 0.02 * (took - self.usual_ms)
        slow = self.recent_ms > SLOW * self.usual_ms
        if slow:
            self.usual_ms = self.recent_ms
        return slow

    def learn(self, input_chars: int, used: Need) -> None:
        """Move toward what one call really used."""
        self.calls = min(self.calls + 1, FEW_CALLS + 1)
        extra = max(0.0, used.input - input_chars * TOKENS_PER_CHAR)
        self.extra_input += max(0.2, 1 / self.calls) * (extra - self.extra_input)
        if self.calls <= FEW_CALLS:
            self.output += (used.output - self.output) / self.calls
        else:
            step = max(10.0, 0.1 * self.output)
            self.output = max(1.0, self.output + (0.75 * step if used.output > self.output else -0.25 * step))

    def need(self, input_chars: int) -> Need:
        """What a call is expected to take."""
        return Need(input_chars * TOKENS_PER_CHAR + self.extra_input, self.output)


def next_step(known: float | None, gap_ms: float) -> float:
    """The time between two starts of a kind whose line waits, smoothed over some twenty of them."""
    return gap_ms if known is None else known + 0.05 * (gap_ms - known)


def next_inflow(known: float, arrived: int) -> float:
    """How many tasks come to wait between two starts, smoothed likewise. A crowd that comes at once counts for some
    twenty starts."""
    return known + 0.05 * (min(MOST_ARRIVED, max(0, arrived)) - known)


def in_admission_order(waited_ms: Mapping[TaskKind, int], least: Mapping[TaskKind, float] = {}) -> list[TaskKind]:
    """The kinds in which something waits, in the order in which admission looks at them. A kind that has
    waited too long comes first; ``waited_ms``: since the oldest came or the kind's last start. Chats and
    tests come before analyses, unless the owner who would go is more than `HEAD_START` ahead of the one
    whose analysis it would pass; ``least``: the counters of these owners."""
    aged = [kind for kind in ADMISSION_ORDER if waited_ms.get(kind, 0) > AGEING_MS]
    passed = least.get(TaskKind.ANALYSIS, math.inf) + HEAD_START
    ahead = [kind for kind in ADMISSION_ORDER if kind is not TaskKind.ANALYSIS and least.get(kind, 0) > passed]
    others = sorted(
        (kind for kind in ADMISSION_ORDER if kind in waited_ms and kind not in aged), key=ahead.__contains__
    )
    return sorted(aged, key=lambda kind: -waited_ms[kind]) + others


def holds_others(waited_ms: int, opens_at: int | None, now: int) -> bool:
    """Whether a kind that has waited too long keeps the others from starting: when its head will find a
    bucket full enough before long. Small tasks of other kinds would take for ever what a large one saves
    up for. It is bounded, because a full bucket is five seconds of the rate."""
    return waited_ms > AGEING_MS and opens_at is not None and opens_at - now <= BURST_MS


def limit_of(kind: TaskKind, cards: Iterable[WorkerCard]) -> float:
    """Starts a minute that a kind may have, the strictest of what live workers announce; 0: no limit."""
    return min((card.limits[kind] for card in cards if kind in card.limits), default=0.0)


def kept_slots(slots: int) -> int:
    """Slots that analysis may not use, so that somebody who chats never waits for a batch: a tenth,
    at least one; of a single slot none."""
    return max(1, slots // 10) if slots > 1 else 0


def slots_of(kind: TaskKind, cards: Iterable[WorkerCard]) -> int:
    """Slots that may ever run this kind."""
    slots = 0
    for card in cards:
        if kind in card.kinds:
            slots += card.slots
    return slots


def free_slots(
    kind: TaskKind, cards: Iterable[WorkerCard], claimed: Mapping[str, int], reserved: Mapping[TaskKind, int]
) -> int:
    """Slots that a task of this kind may take now.

    ``claimed`` counts the running tasks of each worker. What is ``reserved`` is not claimed yet and
    may land on any worker that serves its kind, so it is taken off wherever it could land.
    """
    serving = [card for card in cards if kind in card.kinds]
    neighbours = {other for card in serving for other in card.kinds}
    free = sum(card.slots - claimed.get(card.worker_id, 0) for card in serving)
    free -= sum(reserved.get(other, 0) for other in neighbours)
    if kind not in KINDS_THAT_KEEP_SLOTS:
        shared = sum(card.slots for card in serving if any(k in card.kinds for k in KINDS_THAT_KEEP_SLOTS))
        free -= kept_slots(shared)
    return free


def why_waiting(
    *, slots: int, kind_opens: int | None, call_open: bool, call_opens: int | None, reason: str | None
) -> tuple[WaitingFor, int | None]:
    """What the head of a line waits for, and when it reopens by the clock."""
    if slots == 0:
        return WaitingFor.WORKER, None
    if not call_open and reason is not None and reason != "rate_limited":
        return WaitingFor.ENGINE, call_opens
    if kind_opens is not None or not call_open:
        return WaitingFor.BUDGET, max((t for t in (kind_opens, call_opens) if t is not None), default=None)
    return WaitingFor.TURN, None
