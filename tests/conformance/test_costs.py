"""What a day may cost: held at submission, spent as it is reported, refused when it does not fit."""

from __future__ import annotations

from typing import Any

import pytest
from conformance.cell import MODEL, Cell
from conformance.lives import say

from tasks.contract.errors import CostLimitReached, TaskError
from tasks.contract.events import TaskSucceeded, Usage, UsageReported
from tasks.contract.limits import ModelTerms, Price
from tasks.contract.names import TaskKind
from tasks.store.money import DAY_MS
from tasks.store.ports import Store

PRICE = Price(input=1, output=5, cache_write=1.25, cache_read=0.1)
OF_ONE = (1_000 * 1 + 1_500 * 5) / 1_000_000
"""The first guess of a review without text, at that price."""


async def _announce(cell: Cell, **limits: float) -> None:
    await cell.announce_claude(terms=(ModelTerms(MODEL, PRICE),), rpm=60_000.0, **limits)


async def _cost(cell: Cell, owner: str = "ann") -> tuple[float, float, float, float]:
    """Held and spent of the owner, then of all."""
    costs = await cell.store.costs(owner, 3)
    return costs.mine.held_usd, costs.mine.spent_usd, costs.all.held_usd, costs.all.spent_usd


def _reported(cost_usd: float | None) -> UsageReported:
    return UsageReported(usage=Usage(input_tokens=1), cost_usd=cost_usd)


async def test_submission_holds_what_it_may_cost_and_gives_it_up_as_it_is_spent(cell: Cell, store: Store) -> None:
    await _announce(cell, daily_cost_limit_usd=1.0)
    task_id = await cell.submit()
    assert await _cost(cell) == (OF_ONE, 0, OF_ONE, 0)
    _, _, token = await cell.run()
    await say(cell, task_id, 1, _reported(0.002), _reported(0.003))
    assert await _cost(cell) == pytest.approx((OF_ONE - 0.003, 0.003, OF_ONE - 0.003, 0.003))
    await store.append(task_id, token, 3, TaskSucceeded(result={}))
    await store.release(task_id, token, succeeded_model=MODEL)
    assert await _cost(cell) == (0, 0.003, 0, 0.003)
    assert await _cost(cell, "bob") == (0, 0, 0, 0.003)
    assert (await store.stats()).costs.spent_usd == 0.003


async def test_cost_of_a_repeated_report_is_spent_once(cell: Cell, store: Store) -> None:
    await _announce(cell)
    task_id = await cell.submit()
    _, _, token = await cell.run()
    for _ in range(3):
        await store.append(task_id, token, 1, _reported(0.5))
    assert await _cost(cell) == (0, 0.5, 0, 0.5)


async def test_cost_of_a_later_attempt_is_what_it_adds(cell: Cell, store: Store) -> None:
    await _announce(cell)
    task_id = await cell.submit()
    _, _, token = await cell.run()
    await say(cell, task_id, 1, _reported(0.25))
    error = TaskError(code="c", message="m", retryable=True)
    await store.park(task_id, 1, token, reason="stalled", delay_ms=0, counts_for_model=MODEL, failure=error)
    await cell.run()
    await say(cell, task_id, 2, _reported(0.75))
    assert (await _cost(cell))[1] == 0.75


@pytest.mark.parametrize("end", ["cancel", "delete"])
async def test_what_a_task_holds_is_given_up_when_it_ends_without_spending(cell: Cell, store: Store, end: str) -> None:
    await _announce(cell, owner_daily_cost_limit_usd=1.0)
    for _ in range(7):
        task_id = await cell.submit(document_id="d1", section_id="s1", input_chars=1_234, shared_chars=9_999)
        if end == "cancel":
            await store.cancel(task_id)
    if end == "delete":
        assert (await _cost(cell))[0] > 7 * OF_ONE
        await store.delete_document("d1")
    assert await _cost(cell) == (0, 0, 0, 0), "nothing is left over of what was added and taken away"


