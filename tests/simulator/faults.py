"""Faults on demand: a queue for the next calls, rules by a substring, a probability."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

REFUSALS: dict[str, tuple[int, str, str]] = {
    "rate_limited": (429, "rate_limit_error", "This request would exceed your organization's rate limit."),
    "overloaded": (529, "overloaded_error", "Overloaded"),
    "server_error": (500, "api_error", "Internal server error"),
    "unauthorized": (401, "authentication_error", "invalid x-api-key"),
    "forbidden": (403, "permission_error", "Your API key does not have permission to use the specified resource."),
    "unknown_model": (404, "not_found_error", "model: unknown"),
    "bad_request": (400, "invalid_request_error", "messages: invalid"),
    "credit_exhausted": (400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    "too_large": (413, "request_too_large", "Request exceeds the maximum size"),
}
"""Faults that answer instead of the message: status, type, message."""

STREAM_FAULTS = frozenset(
    {
        "slow_start",  # no event for `seconds`
        "stall",  # some events, then nothing more
        "stall_with_pings",  # some events, then only pings
        "held",  # some events, then empty ones until it is released; then the rest
        "reset",  # some events, then the connection is reset
        "early_end",  # some events, then a clean end without message_stop
        "malformed_event",  # some events, then one that is no JSON
        "overloaded_in_stream",  # some events, then an error event, under status 200
        "max_tokens",  # the answer stops in the middle, at its limit
        "refusal",  # stop_reason refusal
        "broken_finding",  # one of the findings cannot be read
        "invented_quote",  # one of the findings quotes what nobody wrote
        "prose",  # no JSON where JSON was asked for
    }
)
OTHER_FAULTS = frozenset({"reset_early", "none"})  # reset before any header; nothing at all


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``after_events`` counts text pieces before it strikes."""

    name: str
    after_events: int = 3
    seconds: float = 3600.0
    retry_after_s: float | None = None
    message: str | None = None


def read_fault(given: str | dict[str, Any]) -> Fault:
    """A name, or an object with a name and settings.

    Raises:
        ValueError: no such fault.
    """
    fault = Fault(given) if isinstance(given, str) else Fault(**given)
    if fault.name not in REFUSALS and fault.name not in STREAM_FAULTS | OTHER_FAULTS:
        raise ValueError(f"no fault named {fault.name!r}")
    return fault


@dataclass(slots=True)
class Rule:
    """Strikes calls of ``model`` (empty: of any) whose text contains ``contains``, ``times`` times (0:
    always)."""

    contains: str
    fault: Fault
    times: int = 0
    model: str = ""
    struck: int = 0

    def strikes(self, text: str, model: str) -> bool:
        """Whether it is this call's turn; counts it."""
        if self.contains not in text or self.model not in ("", model) or (self.times and self.struck >= self.times):
            return False
        self.struck += 1
        return True


@dataclass(slots=True)
class FaultPlan:
    """Which call meets which fault."""

    queue: list[Fault] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    chance: float = 0.0
    chance_faults: list[Fault] = field(default_factory=list)
    random: random.Random = field(default_factory=lambda: random.Random(0))
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """What the calls that are held now wait for; those held later have another."""

    def add(self, wanted: dict[str, Any]) -> None:
        """Take over ``release``, ``queue``, ``rules`` and ``probability`` of a control request."""
        if wanted.get("release"):
            self.release()
        self.queue.extend(read_fault(f) for f in wanted.get("queue", []))
        for rule in wanted.get("rules", []):
            fault, times, model = read_fault(rule["fault"]), rule.get("times", 0), rule.get("model", "")
            self.rules.append(Rule(rule.get("contains", ""), fault, times, model))
        if "probability" in wanted:
            given = wanted["probability"]
            self.chance = float(given["p"])
            self.chance_faults = [read_fault(f) for f in given.get("faults", [given.get("fault", "overloaded")])]
            self.random = random.Random(given.get("seed", 0))

    def release(self) -> None:
        """Let all calls that are held go on, and hold no later one."""
        self.released.set()
        self.released = asyncio.Event()
        self.queue = [fault for fault in self.queue if fault.name != "held"]
        self.rules = [rule for rule in self.rules if rule.fault.name != "held"]
        self.chance_faults = [fault for fault in self.chance_faults if fault.name != "held"]

    def next_for(self, text: str, model: str) -> Fault:
        """The fault of this call; named ``none`` when it meets none."""
        for rule in self.rules:
            if rule.strikes(text, model):
                return rule.fault
        if self.queue:
            return self.queue.pop(0)
        if self.chance_faults and self.random.random() < self.chance:
            return self.random.choice(self.chance_faults)
        return Fault("none")
