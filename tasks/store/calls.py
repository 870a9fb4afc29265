"""Where a call goes and when it may start: the account, its models, and what holds a call back.

Pure, as `admission` is; ``scripts/prelude/calls.lua`` says the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from tasks.contract.limits import ModelTerms
from tasks.contract.names import TaskKind
from tasks.store.admission import (
    Need,
)
from tasks.store.buckets import (
    Bucket,
)
from tasks.store.ports import WorkerCard


@dataclass(frozen=True, slots=True)
class Account:
    """The model that the live workers would call, on which terms, with what its budget is told by
    configuration, and what calls may cost in a day."""

    model: str
    rpm: float
    input_tpm: float
    output_tpm: float
    concurrency: int
    terms: tuple[ModelTerms, ...] = ()
    daily_cost_limit_usd: float | None = None
    owner_daily_cost_limit_usd: float | None = None
    max_output: Mapping[TaskKind, int] = field(default_factory=dict)

    @property
    def models(self) -> tuple[ModelTerms, ...]:
        """The main model and its fallbacks."""
        return self.terms or (ModelTerms(self.model),)

    def calling(self, terms: ModelTerms) -> Account:
        """The account as it is called with one of its models. What is configured is believed of the main
        one only."""
        if terms.model == self.model:
            return self
        return replace(self, model=terms.model, rpm=0, input_tpm=0, output_tpm=0)


def is_away(requests: Bucket, in_flight: int, now: int) -> bool:
    """Whether a model's breaker is open: it is closed for more than a 429, or one call asks whether it is
    back."""
    if requests.closed_until > now and requests.reason not in (None, "rate_limited"):
        return True
    return requests.probing and in_flight > 0


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a call goes and what it takes. ``shared`` of its input is its document, which it ``warms`` the
    cache with when it is the first."""

    account: Account
    need: Need
    shared: float
    warms: bool


class NoCall(NamedTuple):
    """No call may start, when the clock alone could change that, and why."""

    opens_at: int | None
    why: Literal["budget", "engine", "warming"]


def account_of(cards: Iterable[WorkerCard]) -> Account | None:
    """The account behind the live workers; None when their engine needs none."""
    with_model = [card for card in cards if card.model]
    if not with_model:
        return None
    least = {
        name: min((value for card in with_model if (value := getattr(card, name)) > 0), default=0)
        for name in ("rpm", "input_tpm", "output_tpm", "concurrency")
    }
    daily, of_owner = (
        min((value for card in with_model if (value := getattr(card, name)) is not None), default=None)
        for name in ("daily_cost_limit_usd", "owner_daily_cost_limit_usd")
    )
    first = with_model[0]
    return Account(
        first.model or "",
        **least,
        terms=first.terms,
        max_output=first.max_output,
        daily_cost_limit_usd=daily,
        owner_daily_cost_limit_usd=of_owner,
    )


def call_opens_at(
    requests: Bucket,
    tokens: Sequence[tuple[Bucket, float]],
    account: Account,
    in_flight: int,
    now: int,
    *,
    elsewhere: int = 0,
) -> tuple[bool, int | None]:
    """Whether a call of the account may start, and if not, when the clock alone could change that.

    ``tokens`` are the token buckets with what the call needs of each; ``elsewhere`` counts the calls of
    the account's other models.
    """
    opens = [requests.opens_at(now), *(bucket.opens_at(now, need) for bucket, need in tokens)]
    if (latest := max((at for at in opens if at is not None), default=None)) is not None:
        return False, latest
    if account.concurrency and in_flight + elsewhere >= account.concurrency:
        return False, None
    caps = [requests.window] if requests.window else []
    if requests.probing or not (requests.known or account.rpm > 0):
        caps.append(1)
    return all(in_flight < math.floor(cap) for cap in caps), None