@pytest.mark.parametrize(
    ("limits", "scope"), [({"owner_daily_cost_limit_usd": 0.02}, "owner"), ({"daily_cost_limit_usd": 0.02}, "all")]
)
async def test_submission_is_refused_when_it_does_not_fit(
    cell: Cell, store: Store, limits: dict[str, Any], scope: str
) -> None:
    await _announce(cell, **limits)
    await cell.submit()
    await cell.submit()
    with pytest.raises(CostLimitReached) as refused:
        await cell.submit()
    told, now = refused.value.data, await store.now_ms()
    assert (told["scope"], told["limit_usd"], told["offer"]) == (scope, 0.02, {"engine": "checker"})
    assert told["held_usd"] == 2 * OF_ONE
    assert told["retry_after_s"] <= 60, "they may cost less than they hold"
    assert told["opens_at"] % DAY_MS == 0 and 0 < told["opens_at"] - now <= DAY_MS
    assert (await store.stats()).kinds[TaskKind.ANALYSIS].waiting == 2
    await cell.submit(asked_engine="checker")
    if scope == "owner":
        await cell.submit(owner="bob")


async def test_submission_of_many_is_refused_whole(cell: Cell, store: Store) -> None:
    await _announce(cell, daily_cost_limit_usd=0.02)
    with pytest.raises(CostLimitReached):
        await cell.submit_many(3)
    assert (await store.stats()).kinds[TaskKind.ANALYSIS].waiting == 0
    assert await _cost(cell) == (0, 0, 0, 0)


async def test_limit_holds_also_while_no_worker_is_up(cell: Cell, store: Store) -> None:
    await _announce(cell, daily_cost_limit_usd=0.001)
    await store.withdraw("w1")
    with pytest.raises(CostLimitReached) as refused:
        await cell.submit()
    until_midnight_ms = refused.value.data["opens_at"] - await store.now_ms()
    assert abs(1_000 * refused.value.data["retry_after_s"] - until_midnight_ms) < 5_000


async def test_the_strictest_of_the_workers_limits_holds(cell: Cell) -> None:
    await _announce(cell, daily_cost_limit_usd=0.001)
    await cell.announce_claude("w2", terms=(ModelTerms(MODEL, PRICE),), daily_cost_limit_usd=100.0)
    await cell.announce_claude("w3", terms=(ModelTerms(MODEL, PRICE),))
    with pytest.raises(CostLimitReached):
        await cell.submit()


async def test_shared_text_is_held_as_written_once_and_read_by_the_others(cell: Cell) -> None:
    await _announce(cell, daily_cost_limit_usd=1.0)
    await cell.submit_many(3, document_id="d1", shared_chars=100_000)
    shared = 100_000 * 0.3 / 1_000_000 * (1.25 + 2 * 0.1)
    assert (await _cost(cell))[0] == pytest.approx(3 * OF_ONE + shared)


async def test_text_too_short_for_the_cache_is_held_at_the_full_price(cell: Cell) -> None:
    await _announce(cell, daily_cost_limit_usd=1.0)
    await cell.submit_many(2, document_id="d1", shared_chars=1_000)
    assert (await _cost(cell))[0] == pytest.approx(2 * OF_ONE + 2 * 1_000 * 0.3 / 1_000_000)


async def test_days_list_what_an_owner_spent(cell: Cell, store: Store) -> None:
    await _announce(cell)
    task_id = await cell.submit()
    await cell.run()
    await say(cell, task_id, 1, _reported(0.125))
    costs = await store.costs("ann", 3)
    assert costs.days == ((await store.now_ms() // DAY_MS, 0.125),)
    assert (await store.costs("bob", 3)).days == ()


async def test_claim_tells_the_engine_that_was_asked_for(cell: Cell) -> None:
    await _announce(cell)
    await cell.submit(asked_engine="checker")
    _, claim, _ = await cell.run()
    assert claim.asked_engine == "checker"
