"""Token buckets and slots, without a store."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from tasks.contract.names import TaskKind
from tasks.store.admission import (
    AGEING_MS,
    HEAD_START,
    Estimates,
    Need,
    free_slots,
    in_admission_order,
    kept_slots,
    limit_of,
    slots_of,
    why_waiting,
)
from tasks.store.buckets import (
    AWAY_AFTER,
    CUT_EVERY_MS,
    EASED,
    Bucket,
)
from tasks.store.calls import (
    Account,
    account_of,
    call_opens_at,
)
from tasks.store.ports import WaitingFor, WorkerCard

ALL = tuple(TaskKind)
ANALYSIS, CHAT = TaskKind.ANALYSIS, TaskKind.CHAT


def _card(worker: str = "w", slots: int = 10, kinds: tuple[TaskKind, ...] = ALL, **more: object) -> WorkerCard:
    return WorkerCard(worker, kinds, slots, "e", **more)  # type: ignore[arg-type]


def _bucket(rate: float) -> Bucket:
    bucket = Bucket()
    bucket.set_rate(rate, 0)
    return bucket


def test_bucket_without_a_limit_is_always_open_and_counts_nothing() -> None:
    bucket = Bucket()
    for _ in range(100):
        assert bucket.opens_at(0) is None
        bucket.take(0)
    bucket.set_rate(60, 0)
    assert bucket.opens_at(0) is None, "what was spent without a limit is not owed under one"


def test_bucket_holds_five_seconds_of_its_rate_at_least_one() -> None:
    assert _bucket(5).capacity == 1
    assert _bucket(600).capacity == 50


def test_bucket_of_five_a_minute_opens_every_twelve_seconds() -> None:
    bucket = _bucket(5)
    bucket.take(0)
    assert bucket.opens_at(0) == 12_001
    assert bucket.opens_at(6_000) in (12_000, 12_001)
    assert bucket.opens_at(12_001) is None


@given(
    st.floats(1, 6_000),
    st.lists(st.integers(0, 30_000), min_size=1, max_size=60),
)
def test_bucket_never_gives_more_than_its_rate_and_burst(rate: float, gaps: list[int]) -> None:
    bucket, now, taken = _bucket(rate), 0, 0
    for gap in gaps:
        now += gap
        while bucket.opens_at(now) is None:
            bucket.take(now)
            taken += 1
    assert taken <= bucket.capacity + rate * now / 60_000 + 1e-6


@given(st.floats(1, 6_000), st.integers(0, 100_000))
def test_bucket_opens_exactly_when_it_says(rate: float, now: int) -> None:
    bucket = _bucket(rate)
    while (at := bucket.opens_at(now)) is None:
        bucket.take(now)
    assert at > now
    assert bucket.opens_at(at) is None


def test_bucket_believes_headers_up_and_down_and_stays_a_little_behind() -> None:
    bucket = Bucket()
    bucket.believe(6_000, 100, 0, least=1)
    assert (bucket.rate, bucket.level) == (6_000, 75)
    bucket.believe(60, 0, 0, least=1)
    assert bucket.level is not None
    assert bucket.level < 0
    assert bucket.opens_at(0) is not None
    bucket.believe(None, None, 0)
    assert bucket.rate == 60


def test_need_beyond_a_full_bucket_waits_for_a_full_one_and_is_repaid() -> None:
    bucket = _bucket(60_000)  # a thousand a second, five thousand at once
    bucket.take(0, 1_000)
    assert bucket.opens_at(0, 20_000) == 1_001
    assert bucket.opens_at(1_001, 20_000) is None
    bucket.take(1_001, 20_000)
    assert bucket.level == -15_000
    assert bucket.opens_at(1_001, 1) is not None, "nothing is admitted while a level is negative"
    assert bucket.opens_at(16_100, 1) is None


@given(st.lists(st.tuples(st.integers(0, 5_000), st.floats(1, 50_000)), min_size=1, max_size=40))
def test_bucket_of_tokens_never_gives_more_than_its_rate_burst_and_one_need(asked: list[tuple[int, float]]) -> None:
    bucket, now, taken, largest = _bucket(60_000), 0, 0.0, 0.0
    for gap, need in asked:
        now += gap
        if bucket.opens_at(now, need) is None:
            assert bucket.refill(now) >= 0
            bucket.take(now, need)
            taken, largest = taken + need, max(largest, need)
    assert taken <= bucket.capacity + 60_000 * now / 60_000 + largest


def test_call_runs_alone_until_the_limit_is_known() -> None:
    def opens(bucket: Bucket, in_flight: int, now: int = 0, **account: float) -> tuple[bool, int | None]:
        told = {"rpm": 0, "input_tpm": 0, "output_tpm": 0, "concurrency": 0} | account
        return call_opens_at(bucket, [], Account("m", **told), in_flight, now)  # type: ignore[arg-type]

    assert opens(Bucket(), 0) == (True, None)
    assert opens(Bucket(), 1) == (False, None)
    assert opens(Bucket(known=True), 99) == (True, None)
    assert opens(Bucket(known=True, probing=True), 1) == (False, None)
    assert opens(Bucket(known=True), 2, concurrency=2) == (False, None)
    assert opens(Bucket(known=True, window=3.9), 3) == (False, None)
    assert opens(Bucket(closed_until=50), 0, now=10) == (False, 50)


def test_call_waits_for_the_slowest_of_its_budgets() -> None:
    account, tokens = Account("m", 600, 60_000, 0, 0), _bucket(60_000)
    tokens.take(0, 5_000)
    assert call_opens_at(_bucket(600), [(tokens, 3_000)], account, 0, 0) == (False, 3_001)
    assert call_opens_at(_bucket(600), [(tokens, 3_000)], account, 0, 3_001) == (True, None)


def test_overload_lowers_calls_at_a_time_and_success_widens_them_again() -> None:
    bucket = Bucket()
    bucket.note_failure(0, 10, "overloaded", 5_000)
    assert (bucket.window, bucket.closed_until) == (7, 0)
    for _ in range(7):
        bucket.note_success(100, 7)
    assert bucket.window == 14, "as many again in the time of one call"
    for _ in range(12):
        bucket.note_success(200, 7)
    assert bucket.window is None, "twice what runs holds nobody back"


def test_kinds_come_in_their_order_unless_who_would_go_is_far_ahead() -> None:
    waited = {ANALYSIS: 1, CHAT: 1}
    assert in_admission_order(waited, {ANALYSIS: 0, CHAT: HEAD_START}) == [CHAT, ANALYSIS]
    assert in_admission_order(waited, {ANALYSIS: 0, CHAT: HEAD_START + 1}) == [ANALYSIS, CHAT]
    assert in_admission_order({CHAT: 1}, {CHAT: 1e9}) == [CHAT]
    assert in_admission_order({ANALYSIS: 1, CHAT: AGEING_MS + 1}, {ANALYSIS: 0, CHAT: 1e9}) == [CHAT, ANALYSIS]


def test_overload_of_many_calls_at_once_is_one_overload() -> None:
    bucket = Bucket()
    for at in (0, 10, CUT_EVERY_MS - 1):
        bucket.note_failure(at, 10, "overloaded", 5_000)
    assert bucket.window == 7
    bucket.note_failure(CUT_EVERY_MS, 7, "overloaded", 5_000)
    assert bucket.window == 4


def test_slow_answer_lowers_calls_at_a_time_instead_of_widening_them() -> None:
    bucket = Bucket()
    bucket.note_success(0, 10, slow=True)
    assert bucket.window == 7
    bucket.note_success(1, 7, slow=True)
    assert bucket.window == 7


def test_latency_is_told_once_for_each_rise_of_it() -> None:
    estimates = Estimates()
    assert not any(estimates.note_run(6_500, 600) for _ in range(50))
    for ran_ms in (20_000, 60_000):
        assert [estimates.note_run(ran_ms, 600) for _ in range(300)].count(True) == 1
    assert not any(estimates.note_run(6_500, 600) for _ in range(300)), "becoming faster is no trouble"


def test_latency_of_long_and_short_answers_is_the_same() -> None:
    estimates = Estimates()
    assert not any(estimates.note_run((50 + tokens) * 12, tokens) for tokens in (20, 2_000) * 50)


def test_429_that_the_headers_explain_teaches_no_other_rate() -> None:
    bucket = _bucket(600)
    bucket.left = 0.0
    bucket.close(0, 1_000, "rate_limited")
    assert (bucket.pace, bucket.opens_at(0)) == (600, 1_000)


def test_429_that_no_header_explains_lowers_the_rate_and_success_gives_it_back() -> None:
    bucket = _bucket(600)
    bucket.close(0, 1_000, "rate_limited")
    bucket.close(10, 1_500, "rate_limited")
    assert bucket.pace == pytest.approx(EASED * 600), "once while it is closed"
    minute, successes = 0, 0
    while bucket.pace < 600:
        minute, successes = minute + 1, successes + int(bucket.pace)
        for _ in range(int(bucket.pace)):
            bucket.note_success(minute * 60_000, 10)
        assert minute < 8
    assert minute > 3, "a percent a minute at first"
    assert bucket.found is None


def test_429_teaches_a_rate_where_none_is_known() -> None:
    bucket = Bucket()
    for at in range(0, 180_000, 500):
        bucket.take(at)
    bucket.close(180_000, 181_000, "rate_limited")
    assert bucket.pace == pytest.approx(EASED * 120, rel=0.1)


def test_bucket_that_was_closed_by_a_429_opens_with_one_call() -> None:
    bucket = _bucket(600)
    bucket.close(0, 3_000, "rate_limited")
    assert bucket.refill(3_000) == pytest.approx(1)
    bucket.take(3_000)
    assert bucket.opens_at(3_000) is not None


def test_failures_in_a_row_pause_the_model_longer_and_longer_until_one_succeeds() -> None:
    bucket, pauses = Bucket(), []
    for _ in range(AWAY_AFTER + 6):
        bucket.closed_until = 0
        bucket.note_failure(0, 1, "server_error_500", 1_000)
        pauses.append(bucket.closed_until)
    assert pauses == [0] * (AWAY_AFTER - 1) + [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]
    assert (bucket.reason, bucket.probing) == ("engine_away", True)
    bucket.note_success(0, 1)
    assert (bucket.reason, bucket.probing, bucket.failures) == (None, False, 0)


def test_estimates_move_toward_what_calls_really_use() -> None:
    estimates = Estimates(1_000, 1_500)
    for _ in range(200):
        estimates.learn(10_000, Need(5_000, 400))
    need = estimates.need(10_000)
    assert need.input == pytest.approx(5_000, rel=0.01)
    assert 380 <= need.output <= 480


def test_first_calls_replace_the_guess_at_once() -> None:
    estimates = Estimates(1_000, 1_500)
    estimates.learn(10_000, Need(3_400, 90))
    assert estimates.need(10_000) == (3_400, 90)
    estimates.learn(10_000, Need(3_200, 110))
    assert estimates.need(10_000) == (3_300, 100)


def test_a_tenth_of_the_slots_is_kept_for_chat_unless_there_is_only_one() -> None:
    assert [kept_slots(n) for n in (1, 2, 9, 10, 19, 20, 100)] == [0, 1, 1, 1, 1, 2, 10]


def test_free_slots_leave_out_what_runs_and_what_may_land() -> None:
    cards = [_card("a"), _card("b", kinds=(CHAT,), slots=3)]
    assert free_slots(ANALYSIS, cards, {}, {}) == 9
    assert free_slots(CHAT, cards, {}, {}) == 13
    assert free_slots(ANALYSIS, cards, {"a": 4, "b": 3}, {CHAT: 2}) == 3
    assert free_slots(ANALYSIS, [_card("b", kinds=(CHAT,))], {}, {}) == 0
    assert (slots_of(CHAT, cards), slots_of(ANALYSIS, cards)) == (13, 10)


def test_limits_and_account_are_the_strictest_that_live_workers_announce() -> None:
    cards = [_card("a", limits={ANALYSIS: 10.0}), _card("b", limits={ANALYSIS: 5.0}), _card("c")]
    assert (limit_of(ANALYSIS, cards), limit_of(CHAT, cards)) == (5.0, 0.0)
    assert account_of(cards) is None
    claude = [_card("a", model="m", rpm=50.0), _card("b", model="m", rpm=40.0, output_tpm=900.0, concurrency=3), *cards]
    assert account_of(claude) == Account("m", 40.0, 0, 900.0, 3)


def test_waiting_names_the_one_thing_that_is_missing() -> None:
    def why(**more: object) -> tuple[WaitingFor, int | None]:
        usual = {"slots": 4, "kind_opens": None, "call_open": True, "call_opens": None, "reason": None}
        return why_waiting(**(usual | more))  # type: ignore[arg-type]

    assert why() == (WaitingFor.TURN, None)
    assert why(slots=0) == (WaitingFor.WORKER, None)
    assert why(kind_opens=70) == (WaitingFor.BUDGET, 70)
    assert why(kind_opens=70, call_open=False, call_opens=90) == (WaitingFor.BUDGET, 90)
    assert why(call_open=False, call_opens=90, reason="rate_limited") == (WaitingFor.BUDGET, 90)
    assert why(call_open=False, call_opens=90, reason="account_paused") == (WaitingFor.ENGINE, 90)


def test_kind_that_waited_too_long_goes_first_once() -> None:
    assert in_admission_order({ANALYSIS: 5, CHAT: 7}) == [CHAT, ANALYSIS]
    assert in_admission_order({ANALYSIS: AGEING_MS + 1, CHAT: 7}) == [ANALYSIS, CHAT]
    assert in_admission_order({ANALYSIS: AGEING_MS + 1, CHAT: AGEING_MS + 2}) == [CHAT, ANALYSIS]
    assert in_admission_order({}) == []
