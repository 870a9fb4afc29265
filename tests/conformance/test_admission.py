"""Which task starts, when, and what it costs."""

from __future__ import annotations

import pytest
from conformance.cell import MODEL, Cell, eventually, token_of
from conformance.clock import CLOCK
from conformance.lives import say

from tasks.contract.errors import TaskError
from tasks.contract.events import TaskSucceeded
from tasks.contract.limits import LimitsLearned, Spent
from tasks.contract.names import TaskKind
from tasks.contract.states import TaskState
from tasks.store.ports import Admission, NothingAdmitted, Store, WaitingFor


async def test_admit_starts_nothing_when_no_worker_is_up(cell: Cell, store: Store) -> None:
    await cell.submit()
    assert await store.admit() == NothingAdmitted(None)
    stats = await store.stats()
    assert stats.kinds[TaskKind.ANALYSIS].waiting_for is WaitingFor.WORKER
    assert (stats.workers, stats.slots) == (0, 0)


async def test_admit_takes_first_come_first_and_chat_before_analysis(cell: Cell) -> None:
    first, second = await cell.submit(owner="bob"), await cell.submit()
    chat = await cell.submit(TaskKind.CHAT)
    await cell.announce()
    admitted = [await cell.admit() for _ in range(3)]
    assert [a.task_id for a in admitted] == [chat, first, second]
    assert [a.attempt for a in admitted] == [1, 1, 1]
    assert await cell.events(first) == ["task_queued", "task_admitted"]


async def test_admit_stops_when_the_slots_are_used_and_keeps_some_for_chat(cell: Cell, store: Store) -> None:
    for _ in range(5):
        await cell.submit()
    await cell.announce(slots=3)
    await cell.admit()
    await cell.run()
    assert isinstance(await store.admit(), NothingAdmitted), "a slot is kept for chat"
    chat = await cell.submit(TaskKind.CHAT)
    assert (await cell.admit()).task_id == chat
    stats = await store.stats()
    kind = stats.kinds[TaskKind.ANALYSIS]
    assert (kind.waiting, kind.reserved, kind.active, kind.slots) == (3, 1, 1, 3)
    assert stats.kinds[TaskKind.CHAT].reserved == 1


async def test_admit_uses_the_only_slot_for_anything(cell: Cell) -> None:
    task_id = await cell.submit()
    await cell.announce(slots=1)
    assert (await cell.admit()).task_id == task_id


async def test_admit_counts_only_slots_that_serve_the_kind(cell: Cell, store: Store) -> None:
    await cell.submit()
    await cell.announce(slots=8, kinds=(TaskKind.CHAT,))
    assert isinstance(await store.admit(), NothingAdmitted)
    await cell.announce("w2", slots=1, kinds=(TaskKind.ANALYSIS,))
    await cell.admit()


async def test_admit_holds_a_kind_limit_over_all_workers(cell: Cell, store: Store) -> None:
    for _ in range(12):
        await cell.submit()
    for worker in ("w1", "w2", "w3"):
        await cell.announce(worker, slots=8, limits={TaskKind.ANALYSIS: 60.0})
    taken = 0
    while isinstance(await store.admit(), Admission):
        taken += 1
    assert 5 <= taken <= 6, "a burst of five seconds' rate, whatever the number of workers"


async def test_admit_says_when_a_limit_reopens(cell: Cell, store: Store) -> None:
    for _ in range(3):
        await cell.submit()
    await cell.announce(limits={TaskKind.ANALYSIS: 5.0})
    await cell.admit()
    refused = await store.admit()
    now = await store.now_ms()
    assert isinstance(refused, NothingAdmitted) and refused.next_in_ms is not None
    assert 11_000 < refused.next_in_ms <= 12_001
    kind = (await store.stats()).kinds[TaskKind.ANALYSIS]
    assert kind.waiting_for is WaitingFor.BUDGET and kind.limit_per_minute == 5.0
    assert kind.reopens_at is not None and abs(kind.reopens_at - now - refused.next_in_ms) < 50


