"""The right to run an attempt: taken once, renewed, lost, handed back."""

from __future__ import annotations

from dataclasses import replace

from conformance.cell import MODEL, TIMING, Cell, eventually, token_of
from conformance.clock import CLOCK
from conformance.conftest import MakeStore
from conformance.lives import say

from tasks.contract.errors import TaskError
from tasks.contract.events import ProgressMade, TaskFailed, TaskStarted, TaskSucceeded
from tasks.contract.names import TaskKind
from tasks.contract.states import TaskState
from tasks.store.ports import AppendOutcome, NothingAdmitted, Store

ERROR = TaskError(code="engine_unavailable", message="m", retryable=True)


async def _swept(store: Store) -> bool:
    return await store.sweep() > 0


async def _lose_worker(cell: Cell, worker: str = "w1") -> None:
    """Let everything that was claimed so far run out of its lease and be swept."""
    await eventually(lambda: _swept(cell.store))


async def test_claim_gives_the_same_answer_to_the_same_token_and_none_to_another(cell: Cell, store: Store) -> None:
    task_id = await cell.submit(input={"content": "c"})
    await cell.announce()
    admitted = await cell.admit()
    first = await store.claim(task_id, admitted.attempt, "token", "w1")
    assert first is not None and first.input == {"content": "c"} and first.owner == "ann"
    assert await store.claim(task_id, admitted.attempt, "token", "w1") == first
    assert await store.claim(task_id, admitted.attempt, "other", "w2") is None


async def test_claim_refuses_an_older_attempt(cell: Cell, store: Store) -> None:
    task_id = await cell.submit()
    await cell.announce()
    await cell.admit()
    await eventually(lambda: _swept(store))
    assert (await cell.admit()).attempt == 2
    assert await store.claim(task_id, 1, "late", "w1") is None
    assert await store.claim(task_id, 2, "good", "w1") is not None


async def test_claim_refuses_a_message_whose_task_is_back_in_line(cell: Cell, store: Store) -> None:
    task_id = await cell.submit()
    await cell.announce()
    await cell.admit()
    await eventually(lambda: _swept(store))
    assert await store.claim(task_id, 1, "late", "w1") is None


async def test_sweep_puts_an_unclaimed_task_back_at_the_head_at_no_cost(cell: Cell, store: Store) -> None:
    first, second = await cell.submit(), await cell.submit()
    await cell.announce(limits={TaskKind.ANALYSIS: 6.0})
    await cell.admit()
    await eventually(lambda: _swept(store))
    assert [task for task, _ in await store.waiting(TaskKind.ANALYSIS, 9)] == [first, second]
    assert (await cell.admit()).task_id == first, "the limit's unit was given back"
    assert await cell.events(first) == ["task_queued", "task_admitted", "task_queued", "task_admitted"]


async def test_renew_holds_the_lease_through_sweeps(cell: Cell, store: Store) -> None:
    task_id = await cell.submit()
    await cell.announce()
    _, _, token = await cell.run()
    start = await store.now_ms()

    async def outlived() -> bool:
        assert await store.renew(task_id, 1, token)
        assert await store.sweep() == 0
        return await store.now_ms() - start > 1.2 * TIMING.lease_ms

    await eventually(outlived)
    assert not await store.renew(task_id, 1, "other token")
    assert not await store.renew(task_id, 2, token)


async def test_sweep_gives_a_lost_task_to_another_attempt_which_fences_the_old_one(cell: Cell, store: Store) -> None:
    task_id = await cell.submit()
    await cell.announce()
    _, _, token = await cell.run()
    await say(cell, task_id, 1, TaskStarted(attempt=1, engine="checker"))
    await _lose_worker(cell)
    assert not await store.renew(task_id, 1, token)
    again, _, _ = await cell.run("w2")
    assert again.attempt == 2
    stale = await store.append(task_id, token_of(task_id), 2, ProgressMade(percent=1, status="late"))
    assert stale.outcome is AppendOutcome.STALE
    assert (await cell.events(task_id)).count("progress_made") == 0


async def test_expired_lease_refuses_nothing_until_another_attempt_began(cell: Cell, store: Store) -> None:
    task_id = await cell.submit()
    await cell.announce()
    _, _, token = await cell.run()
    await _lose_worker(cell)
    answer = await store.append(task_id, token_of(task_id), 1, TaskSucceeded(result={"engine": "checker"}))
    assert answer.outcome is AppendOutcome.APPENDED
    await store.release(task_id, token)
    assert isinstance(await store.admit(), NothingAdmitted), "it ended and left the line"
    assert (await store.stats()).kinds[TaskKind.ANALYSIS].waiting == 0


