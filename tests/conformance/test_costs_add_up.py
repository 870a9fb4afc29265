"""Whatever becomes of tasks: what was spent is what they reported, and nothing stays held when all have ended."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from conformance.cell import MODEL, Cell, token_of

from tasks.contract.errors import CostLimitReached, TaskError
from tasks.contract.events import EventData, TaskFailed, TaskSucceeded, Usage, UsageReported
from tasks.contract.limits import ModelTerms, Price, Spent
from tasks.contract.names import TaskKind
from tasks.store.ports import Admission, AppendOutcome, Store

TERMS = ModelTerms(MODEL, Price(input=2, output=10, cache_write=2.5, cache_read=0.1))
ERROR = TaskError(code="c", message="m", retryable=True)
STEPS = 150


@dataclass
class Known:
    """A task as the test knows it."""

    owner: str
    document: str | None
    attempt: int = 0
    producer: int = 0
    reported: float = 0
    running: bool = False
    ended: bool = False


class Chance:
    """Does to a store, in any order, what people and workers do."""

    def __init__(self, cell: Cell, seed: int) -> None:
        self.cell, self.store, self.rng = cell, cell.store, random.Random(seed)
        self.tasks: dict[str, Known] = {}
        self.spent: dict[str, float] = {"ann": 0, "bob": 0}

    def one(self, *, running: bool) -> str | None:
        fit = [i for i, task in self.tasks.items() if not task.ended and task.running == running]
        return self.rng.choice(fit) if fit else None

    async def submit(self) -> None:
        owner = self.rng.choice(["ann", "bob"])
        document = self.rng.choice([None, f"{owner}-doc"])
        more = {"input_chars": self.rng.randrange(5_000), "shared_chars": 30_000 if document else 0}
        try:
            task_id = await self.cell.submit(owner=owner, document_id=document, **more)
        except CostLimitReached:
            return
        self.tasks[task_id] = Known(owner, document)

    async def start(self) -> None:
        admitted = await self.store.admit()
        if isinstance(admitted, Admission):
            await self.cell.claim(admitted.task_id, admitted.attempt)
            task = self.tasks[admitted.task_id]
            task.attempt, task.producer, task.running = admitted.attempt, 0, True

    async def say(self, task_id: str, data: EventData) -> None:
        task = self.tasks[task_id]
        task.producer += 1
        token = token_of(task_id, task.attempt)
        for _ in range(self.rng.choice([1, 1, 2])):  # an answer that was lost is said again
            answer = await self.store.append(task_id, token, task.producer, data)
            assert answer.outcome is AppendOutcome.APPENDED

    async def report(self) -> None:
        if (task_id := self.one(running=True)) is not None:
            task = self.tasks[task_id]
            more = self.rng.randrange(20_000_000) / 1e9
            task.reported, self.spent[task.owner] = task.reported + more, self.spent[task.owner] + more
            await self.say(task_id, UsageReported(usage=Usage(input_tokens=1), cost_usd=task.reported))

    async def end(self) -> None:
        if (task_id := self.one(running=True)) is not None:
            task = self.tasks[task_id]
            data = self.rng.choice([TaskSucceeded(result={}), TaskFailed(error=ERROR)])
            await self.say(task_id, data)
            spent = self.rng.choice([None, Spent(MODEL, 900, 90)])
            await self.store.release(task_id, token_of(task_id, task.attempt), succeeded_model=MODEL, spent=spent)
            task.running, task.ended = False, True

    async def give_up(self) -> None:
        if (task_id := self.one(running=True)) is not None:
            task = self.tasks[task_id]
            token = token_of(task_id, task.attempt)
            if self.rng.random() < 0.5:
                await self.store.put_back(task_id, task.attempt, token, reason="rate_limited")
            else:
                state = await self.store.park(
                    task_id, task.attempt, token, reason="stalled", delay_ms=0, counts_for_model=MODEL, failure=ERROR
                )
                task.ended = state == "FAILURE"
            task.running = False

    async def cancel(self) -> None:
        task_id = self.one(running=self.rng.random() < 0.5)
        if task_id is not None:
            task = self.tasks[task_id]
            await self.store.cancel(task_id)
            await self.store.release(task_id, token_of(task_id, task.attempt))
            task.running, task.ended = False, True

    async def delete(self) -> None:
        document = self.rng.choice(["ann-doc", "bob-doc"])
        if self.rng.random() < 0.1 and await self.store.delete_document(document):
            for task in self.tasks.values():
                if task.document == document:
                    task.running, task.ended = False, True

    async def live(self) -> None:
        steps = (self.submit, self.submit, self.start, self.start, self.report, self.report)
        for _ in range(STEPS):
            await self.rng.choice([*steps, self.end, self.give_up, self.cancel, self.delete])()

    async def check_spent(self) -> None:
        for owner, spent in self.spent.items():
            costs = await self.store.costs(owner, 1)
            assert costs.mine.spent_usd == pytest.approx(spent, abs=1e-9)
            assert costs.mine.held_usd >= 0


@pytest.mark.parametrize("seed", range(4))
async def test_money_adds_up_whatever_becomes_of_the_tasks(cell: Cell, store: Store, seed: int) -> None:
    await cell.announce_claude(
        slots=30, terms=(TERMS,), rpm=600_000.0, daily_cost_limit_usd=1.0, owner_daily_cost_limit_usd=0.8
    )
    chance = Chance(cell, seed)
    await chance.live()
    await chance.check_spent()
    open_tasks = [task_id for task_id, task in chance.tasks.items() if not task.ended]
    assert len(chance.tasks) > 20 and open_tasks, "something happened, and something is left"
    for task_id in open_tasks:
        await store.cancel(task_id)
        await store.release(task_id, token_of(task_id, chance.tasks[task_id].attempt))
    await chance.check_spent()
    costs = await store.costs("ann", 1)
    assert (costs.all.held_usd, costs.mine.held_usd, (await store.costs("bob", 1)).mine.held_usd) == (0, 0, 0)
    stats = await store.stats()
    assert stats.budgets[f"requests:{MODEL}"].in_flight == 0
    kind = stats.kinds[TaskKind.ANALYSIS]
    assert (kind.waiting, kind.active, kind.reserved) == (0, 0, 0)