async def test_admit_runs_one_call_until_the_accounts_limit_is_known(cell: Cell, store: Store) -> None:
    for _ in range(4):
        await cell.submit()
    await cell.announce_claude()
    await cell.admit()
    assert isinstance(await store.admit(), NothingAdmitted)
    await store.learn(MODEL, LimitsLearned(requests_limit=6000, requests_remaining=5999))
    await cell.admit()
    budget = (await store.stats()).budgets[f"requests:{MODEL}"]
    assert budget.limit == 6000 and budget.in_flight == 2


async def test_admit_runs_freely_when_the_provider_tells_no_limit(cell: Cell, store: Store) -> None:
    first = await cell.submit()
    await cell.submit()
    await cell.announce_claude()
    _, _, token = await cell.run()
    await store.release(first, token, succeeded_model=MODEL)
    await cell.submit()
    await cell.admit()
    await cell.admit()


async def test_admit_believes_what_is_left(cell: Cell, store: Store) -> None:
    await cell.announce_claude()
    await store.learn(MODEL, LimitsLearned(requests_limit=60, requests_remaining=1))
    await cell.submit()
    refused = await store.admit()
    assert isinstance(refused, NothingAdmitted) and refused.next_in_ms is not None


async def test_admit_waits_for_a_closed_budget_and_says_why(cell: Cell, store: Store) -> None:
    await cell.announce_claude(rpm=6000.0)
    await cell.submit()
    await store.close_budget(MODEL, 30_000, "rate_limited")
    refused = await store.admit()
    assert isinstance(refused, NothingAdmitted) and refused.next_in_ms is not None
    assert 29_000 < refused.next_in_ms <= 30_000
    assert (await store.stats()).kinds[TaskKind.ANALYSIS].waiting_for is WaitingFor.BUDGET
    await store.close_budget(MODEL, 60_000, "account_paused")
    stats = await store.stats()
    assert stats.kinds[TaskKind.ANALYSIS].waiting_for is WaitingFor.ENGINE
    assert stats.budgets[f"requests:{MODEL}"].reason == "account_paused"


async def test_admit_probes_with_one_call_after_a_pause(cell: Cell, store: Store) -> None:
    await cell.announce_claude(rpm=6000.0)
    first = await cell.submit()
    await cell.submit()
    await store.close_budget(MODEL, 20, "account_paused")
    await eventually(lambda: _admitted(store))
    assert isinstance(await store.admit(), NothingAdmitted), "one call probes"
    assert await store.claim(first, 1, "t", "w1")
    await store.release(first, "t", succeeded_model=MODEL)
    await cell.admit()


async def _admitted(store: Store) -> bool:
    return isinstance(await store.admit(), Admission)


async def test_admit_holds_the_configured_concurrency(cell: Cell, store: Store) -> None:
    await cell.announce_claude(rpm=60_000.0, concurrency=2)
    for _ in range(3):
        await cell.submit()
    await cell.admit()
    await cell.admit()
    assert isinstance(await store.admit(), NothingAdmitted)


@pytest.mark.parametrize("kind", [TaskKind.CHAT, TaskKind.ANALYSIS])
async def test_admit_takes_a_parked_task_again_when_its_time_has_come(cell: Cell, store: Store, kind: TaskKind) -> None:
    task_id = await cell.submit(kind)
    await cell.announce()
    _, _, token = await cell.run()
    error = TaskError(code="c", message="m", retryable=True)
    state = await store.park(task_id, 1, token, reason="overloaded", delay_ms=40, counts_for_model=None, failure=error)
    assert state is TaskState.RETRY
    refused = await store.admit()
    assert isinstance(refused, NothingAdmitted) and refused.next_in_ms is not None
    assert (await store.stats()).kinds[kind].parked == 1
    await eventually(lambda: _admitted(store))
    assert await cell.events(task_id) == [
        "task_queued", "task_admitted", "task_retrying", "task_queued", "task_admitted",
    ]  # fmt: skip


async def test_withdraw_takes_the_slots_away(cell: Cell, store: Store) -> None:
    await cell.announce()
    await cell.submit()
    await store.withdraw("w1")
    assert isinstance(await store.admit(), NothingAdmitted)
    assert (await store.stats()).workers == 0