async def test_task_that_kills_its_worker_three_times_ends_in_the_dead_letters(cell: Cell, store: Store) -> None:
    task_id = await cell.submit()
    for attempt in (1, 2, 3):
        await cell.announce(f"w{attempt}")
        assert (await cell.run(f"w{attempt}"))[0].attempt == attempt
        await _lose_worker(cell)
    reading = await store.read(task_id, -1, 0)
    assert reading is not None and reading.snapshot is not None
    assert reading.state is TaskState.FAILURE
    assert reading.snapshot.error is not None and reading.snapshot.error.code == "worker_lost"
    assert (await store.stats()).dead == 1
    failed, _ = await store.list_tasks("ann", state=TaskState.FAILURE, document_id=None, before=None, count=9)
    assert [t.task_id for t in failed] == [task_id]


async def test_loss_beside_others_makes_suspects_and_counts_for_nobody(cell: Cell, store: Store) -> None:
    poison, innocent = await cell.submit(), await cell.submit()
    await cell.announce("w1")
    await cell.run("w1")
    await cell.run("w1")

    async def both_back() -> bool:
        await store.sweep()
        return len(await store.waiting(TaskKind.ANALYSIS, 9)) == 2

    await eventually(both_back)
    await cell.run("w1")
    second = await cell.admit()
    assert await store.claim(second.task_id, second.attempt, "t", "w1") is None, "no two suspects in a process"
    assert (await cell.events(second.task_id))[-1] == "task_retrying"
    second = await cell.admit_eventually()
    assert await store.claim(second.task_id, second.attempt, "t", "w2") is not None
    await eventually(both_back)
    assert (await store.stats()).dead == 0
    assert poison != innocent


async def test_put_back_costs_nothing_and_keeps_the_place(cell: Cell, store: Store) -> None:
    first, second = await cell.submit(), await cell.submit()
    await cell.announce()
    _, _, token = await cell.run()
    assert await store.put_back(first, 1, token, reason="rate_limited")
    assert not await store.put_back(first, 1, token, reason="rate_limited"), "once per lease"
    assert [task for task, _ in await store.waiting(TaskKind.ANALYSIS, 9)] == [first, second]
    assert (await store.stats()).kinds[TaskKind.ANALYSIS].active == 0


async def test_park_fails_the_task_at_its_third_try(cell: Cell, store: Store) -> None:
    task_id = await cell.submit()
    await cell.announce()
    states = []
    for attempt in (1, 2, 3):
        _, claim, token = await cell.run()
        assert claim.failures == attempt - 1
        states.append(
            await store.park(
                task_id, attempt, token, reason="api_error", delay_ms=0, counts_for_model=None, failure=ERROR
            )
        )
    assert states == [TaskState.RETRY, TaskState.RETRY, TaskState.FAILURE]
    reading = await store.read(task_id, -1, 0)
    assert reading is not None and reading.snapshot is not None and reading.snapshot.error == ERROR


async def _succeed(cell: Cell) -> None:
    """A call that begins and succeeds now."""
    task_id = await cell.submit(owner="bob")
    _, _, token = await cell.run("w2")
    await say(cell, task_id, 1, TaskSucceeded(result={}))
    await cell.store.release(task_id, token, succeeded_model=MODEL)


async def test_park_does_not_count_a_failure_when_only_a_call_that_began_before_succeeded_since(
    cell: Cell, store: Store
) -> None:
    await cell.announce()
    early = await cell.submit(owner="bob")
    _, _, early_token = await cell.run()
    task_id = await cell.submit()
    for attempt in (1, 2, 3, 4):
        CLOCK.move(1)
        _, _, token = await cell.run()
        state = await store.park(
            task_id, attempt, token, reason="overloaded", delay_ms=0, counts_for_model=MODEL, failure=ERROR
        )
        assert state is TaskState.RETRY
        if attempt == 1:
            await say(cell, early, 1, TaskSucceeded(result={}))
            await store.release(early, early_token, succeeded_model=MODEL)


async def test_park_does_not_count_a_failure_when_no_call_of_the_model_succeeded_since(
    cell: Cell, store: Store
) -> None:
    task_id = await cell.submit()
    await cell.announce()
    for attempt in range(1, 6):
        _, _, token = await cell.run()
        state = await store.park(
            task_id, attempt, token, reason="overloaded", delay_ms=0, counts_for_model=MODEL, failure=ERROR
        )
        assert state is TaskState.RETRY, "an outage fails nobody"
    for attempt in (6, 7, 8):
        _, _, token = await cell.run()
        await _succeed(cell)
        state = await store.park(
            task_id, attempt, token, reason="overloaded", delay_ms=0, counts_for_model=MODEL, failure=ERROR
        )
    assert state is TaskState.FAILURE


async def test_park_refuses_a_stranger(cell: Cell, store: Store) -> None:
    task_id = await cell.submit()
    await cell.announce()
    await cell.run()
    refused = await store.park(task_id, 1, "stranger", reason="r", delay_ms=0, counts_for_model=None, failure=ERROR)
    assert refused is None
    assert (await cell.events(task_id))[-1] == "task_admitted"


