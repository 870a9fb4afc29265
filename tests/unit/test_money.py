"""The books of a day: what is held, what is spent, and what fits in."""

from __future__ import annotations

import pytest

from tasks.contract.errors import CostLimitReached
from tasks.contract.events import Usage, UsageReported
from tasks.contract.limits import ModelTerms, Price
from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tasks.contract.timing import Timing
from tasks.store.memory import MemoryStore
from tasks.store.money import DAY_MS, EVERYBODY, NANOS, Books, expected_nanos, of_owner, opens_at
from tasks.store.ports import Admission, WorkerCard

TERMS = ModelTerms("m", Price(input=1, output=5, cache_write=1.25, cache_read=0.1), least_cached_tokens=1_000)
NOON = 20_000 * DAY_MS + DAY_MS // 2


def test_expectation_prices_own_tokens_output_and_the_shared_part() -> None:
    def nanos(shared: float, *, first: bool) -> int:
        return expected_nanos(TERMS, (1_000, 100), shared, first=first)

    own = 1_000_000 + 500_000
    assert nanos(0, first=True) == own
    assert nanos(10_000, first=True) == own + 12_500_000
    assert nanos(10_000, first=False) == own + 1_000_000
    assert nanos(999, first=False) == own + 999_000, "too little to be cached"
    assert expected_nanos(ModelTerms("unheard-of"), (1_000, 100), 0, first=True) == 0


def test_what_is_held_and_let_go_adds_up_to_nothing() -> None:
    books = Books()
    amounts = [7, 123_456_789, 1, 333_333_333]
    for nanos in amounts:
        books.hold("ann", nanos)
    for nanos in reversed(amounts):
        books.hold("ann", -nanos)
    assert books.level(EVERYBODY, None, NOON).held_usd == books.level(of_owner("ann"), None, NOON).held_usd == 0


def test_room_counts_what_is_spent_today_and_what_is_held() -> None:
    books = Books()
    books.hold("ann", NANOS // 4)
    books.spend("ann", NANOS // 2, NOON)
    assert books.has_room(EVERYBODY, 1.0, NANOS // 4, NOON)
    assert not books.has_room(EVERYBODY, 1.0, NANOS // 4 + 1, NOON)
    assert books.has_room(of_owner("bob"), 1.0, NANOS, NOON)
    assert books.has_room(EVERYBODY, None, 10**18, NOON)


def test_a_day_ends_at_midnight_utc_and_is_remembered() -> None:
    books = Books()
    books.spend("ann", NANOS, NOON)
    tomorrow = NOON + DAY_MS
    assert opens_at(NOON) == NOON + DAY_MS // 2
    assert books.level(EVERYBODY, 1.0, tomorrow).spent_usd == 0
    assert books.days("ann", 2, tomorrow) == ((20_000, 1.0),)
    assert books.days("ann", 1, tomorrow) == ()
    books.forget(tomorrow)
    assert books.days("ann", 9, tomorrow) == ()


async def test_limit_opens_again_the_next_day_less_what_is_still_held() -> None:
    now = NOON
    store = MemoryStore(Timing(), lambda: now)

    def task(number: int) -> NewTask:
        return NewTask(task_id=f"t{number}", kind=TaskKind.ANALYSIS, owner="ann")

    async def announce() -> None:
        card = WorkerCard(
            "w", tuple(TaskKind), 8, "claude", "m", rpm=6_000, terms=(TERMS,), daily_cost_limit_usd=0.02
        )  # fmt: skip
        await store.announce(card)

    await announce()
    await store.submit([task(1)])
    admitted = await store.admit()
    assert isinstance(admitted, Admission)
    await store.claim("t1", 1, "token", "w")
    await store.append("t1", "token", 1, UsageReported(usage=Usage(input_tokens=1), cost_usd=0.015))
    with pytest.raises(CostLimitReached) as refused:
        await store.submit([task(2)])
    now = refused.value.data["opens_at"]
    await announce()
    await store.submit([task(3)])
    await store.submit([task(4)])
    with pytest.raises(CostLimitReached):
        await store.submit([task(5)])
    await store.append("t1", "token", 2, UsageReported(usage=Usage(input_tokens=2), cost_usd=0.0155))
    costs = await store.costs("ann", 2)
    assert costs.mine.spent_usd == pytest.approx(0.0005), "only what was reported since midnight"
    assert costs.days == ((20_001, 0.0005), (20_000, 0.015))
