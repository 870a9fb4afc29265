"""What a failed call means for the task, the budgets and the account. Pure.

An error inside a stream arrives with status 200, so the error's own type counts before the status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from tasks.contract.errors import AccountPaused, EngineError, FinalFailure, PassingFailure, RateLimited
from tasks.contract.limits import LimitsLearned

LONG_PAUSE_MS: Final = 600_000
"""A retry-after beyond ten minutes is no rate limit any more, and a paused account is probed that often."""
_UNSTATED_RETRY_MS: Final = 10_000  # a 429 without a time: long enough not to be refused again at once

_STATUS_OF_TYPE: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_SPENT: Final = ("credit balance", "spend limit", "usage limits", "billing")


@dataclass(frozen=True, slots=True)
class Refused:
    """What an error answer says: ``status`` of HTTP, ``type``, ``code`` and ``message`` of its body."""

    status: int
    type: str | None = None
    code: str | None = None
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def failure_of(refused: Refused, model: str, now: datetime | None = None) -> EngineError:
    """The failure that an error answer is. ``now`` is the present time, for dates in headers."""
    status = _STATUS_OF_TYPE.get(refused.type or "", refused.status)
    wait_ms = retry_after_ms(refused.headers, now)
    if status == 402 or _is_spent(refused, status):
        return AccountPaused(
            "The Claude account has no credit left; add credit or raise its spend limit, and the task goes on.",
            wait_ms or LONG_PAUSE_MS,
        )
    if status == 429:
        return _limited(wait_ms)
    if status in (401, 403, 404):
        return AccountPaused(_ACCOUNT[status].format(model=model), min(wait_ms or LONG_PAUSE_MS, LONG_PAUSE_MS))
    if status == 529:
        return PassingFailure(
            "Claude is overloaded at the moment; the task tries again by itself.",
            reason="overloaded",
            retry_after_ms=wait_ms,
        )
    if status == 413:
        return FinalFailure("The text is too large for Claude; split the section and review the parts.", "too_large")
    if status >= 500 or status in (200, 408, 409):
        return PassingFailure(
            "Claude answered with an error of its own; the task tries again by itself.",
            reason=f"server_error_{status}" if status != 200 else "server_error",
            retry_after_ms=wait_ms,
        )
    return FinalFailure(
        f"Claude cannot take this request ({_said(refused)}); change the text or the settings.", "bad_request"
    )


_ACCOUNT: Final = {
    401: "Claude does not accept the API key; set a valid ANTHROPIC_API_KEY, and the task goes on.",
    403: "The API key may not use {model}; allow it in the Claude Console, and the task goes on.",
    404: "The account does not know {model}; set CLAUDE_MODEL to one it has, and the task goes on.",
}


def _limited(wait_ms: int | None) -> EngineError:
    if wait_ms is not None and wait_ms > LONG_PAUSE_MS:
        return AccountPaused("Claude asks this account for a long pause; the task goes on when it is over.", wait_ms)
    return RateLimited(
        "The account's limit is reached for the moment; the task goes on by itself.",
        _UNSTATED_RETRY_MS if wait_ms is None else wait_ms,
    )


_LIMITED: Final = ("requests", "input-tokens", "output-tokens")


def _is_spent(refused: Refused, status: int) -> bool:
    if "spend_limit" in (refused.code or ""):
        return True
    return status in (400, 403) and any(word in refused.message.lower() for word in _SPENT)


def _said(refused: Refused) -> str:
    return refused.message[:200].strip().rstrip(".") or f"status {refused.status}"


def retry_after_ms(headers: Mapping[str, str], now: datetime | None = None) -> int | None:
    """When to come again, in ms from now, as ``retry-after-ms`` or ``retry-after`` says (seconds or a
    date); None when neither says it."""
    for name, factor in (("retry-after-ms", 1), ("retry-after", 1000)):
        number = _number(headers.get(name))
        if number is not None:
            return max(0, int(number * factor))
    return _until(headers.get("retry-after"), now or datetime.now(UTC))


def _until(date: str | None, now: datetime) -> int | None:
    if not date:
        return None
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return None
    return max(0, int((then - now).total_seconds() * 1000))


def limits_of(headers: Mapping[str, str]) -> LimitsLearned | None:
    """The account's limits as an answer's headers say them; None when they say nothing."""
    names = (f"anthropic-ratelimit-{what}-{which}" for what in _LIMITED for which in ("limit", "remaining"))
    said = [_number(headers.get(name)) for name in names]
    return None if all(number is None for number in said) else LimitsLearned(*said)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def lost_connection() -> PassingFailure:
    """The connection broke, before or while Claude answered."""
    return PassingFailure(
        "The connection to Claude was lost; the task tries again by itself.", reason="connection_lost"
    )


def stalled() -> PassingFailure:
    """Claude stopped sending."""
    return PassingFailure("Claude stopped answering; the task tries again by itself.", reason="stalled")


def ended_early() -> PassingFailure:
    """The stream ended in order, but before the message did: what came cannot be trusted to be all."""
    return PassingFailure("Claude's answer ended too early; the task tries again by itself.", reason="ended_early")


def garbled() -> PassingFailure:
    """An event of the stream is no JSON."""
    return PassingFailure("Claude's answer arrived garbled; the task tries again by itself.", reason="garbled")


def declined() -> FinalFailure:
    """Claude refuses to answer; asking the same again gives the same."""
    return FinalFailure("Claude declined to work on this text; change the text or the question.", "refused")


def too_long() -> FinalFailure:
    """The answer hit its limit before one finding was complete."""
    return FinalFailure("Claude's answer grew too long; split the section and review the parts.", "output_too_long")