async def test_cancel_ends_a_task_once_wherever_it_is(cell: Cell, store: Store) -> None:
    waiting, reserved, running = await cell.submit(), await cell.submit(), await cell.submit()
    assert await store.cancel(waiting) is TaskState.REVOKED
    await cell.announce()
    await cell.admit()
    assert await store.cancel(reserved) is TaskState.REVOKED
    assert await store.claim(reserved, 1, "late", "w1") is None
    _, _, token = await cell.run()
    assert await store.cancel(running) is TaskState.REVOKED
    assert await store.cancel(running) is TaskState.REVOKED
    refused = await store.append(running, token_of(running), 1, TaskSucceeded(result={}))
    assert refused.outcome is AppendOutcome.ENDED
    assert (await store.stats()).kinds[TaskKind.ANALYSIS].active == 1, "the slot is busy until the worker lets go"
    await store.release(running, token)
    stats = (await store.stats()).kinds[TaskKind.ANALYSIS]
    assert (stats.active, stats.reserved, stats.waiting) == (0, 0, 0)
    for task_id in (waiting, reserved, running):
        assert (await cell.events(task_id)).count("task_cancelled") == 1
    assert await store.cancel("unknown") is None


async def test_cancel_answers_the_true_state_after_another_end(cell: Cell, store: Store) -> None:
    task_id = await cell.submit()
    await cell.announce()
    _, _, token = await cell.run()
    await say(cell, task_id, 1, TaskSucceeded(result={}))
    assert await store.cancel(task_id) is TaskState.SUCCESS
    await store.release(task_id, token)
    await store.release(task_id, token)
    assert (await store.stats()).kinds[TaskKind.ANALYSIS].active == 0


async def test_release_frees_the_call_and_measures_the_run(cell: Cell, store: Store) -> None:
    task_id = await cell.submit()
    await cell.announce_claude(rpm=600.0)
    _, _, token = await cell.run()
    assert (await store.stats()).budgets[f"requests:{MODEL}"].in_flight == 1
    await say(cell, task_id, 1, TaskSucceeded(result={}))
    await store.release(task_id, token, succeeded_model=MODEL)
    stats = await store.stats()
    assert stats.budgets[f"requests:{MODEL}"].in_flight == 0
    assert stats.kinds[TaskKind.ANALYSIS].run_ms is not None


async def test_sweep_extends_all_leases_when_the_store_itself_was_away(make_store: MakeStore) -> None:
    away = await make_store(replace(TIMING, store_away_ms=100))
    cell = Cell(away)
    task_id = await cell.submit()
    await cell.announce()
    _, _, token = await cell.run()
    CLOCK.move(TIMING.lease_ms + 50)
    assert await away.sweep() == 0, "nobody could renew while nobody could sweep"
    assert await away.renew(task_id, 1, token)


async def test_task_that_was_sent_again_leaves_the_dead_letters(cell: Cell, store: Store) -> None:
    task_id = await cell.submit()
    await cell.announce()
    _, _, token = await cell.run()
    await say(cell, task_id, 1, TaskFailed(error=ERROR))
    await store.release(task_id, token)
    assert (await store.stats()).dead == 1
    again = await cell.submit()
    await store.note_sent_again(task_id, again)
    assert (await store.stats()).dead == 0
    dead, _ = await store.list_tasks("ann", state=TaskState.FAILURE, document_id=None, before=None, count=9)
    assert dead == ()
    everything, _ = await store.list_tasks("ann", state=None, document_id=None, before=None, count=9)
    assert {t.task_id: t.sent_again_as for t in everything} == {again: None, task_id: again}
    await store.note_sent_again("unknown", again)
    assert await store.read("unknown", None, 0) is None


async def test_time_is_added_up_over_the_attempts_that_count_as_tries(cell: Cell, store: Store) -> None:
    task_id = await cell.submit()
    await cell.announce_claude(rpm=60_000.0)
    ran = []
    for attempt, model in ((1, MODEL), (2, MODEL), (3, None)):
        _, claim, token = await cell.run()
        ran.append(claim.ran_ms)
        CLOCK.move(10)
        await store.park(task_id, attempt, token, reason="stalled", delay_ms=0, counts_for_model=model, failure=ERROR)
    _, claim, _ = await cell.run()
    assert ran == [0, 0, 0], "what an outage takes is no try"
    assert claim.ran_ms == 10


async def test_park_ends_the_task_when_it_was_the_last_try(cell: Cell, store: Store) -> None:
    task_id = await cell.submit()
    await cell.announce()
    _, _, token = await cell.run()
    park = {"reason": "deadline", "delay_ms": 0, "counts_for_model": None, "failure": ERROR, "last": True}
    assert await store.park(task_id, 1, token, **park) is TaskState.FAILURE  # type: ignore[arg-type]
