"""Token buckets and slots, without a store."""

from __future__ import annotations

from hypothesis import given, strategies as st

from tasks.contract.limits import LimitsLearned
from tasks.contract.names import TaskKind
from tasks.store.admission import (
    AGEING_MS,
    Account,
    Bucket,
    OwnerLine,
    account_of,
    call_opens_at,
    free_slots,
    in_admission_order,
    kept_slots,
    limit_of,
    order_of_admission,
    place_in_line,
    slots_of,
    why_waiting,
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
    bucket.believe(LimitsLearned(requests_limit=6_000, requests_remaining=100), 0)
    assert (bucket.rate, bucket.level) == (6_000, 75)
    bucket.believe(LimitsLearned(requests_limit=60, requests_remaining=0), 0)
    assert bucket.level is not None
    assert bucket.level < 0
    assert bucket.opens_at(0) is not None


def test_call_runs_alone_until_the_limit_is_known() -> None:
    account = Account("m", rpm=0, concurrency=0)
    assert call_opens_at(Bucket(), account, 0, 0) == (True, None)
    assert call_opens_at(Bucket(), account, 1, 0) == (False, None)
    assert call_opens_at(Bucket(known=True), account, 99, 0) == (True, None)
    assert call_opens_at(Bucket(known=True, probing=True), account, 1, 0) == (False, None)
    assert call_opens_at(Bucket(known=True), Account("m", 0, 2), 2, 0) == (False, None)
    assert call_opens_at(Bucket(closed_until=50), account, 0, 10) == (False, 50)


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
    claude = [_card("a", model="m", rpm=50.0), _card("b", model="m", rpm=40.0, concurrency=3), *cards]
    assert account_of(claude) == Account("m", 40.0, 3)


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


@given(st.lists(st.lists(st.floats(1, 1e5), max_size=12), max_size=8), st.integers(1, 60))
def test_order_of_admission_serves_everyone_and_nobody_far_ahead(costs: list[list[float]], count: int) -> None:
    lines = [OwnerLine(0.0, [(f"{o}.{n}", cost) for n, cost in enumerate(line)]) for o, line in enumerate(costs)]
    order = order_of_admission(lines, count)
    assert len(order) == min(count, sum(map(len, costs)))
    assert len(set(order)) == len(order)
    served = [0.0] * len(costs)
    for task_id in order:
        owner, number = map(int, task_id.split("."))
        waiting = [o for o, line in enumerate(costs) if any(f"{o}.{n}" not in order for n in range(len(line)))]
        assert all(served[owner] <= served[other] + 1e-6 for other in waiting), "the lowest counter goes first"
        served[owner] += costs[owner][number]


def test_order_of_admission_ends_where_a_lines_continuation_is_not_known() -> None:
    lines = [OwnerLine(0.0, [("a1", 1.0)], whole=False), OwnerLine(0.5, [("b1", 9.0), ("b2", 9.0)])]
    assert order_of_admission(lines, 10) == ("a1",)


def test_place_in_line_is_exact_for_one_owner_and_for_heads() -> None:
    assert [place_in_line(own, 1, 0, 9) for own in range(3)] == [1, 2, 3]
    assert [place_in_line(0, 4, rank, 9) for rank in range(4)] == [1, 2, 3, 4]
    assert place_in_line(50, 4, 1, 60) == 60