async def test_admit_waits_until_the_tokens_of_a_call_are_there(cell: Cell, store: Store) -> None:
    await cell.announce_claude(rpm=60_000.0, input_tpm=60_000.0)
    first = await cell.submit(input_chars=20_000)
    await cell.submit(input_chars=20_000)
    assert (await cell.admit()).task_id == first
    refused = await store.admit()
    assert isinstance(refused, NothingAdmitted)
    assert refused.next_in_ms is not None, "7,000 of 5,000 tokens were taken; the next needs a full bucket"
    assert 6_500 < refused.next_in_ms <= 7_001
    kind = (await store.stats()).kinds[TaskKind.ANALYSIS]
    assert kind.waiting_for is WaitingFor.BUDGET
    left = (await store.stats()).budgets[f"input:{MODEL}"].left
    assert left is not None
    assert -2_000 <= left < -1_500


async def test_admit_gets_back_what_a_call_did_not_use(cell: Cell, store: Store) -> None:
    await cell.announce_claude(rpm=60_000.0, input_tpm=60_000.0, output_tpm=60_000.0)
    first = await cell.submit(input_chars=10_000)
    _, _, token = await cell.run()
    before = (await store.stats()).budgets
    await store.release(first, token, spent=Spent(MODEL, input_tokens=100, output_tokens=5))
    after = (await store.stats()).budgets
    for what, taken, used in (("input", 4_000, 100), ("output", 1_500, 5)):
        gained = (after[f"{what}:{MODEL}"].left or 0) - (before[f"{what}:{MODEL}"].left or 0)
        assert gained > 0
        assert gained == pytest.approx(min(taken - used, 5_000), abs=200)


async def test_admit_expects_what_such_calls_really_used(cell: Cell, store: Store) -> None:
    await cell.announce_claude(slots=40, rpm=60_000.0, output_tpm=6_000_000.0)
    for number in range(30):
        task_id = await cell.submit()
        _, _, token = await cell.run()
        await say(cell, task_id, 1, TaskSucceeded(result={"number": number}))
        await store.release(task_id, token, spent=Spent(MODEL, input_tokens=0, output_tokens=50))
    before = (await store.stats()).budgets[f"output:{MODEL}"].left or 0
    await cell.submit()
    await cell.admit()
    after = (await store.stats()).budgets[f"output:{MODEL}"].left or 0
    assert before - after < 1_200, "the first guess was 1,500"


async def test_admit_believes_token_limits_of_the_headers(cell: Cell, store: Store) -> None:
    await cell.announce_claude(rpm=60_000.0, input_tpm=1.0)
    limits = LimitsLearned(600, 599, input_limit=600_000, input_remaining=590_000, output_limit=60_000)
    await store.learn(MODEL, limits)
    budgets = (await store.stats()).budgets
    assert {what: budgets[f"{what}:{MODEL}"].limit for what in ("requests", "input", "output")} == {
        "requests": 600,
        "input": 600_000,
        "output": 60_000,
    }
    await cell.submit()
    await cell.admit()


async def test_admit_sends_fewer_calls_at_a_time_after_an_overload(cell: Cell, store: Store) -> None:
    await cell.announce_claude(rpm=600_000.0)
    tasks = [await cell.submit() for _ in range(4)]
    running = [await cell.run() for _ in tasks[:3]]
    _, _, token = running[0]
    await store.park(tasks[0], 1, token, reason="overloaded", delay_ms=60_000, counts_for_model=MODEL, failure=ERROR)
    assert isinstance(await store.admit(), NothingAdmitted), "three ran, two may now, and two do"
    await say(cell, tasks[1], 1, TaskSucceeded(result={}))
    await store.release(tasks[1], running[1][2], succeeded_model=MODEL)
    assert (await cell.admit()).task_id == tasks[3]


async def test_admit_waits_for_an_engine_that_is_away_and_fails_nobody(cell: Cell, store: Store) -> None:
    await cell.announce_claude(slots=40, rpm=600_000.0)
    tasks = [await cell.submit() for _ in range(8)]
    for task_id in tasks[:5]:
        _, _, token = await cell.run()
        state = await store.park(
            task_id, 1, token, reason="connection_lost", delay_ms=60_000, counts_for_model=MODEL, failure=ERROR
        )
        assert state is TaskState.RETRY
    await eventually(lambda: _admitted(store))
    assert isinstance(await store.admit(), NothingAdmitted), "one call probes"
    assert (await store.stats()).kinds[TaskKind.ANALYSIS].waiting_for is WaitingFor.ENGINE
    assert await store.claim(tasks[5], 1, "probe", "w1")
    await say(cell, tasks[5], 1, TaskSucceeded(result={}))
    await store.release(tasks[5], "probe", succeeded_model=MODEL)
    await cell.admit()
    await cell.admit()


