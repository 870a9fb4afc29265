"""The memory store's figures: the queue at one moment, and where somebody stands in it."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tasks.store.admission import (
    limit_of,
    slots_of,
    why_waiting,
)
from tasks.store.buckets import (
    Bucket,
)
from tasks.store.calls import (
    Account,
    NoCall,
    account_of,
)
from tasks.store.history import MINUTE_MS, MINUTES, minute_of
from tasks.store.memory_admission import MemoryAdmission
from tasks.store.memory_log import Record
from tasks.store.money import EVERYBODY
from tasks.store.ports import BudgetStats, KindStats, MinuteStats, Standing, Stats, WorkerCard
from tasks.store.turns import OwnerLine, Party, order_of_admission


class MemoryFigures(MemoryAdmission):
    """What people are told who wait."""

    async def stats(self) -> Stats:
        """See `TaskStore.stats`."""
        cards = self._live_cards()
        return Stats(
            now=self._clock(),
            workers=len(cards),
            slots=sum(card.slots for card in cards),
            engines=tuple(sorted({card.engine for card in cards})),
            kinds={kind: self._kind_stats(kind, cards) for kind in TaskKind},
            budgets={name: self._budget_stats(name, b) for name, b in self._buckets.items()},
            dead=len(self._dead),
            costs=self._books.level(EVERYBODY, self._caps.daily_cost_limit_usd if self._caps else None, self._clock()),
        )

    async def history(self) -> tuple[MinuteStats, ...]:
        """See `TaskStore.history`."""
        present = self._clock() // MINUTE_MS
        return tuple(
            minute_of(at * MINUTE_MS, self._minutes.get(at, {})) for at in range(present - MINUTES + 1, present + 1)
        )

    def _kind_stats(self, kind: TaskKind, cards: Sequence[WorkerCard]) -> KindStats:
        now, account, waiting = self._clock(), account_of(cards), self._waiting[kind]
        head = self._next(kind).new if waiting else NewTask(task_id="", kind=kind, owner="")
        refused = self._refused_call(account, head)
        calls = self._account_bucket(account).pace if account else 0.0
        why, reopens_at = why_waiting(
            slots=slots_of(kind, cards),
            kind_opens=self._kind_bucket(kind, cards).opens_at(now),
            call_open=refused is None,
            call_opens=refused.opens_at if refused else None,
            reason=refused.why if refused and refused.why == "engine" else None,
        )
        return KindStats(
            waiting=len(waiting),
            reserved=len(self._reserved[kind]),
            active=sum(1 for task_id in self._claimed if self._tasks[task_id].new.kind is kind),
            parked=sum(1 for task_id in self._parked if self._tasks[task_id].new.kind is kind),
            slots=slots_of(kind, cards),
            free=max(0, self._free(kind, cards)),
            oldest_at=self._tasks[waiting[0][1]].snapshot.created_at if waiting else None,
            run_ms=self._pace.get(kind),
            step_ms=self._step.get(kind),
            inflow=self._inflow.get(kind, 0.0),
            limit_per_minute=limit_of(kind, cards) or None,
            allowed_per_minute=min(filter(None, (limit_of(kind, cards), calls)), default=None),
            waiting_for=why,
            reopens_at=reopens_at,
        )

    def _refused_call(self, account: Account | None, head: NewTask) -> NoCall | None:
        """Why the call of the head of a line may not start, if that is what it waits for."""
        if account is None or head.asked_engine is not None:
            return None
        choice = self._choose_call(account, head)
        return choice if isinstance(choice, NoCall) and choice.why != "warming" else None

    def _budget_stats(self, name: str, bucket: Bucket) -> BudgetStats:
        now = self._clock()
        closed = bucket.closed_until if bucket.closed_until > now else None
        return BudgetStats(
            limit=bucket.rate or None,
            left=bucket.refill(now) if bucket.rate else None,
            in_flight=len(self._calls.get(name.removeprefix("requests:"), ())),
            closed_until=closed,
            reason=bucket.reason if closed else None,
        )

    async def waiting(self, kind: TaskKind, count: int) -> tuple[Standing, ...]:
        """See `TaskStore.waiting`."""
        return order_of_admission((self._owner_line(kind, party) for party in self._turns.in_turn(kind)), count)

    def _owner_line(self, kind: TaskKind, party: Party) -> OwnerLine:
        account = account_of(self._live_cards())
        news = [self._tasks[task_id].new for _, task_id in self._lines[kind, party]]
        tasks = [(new.task_id, self._need(new, account).cost / new.weight) for new in news]
        score, own_score = self._turns.score(kind, party)
        return OwnerLine(score, tasks, group=party.group, own_score=own_score)

    def _position(self, record: Record) -> int | None:
        kind = record.new.kind
        line = [task_id for _, task_id in self._lines.get((kind, record.party), ())]
        if record.new.task_id not in line:
            return None
        return self._turns.place(kind, record.party, line.index(record.new.task_id), len(self._waiting[kind]))

    async def position(self, task_id: str, kind: TaskKind) -> int | None:
        """See `TaskStore.position`."""
        record = self._tasks.get(task_id)
        return self._position(record) if record else None
