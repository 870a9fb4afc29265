"""What an answer of the provider says about the account, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LimitsLearned:
    """The account's limits a minute and what is left of them, as one answer's headers said: requests,
    input tokens, output tokens. None for what they did not say."""

    requests_limit: float | None = None
    requests_remaining: float | None = None
    input_limit: float | None = None
    input_remaining: float | None = None
    output_limit: float | None = None
    output_remaining: float | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What one attempt really used of the account, in tokens; ``input_tokens`` less what came from
    the cache."""

    model: str
    input_tokens: int
    output_tokens: int
