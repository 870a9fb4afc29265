"""What an answer of the provider says about the account, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LimitsLearned:
    """The account's request limit a minute and what is left of it, as one answer's headers said;
    None for what they did not say."""

    requests_limit: float | None = None
    requests_remaining: float | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What one attempt really used of the account, in tokens; ``input_tokens`` less what came from
    the cache."""

    model: str
    input_tokens: int
    output_tokens: int
