"""What an answer of the provider says about the account, what it cost, and on what terms a model is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tasks.contract.events import Usage

_MILLION: Final = 1_000_000


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

    @property
    def least_left(self) -> float | None:
        """The smallest part of a limit that is left; None when nothing was said."""
        said = (
            (self.requests_limit, self.requests_remaining),
            (self.input_limit, self.input_remaining),
            (self.output_limit, self.output_remaining),
        )
        return min((left / limit for limit, left in said if limit and left is not None), default=None)


@dataclass(frozen=True, slots=True)
class Spent:
    """What one attempt really used of the account's limits, in tokens; ``input_tokens`` less what the
    model's terms do not count."""

    model: str
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens: plain input, output, input written to and read from the cache."""

    input: float
    output: float
    cache_write: float
    cache_read: float

    def of(self, usage: Usage) -> float:
        """What that usage costs, in US dollars."""
        parts = (
            self.input * usage.input_tokens,
            self.output * usage.output_tokens,
            self.cache_write * usage.cache_creation_input_tokens,
            self.cache_read * usage.cache_read_input_tokens,
        )
        return round(sum(parts) / _MILLION, 9)  # whole billionths, as the store keeps its books


@dataclass(frozen=True, slots=True)
class ModelTerms:
    """On what terms a model is called. Without a ``price`` nobody knows what a call costs.

    ``long_price`` holds for calls whose whole prompt has more than ``long_above`` tokens.
    ``cached_input_counts``: input read from the cache counts toward the limit of input tokens;
    ``max_tokens_counts``: a call counts with its ``max_tokens`` toward the limit of output tokens until
    it has ended. A prompt shorter than ``least_cached_tokens`` is not cached.
    """

    model: str
    price: Price | None = None
    long_price: Price | None = None
    long_above: int = 0
    cached_input_counts: bool = False
    max_tokens_counts: bool = False
    least_cached_tokens: int = 1_024

    def cost_usd(self, usage: Usage) -> float | None:
        """What one call cost; None when no price is known."""
        prompt = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens
        price = self.long_price if self.long_price is not None and prompt > self.long_above else self.price
        return None if price is None else price.of(usage)

    def spent(self, usage: Usage) -> Spent:
        """What one call took of the account's limits."""
        counted = usage.input_tokens + usage.cache_creation_input_tokens
        read = usage.cache_read_input_tokens if self.cached_input_counts else 0
        return Spent(self.model, counted + read, usage.output_tokens)
