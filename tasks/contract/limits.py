"""What an answer of the provider says about the account."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LimitsLearned:
    """The account's request limit a minute and what is left of it, as one answer's headers said;
    None for what they did not say."""

    requests_limit: float | None = None
    requests_remaining: float | None = None
