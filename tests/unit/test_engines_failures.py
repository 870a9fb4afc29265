"""What a refused call means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tasks.contract.errors import AccountPaused, EngineError, FinalFailure, PassingFailure, RateLimited
from tasks.contract.limits import LimitsLearned
from tasks.engines.failures import LONG_PAUSE_MS, Refused, failure_of, limits_of, retry_after_ms

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def failure(
    status: int, kind: str | None = None, message: str = "", code: str | None = None, **headers: str
) -> EngineError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return failure_of(Refused(status, kind, code, message, named), "claude-x", NOW)


def test_429_is_a_rate_limit_when_its_wait_is_short() -> None:
    limited = failure(429, retry_after="2.5")
    assert isinstance(limited, RateLimited)
    assert limited.retry_after_ms == 2500


def test_429_has_a_wait_of_its_own_when_it_names_none() -> None:
    limited = failure(429)
    assert isinstance(limited, RateLimited)
    assert limited.retry_after_ms > 0


@pytest.mark.parametrize(
    "refused",
    [
        Refused(429, headers={"retry-after": "601"}),
        Refused(429, code="enforced_spend_limit_reached"),
        Refused(400, "invalid_request_error", message="Your credit balance is too low"),
        Refused(402, "billing_error"),
        Refused(401, "authentication_error"),
        Refused(403, "permission_error"),
        Refused(404, "not_found_error"),
    ],
)
def test_account_is_paused_when_no_call_can_work(refused: Refused) -> None:
    paused = failure_of(refused, "claude-x", NOW)
    assert isinstance(paused, AccountPaused)
    assert paused.retry_after_ms > 0


def test_unknown_model_is_named_when_the_account_does_not_have_it() -> None:
    assert "claude-x" in failure(404).message


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (529, None, "overloaded"),
        (200, "overloaded_error", "overloaded"),
        (500, "api_error", "server_error_500"),
        (502, None, "server_error_502"),
        (504, "timeout_error", "server_error_504"),
        (408, None, "server_error_408"),
        (200, "something_new", "server_error"),
    ],
)
def test_failure_passes_when_claude_is_at_fault(status: int, kind: str | None, reason: str) -> None:
    passing = failure(status, kind)
    assert isinstance(passing, PassingFailure)
    assert passing.reason == reason


def test_rate_limit_counts_when_it_arrives_inside_a_stream() -> None:
    assert isinstance(failure(200, "rate_limit_error"), RateLimited)


@pytest.mark.parametrize(("status", "code"), [(400, "bad_request"), (413, "too_large"), (422, "bad_request")])
def test_failure_is_final_when_the_request_is_at_fault(status: int, code: str) -> None:
    final = failure(status, message="prompt is too long.")
    assert isinstance(final, FinalFailure)
    assert final.final_code == code
    assert not final.as_task_error().retryable


@pytest.mark.parametrize(
    ("headers", "ms"),
    [
        ({"retry-after": "3"}, 3000),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1500),
        ({"retry-after": "Thu, 01 Jan 2026 00:00:05 GMT"}, 5000),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-4"}, 0),
        ({}, None),
    ],
)
def test_retry_after_is_read_when_it_is_a_number_or_a_date(headers: dict[str, str], ms: int | None) -> None:
    assert retry_after_ms(headers, NOW) == ms


def test_pause_is_probed_after_ten_minutes_when_the_key_is_refused() -> None:
    paused = failure(401, retry_after="86400")
    assert isinstance(paused, AccountPaused)
    assert paused.retry_after_ms == LONG_PAUSE_MS


def test_limits_are_learned_when_headers_say_them() -> None:
    headers = {"anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-requests-remaining": "49"}
    assert limits_of(headers) == LimitsLearned(50.0, 49.0)
    assert limits_of({"anthropic-ratelimit-requests-limit": "50"}) == LimitsLearned(50.0, None)
    assert limits_of({"anthropic-ratelimit-requests-limit": "many"}) is None
