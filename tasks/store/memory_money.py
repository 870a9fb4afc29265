"""The memory store's money: what tasks hold and spend of a day's limits."""

from __future__ import annotations

from collections.abc import Container, Sequence

from tasks.contract.submissions import NewTask
from tasks.store.admission import TOKENS_PER_CHAR
from tasks.store.memory_log import MemoryLog
from tasks.store.money import EVERYBODY, expected_nanos, of_owner
from tasks.store.ports import Costs
from tasks.store.reading import cost_refusal


class MemoryMoney(MemoryLog):
    """What a day may cost."""

    async def costs(self, owner: str, days: int) -> Costs:
        """See `TaskStore.costs`."""
        now, caps = self._clock(), self._caps
        mine = self._books.level(of_owner(owner), caps.owner_daily_cost_limit_usd if caps else None, now)
        everybody = self._books.level(EVERYBODY, caps.daily_cost_limit_usd if caps else None, now)
        return Costs(mine, everybody, self._books.days(owner, days, now))

    def _expected_nanos(self, tasks: Sequence[NewTask], answered: Container[str]) -> list[int]:
        """What each task holds of the day's limits until it has told what it cost."""
        caps, seen, found = self._caps, set[str | None](), list[int]()
        if caps is None or (caps.daily_cost_limit_usd is None and caps.owner_daily_cost_limit_usd is None):
            return [0] * len(tasks)
        for task in tasks:
            if task.asked_engine is not None or task.task_id in answered or task.task_id in self._tasks:
                found.append(0)
                continue
            need = self._expected(caps.model, task.kind).need(task.input_chars)
            shared = task.shared_chars * TOKENS_PER_CHAR
            found.append(
                expected_nanos(caps.terms[0] if caps.terms else None, need, shared, first=task.document_id not in seen)
            )
            seen.add(task.document_id)
        return found

    def _refuse_beyond_limit(self, owner: str, nanos: int) -> None:
        caps, now = self._caps, self._clock()
        if caps is None or nanos == 0:
            return
        limits = ((of_owner(owner), caps.owner_daily_cost_limit_usd), (EVERYBODY, caps.daily_cost_limit_usd))
        for name, limit in limits:
            if not self._books.has_room(name, limit, nanos, now):
                level = self._books.level(name, limit, now)
                raise cost_refusal(level, of_owner=name != EVERYBODY, now=now)
