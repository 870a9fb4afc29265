"""Which model a call goes to while the main one is away."""

from __future__ import annotations

from conformance.cell import MODEL, Cell, eventually

from tasks.contract.errors import TaskError
from tasks.contract.limits import LimitsLearned, ModelTerms
from tasks.contract.names import TaskKind
from tasks.contract.states import TaskState
from tasks.store.buckets import (
    AWAY_AFTER,
)
from tasks.store.ports import Admission, NothingAdmitted, Store, WaitingFor

SECOND, THIRD = "model-y", "model-z"
FAILED = TaskError(code="engine_unavailable", message="m", retryable=True)


async def _announce(cell: Cell, **more: object) -> None:
    terms = tuple(map(ModelTerms, (MODEL, SECOND, THIRD)))
    await cell.announce_claude(terms=terms, slots=20, **{"rpm": 60_000.0, **more})


async def _know(store: Store, *models: str) -> None:
    """An answer of each has told its limits."""
    for model in models:
        await store.learn(model, LimitsLearned(requests_limit=60_000, requests_remaining=59_000))


async def test_calls_go_to_the_main_model_while_it_is_there(cell: Cell, store: Store) -> None:
    await _announce(cell)
    await _know(store, MODEL, SECOND)
    await cell.submit()
    admitted, claim, _ = await cell.run()
    assert (admitted.model, claim.model) == (MODEL, MODEL)


async def test_full_budget_of_the_main_model_is_waited_for(cell: Cell, store: Store) -> None:
    await _announce(cell)
    await _know(store, MODEL, SECOND)
    await store.close_budget(MODEL, 30_000, "rate_limited")
    await cell.submit()
    assert isinstance(await store.admit(), NothingAdmitted)
    assert (await store.stats()).kinds[TaskKind.ANALYSIS].waiting_for is WaitingFor.BUDGET


async def test_calls_go_to_the_next_model_that_has_room_while_the_main_one_is_away(cell: Cell, store: Store) -> None:
    await _announce(cell)
    await _know(store, MODEL, SECOND, THIRD)
    await store.close_budget(MODEL, 30_000, "engine_away")
    await cell.submit()
    _, claim, token = await cell.run()
    assert claim.model == SECOND
    assert (await store.stats()).budgets[f"requests:{SECOND}"].in_flight == 1
    await store.close_budget(SECOND, 30_000, "rate_limited")
    await cell.submit()
    assert (await cell.admit()).model == THIRD
    await store.release(claim.snapshot.task_id, token, succeeded_model=SECOND)
    assert (await store.stats()).budgets[f"requests:{SECOND}"].in_flight == 0


async def test_failures_in_a_row_open_the_breaker_and_one_call_asks_whether_it_is_back(
    cell: Cell, store: Store
) -> None:
    await _announce(cell)
    await _know(store, MODEL, SECOND)
    for _ in range(AWAY_AFTER):
        task_id = await cell.submit()
        _, claim, token = await cell.run()
        assert claim.model == MODEL
        parked = await store.park(
            task_id, 1, token, reason="overloaded", delay_ms=60_000, counts_for_model=MODEL, failure=FAILED
        )
        assert parked is TaskState.RETRY
    for _ in range(3):
        await cell.submit()
    assert (await cell.admit()).model == SECOND
    models = []

    async def probed() -> bool:
        await cell.submit()
        admitted = await store.admit()
        models.extend([admitted.model] if isinstance(admitted, Admission) else [])
        return MODEL in models

    await eventually(probed)
    await cell.submit()
    assert (await cell.admit()).model == SECOND, "while one call asks, the others go elsewhere"


async def test_tasks_wait_for_the_engine_when_all_models_are_away(cell: Cell, store: Store) -> None:
    await _announce(cell)
    await _know(store, MODEL, SECOND, THIRD)
    for model, ms in ((MODEL, 60_000), (SECOND, 20_000), (THIRD, 40_000)):
        await store.close_budget(model, ms, "engine_away")
    task_id = await cell.submit()
    refused = await store.admit()
    assert isinstance(refused, NothingAdmitted) and refused.next_in_ms is not None
    assert 19_000 < refused.next_in_ms <= 20_000, "the first of them that may be back"
    kind = (await store.stats()).kinds[TaskKind.ANALYSIS]
    assert (kind.waiting, kind.waiting_for) == (1, WaitingFor.ENGINE)
    assert await cell.events(task_id) == ["task_queued"]


async def test_configured_limits_are_believed_of_the_main_model_only(cell: Cell, store: Store) -> None:
    await _announce(cell, rpm=600.0)
    await store.close_budget(MODEL, 30_000, "engine_away")
    await cell.submit()
    await cell.submit()
    assert (await cell.admit()).model == SECOND
    assert (await cell.admit()).model == THIRD, "one call at a time until its limits are known"


async def test_calls_at_a_time_are_counted_over_all_models(cell: Cell, store: Store) -> None:
    await _announce(cell, concurrency=2)
    await _know(store, MODEL, SECOND)
    for _ in range(3):
        await cell.submit()
    await cell.admit()
    await store.close_budget(MODEL, 30_000, "engine_away")
    assert (await cell.admit()).model == SECOND
    assert isinstance(await store.admit(), NothingAdmitted)


async def test_task_for_the_checker_starts_whatever_the_models_do(cell: Cell, store: Store) -> None:
    await _announce(cell)
    await store.close_budget(MODEL, 30_000, "account_paused")
    for model in (SECOND, THIRD):
        await store.close_budget(model, 30_000, "account_paused")
    await cell.submit()
    await cell.submit(owner="bob")
    checked = await cell.submit(asked_engine="checker")
    admitted = await cell.admit()
    assert (admitted.task_id, admitted.model) == (checked, None)
    assert isinstance(await store.admit(), NothingAdmitted)