async def _answer(cell: Cell, task_id: str, token: str, output: int) -> None:
    """The call of a running task succeeds."""
    await say(cell, task_id, 1, TaskSucceeded(result={}))
    spent = Spent(MODEL, input_tokens=100, output_tokens=output)
    await cell.store.release(task_id, token, succeeded_model=MODEL, spent=spent)


async def test_admit_sends_fewer_calls_at_a_time_when_answers_become_slow(cell: Cell, store: Store) -> None:
    await cell.announce_claude(slots=40, rpm=600_000.0)
    for _ in range(40):
        task_id = await cell.submit()
        _, _, token = await cell.run()
        await _answer(cell, task_id, token, output=10_000)
    slow = [await cell.submit() for _ in range(10)]
    tokens = [(await cell.run())[2] for _ in slow]
    CLOCK.move(120)
    await cell.submit()
    await _answer(cell, slow[0], tokens[0], output=0)
    assert isinstance(await store.admit(), NothingAdmitted), "nine run, and seven tenths of ten may"
    for task_id, token in zip(slow[1:4], tokens[1:], strict=False):
        await _answer(cell, task_id, token, output=0)
    await cell.admit()


async def test_admit_slows_down_after_a_429_that_no_header_explains(cell: Cell, store: Store) -> None:
    await cell.announce_claude(rpm=120.0)
    await cell.submit()
    await cell.admit()
    await store.close_budget(MODEL, 1, "rate_limited")
    await cell.submit()
    await cell.admit_eventually()
    await cell.submit()
    refused = await store.admit()
    assert isinstance(refused, NothingAdmitted), "what was closed has saved nothing up"


async def test_admit_learns_no_rate_from_the_refusal_of_a_lone_call(cell: Cell, store: Store) -> None:
    await cell.announce_claude()
    await cell.submit()
    admitted, _, token = await cell.run()
    await store.close_budget(MODEL, 1, "rate_limited")
    assert await store.put_back(admitted.task_id, 1, token, reason="rate_limited")
    assert (await cell.admit_eventually()).attempt == 2, "and not a minute later"


async def test_admit_tells_how_fast_a_waiting_line_moves(cell: Cell, store: Store) -> None:
    await cell.announce_claude(rpm=1_200.0, concurrency=1)
    running = None
    for _ in range(3):
        await cell.submit()
    for _ in range(3):
        if running:
            await _answer(cell, *running, output=1)
        admitted = await cell.admit_eventually()
        token = token_of(admitted.task_id)
        assert await store.claim(admitted.task_id, admitted.attempt, token, "w1")
        running = admitted.task_id, token
    step_ms = (await store.stats()).kinds[TaskKind.ANALYSIS].step_ms
    assert step_ms is not None
    assert 0 <= step_ms < 5_000


ERROR = TaskError(code="engine_unavailable", message="m", retryable=True)


async def test_call_that_was_turned_away_gives_back_what_it_was_charged(cell: Cell, store: Store) -> None:
    await cell.announce_claude()
    await store.learn(MODEL, LimitsLearned(600, 599, 600_000, 600_000, 600_000, 600_000))
    names = [f"{what}:{MODEL}" for what in ("requests", "input", "output")]
    await cell.submit(input_chars=1_000)
    full = {name: (await store.stats()).budgets[name].left for name in names}
    admitted, _, token = await cell.run()
    spent = {name: (await store.stats()).budgets[name].left or 0 for name in names}
    assert all(left < (full[name] or 0) for name, left in spent.items())
    await store.park(
        admitted.task_id, 1, token, reason="overloaded", delay_ms=60_000, counts_for_model=MODEL, failure=ERROR,
        refused=True,
    )  # fmt: skip
    assert {name: (await store.stats()).budgets[name].left for name in names} == full
    mine, _ = await cell.submit(), await cell.submit(owner="bob")
    assert (await cell.admit()).task_id == mine, "nor has its owner paid"
