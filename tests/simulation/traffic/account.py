"""The provider's side in virtual time: its buckets, its headers, its refusals, its books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from tasks.contract.limits import LimitsLearned
from tests.simulation.kernel import Steps
from tests.simulation.traffic.scene import Scene
from tests.simulator.buckets import Limits
from tests.simulator.options import Options

FIRST_BYTE_MS: Final = 600
PER_TOKEN_MS: Final = 12
PIECES: Final = 8
"""The output of a call counts as it is produced, in so many parts."""
LIMITED_MEMBERS: Final = {"requests": "rpm", "input-tokens": "input_tpm", "output-tokens": "output_tpm"}


@dataclass(slots=True)
class Call:
    """One call in the books; times in ms of the scene."""

    owner: str
    task_id: str
    at: int
    status: int = 200
    input: int = 0
    output: int = 0
    retry_after_ms: int = 0


@dataclass(slots=True)
class Account:
    """The account that everybody shares. ``now`` is the scene's clock in ms."""

    scene: Scene
    rng: Random
    now: Callable[[], int]
    calls: list[Call] = field(default_factory=list)
    running: int = 0
    limits: Limits = field(init=False)
    options: Options = field(init=False)
    spans: list[tuple[int, Options]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.limits = Limits(self.scene.limits, self._seconds)
        self.change(1.0)

    def _seconds(self) -> float:
        return self.now() / 1000

    def change(self, factor: float) -> None:
        """New limits; what is in the buckets stays, as far as they hold it."""
        first = self.scene.limits
        self.options = replace(
            first, rpm=first.rpm * factor, input_tpm=first.input_tpm * factor, output_tpm=first.output_tpm * factor
        )
        self.spans.append((self.now(), self.options))
        for name, bucket in self.limits.buckets.items():
            bucket.refill()
            bucket.per_minute = getattr(self.options, LIMITED_MEMBERS[name])
            bucket.level = min(bucket.level, bucket.capacity)

    def trouble(self) -> str:
        """What goes wrong with a call that arrives now; empty: nothing."""
        now = self._seconds()
        for trouble in self.scene.troubles:
            hit = trouble.at_s <= now < trouble.at_s + trouble.for_s
            if hit and trouble.name != "slow" and self.rng.random() < trouble.share:
                return trouble.name
        return ""

    def _slowness(self) -> float:
        now = self._seconds()
        slow = [t.slowness for t in self.scene.troubles if t.name == "slow" and t.at_s <= now < t.at_s + t.for_s]
        crowd = self.running / self.scene.concurrency if self.scene.concurrency else 0.0
        return max([1.0, crowd, *slow])

    def open(self, owner: str, task_id: str, input_tokens: int) -> Call:
        """A call arrives: charged, or refused."""
        call = Call(owner, task_id, self.now())
        self.calls.append(call)
        trouble = self.trouble()
        if trouble:
            call.status = 529 if trouble == "overloaded" else 0
        elif (wait_s := self.limits.take(input_tokens)) > 0:
            call.status, call.retry_after_ms = 429, 1000 * int(wait_s + 1)
        else:
            call.input = input_tokens
            self.running += 1
        return call

    def produce(self, call: Call, output_tokens: int) -> Steps[None]:
        """The answer comes in."""
        try:
            yield int(FIRST_BYTE_MS * self._slowness())
            for piece in range(PIECES):
                part = output_tokens * (piece + 1) // PIECES - output_tokens * piece // PIECES
                yield max(1, int(part * PER_TOKEN_MS * self._slowness()))
                self.limits.charge_output(part)
                call.output += part
        finally:
            self.running -= 1

    def headers(self) -> LimitsLearned | None:
        """What the headers of an answer say, in the engine's words."""
        if not self.scene.tells:
            return None
        said: dict[str, float] = {}
        for name, bucket in self.limits.buckets.items():
            bucket.refill()
            member = name.removesuffix("-tokens")
            said[f"{member}_limit"] = float(int(bucket.per_minute))
            said[f"{member}_remaining"] = float(max(0, int(bucket.level)))
        return LimitsLearned(**said)
