"""What one `admit` costs the store while 100,000 tasks of 1,000 owners wait, by the store's own clock.

Chats, tests and analyses wait alike; each is admitted beside the others.
"""

from __future__ import annotations

from typing import Final

import redis

from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tasks.store.ports import Admission, NothingAdmitted, WorkerCard
from tasks.store.redis_store import RedisStore
from tests.load.effort import Effort
from tests.load.figures import Fact, Figure, Outcome, Target
from tests.load.ground import Ground
from tests.load.store_time import script_micros

WAITING: Final = 100_000
OWNERS: Final = 1_000
_WINDOWS: Final = 40
_EACH: Final = 50
"""Admissions in one window."""
_MODEL: Final = "model-x"
_TARGET_US: Final = 200.0
_PARTS: Final = {TaskKind.ANALYSIS: 0.8, TaskKind.CHAT: 0.1, TaskKind.TEST: 0.1}
_PLENTY: Final = 1e9


async def measure(effort: Effort) -> Outcome:
    """Fill the lines once, then admit from each kind's, and once from all when nothing may start."""
    with Ground() as ground:
        store, client = ground.open_store(), redis.Redis.from_url(ground.redis_url)
        try:
            await store.sweep()
            before = _memory(client)
            waiting = await _fill(store, effort.count(WAITING), effort.count(OWNERS))
            held = (_memory(client) - before) / waiting
            figures, admitted, asked = [], 0, 0
            for kind in TaskKind:
                runs = [await _admit(store, client, kind, effort.count(_WINDOWS)) for _ in range(effort.runs)]
                admitted += sum(count for count, _ in runs)
                asked += _EACH * effort.count(_WINDOWS) * effort.runs
                times = tuple(micros for _, micros in runs)
                figures.append(Figure(f"admit of {kind.value}, the store's own time", "us", times, Target(_TARGET_US)))
            refused = tuple([await _refuse(store, client, effort.count(_WINDOWS)) for _ in range(effort.runs)])
            figures.append(Figure("admit when no budget is open", "us", refused, Target(_TARGET_US)))
            figures.append(Figure("memory of the store for each waiting task", "B", (held,)))
            left = sum(kind.waiting for kind in (await store.stats()).kinds.values())
        finally:
            client.close()
            await store.close()
    facts = [
        Fact(f"{admitted:,} of {asked:,} admissions were given", admitted == asked),
        Fact(f"{left:,} tasks still wait", left == waiting - admitted),
    ]
    return Outcome(f"Admission, {waiting:,} tasks in line", figures, facts)


async def _fill(store: RedisStore, waiting: int, owners: int) -> int:
    """The tasks of each owner in one submission a kind; how many there are."""
    filled = 0
    for owner in range(owners):
        for kind, part in _PARTS.items():
            each = max(1, round(waiting / owners * part))
            await store.submit([_task(owner, kind, number) for number in range(each)])
            filled += each
    return filled


def _task(owner: int, kind: TaskKind, number: int) -> NewTask:
    given = {"section": "S", "content": "A short text. " * 20}
    task_id = f"t_{owner}_{kind.value}_{number}"
    return NewTask(task_id=task_id, kind=kind, owner=f"owner_{owner}", input_chars=280, input=given)


def _card(*kinds: TaskKind, rpm: float = _PLENTY) -> WorkerCard:
    limits = {"rpm": rpm, "input_tpm": _PLENTY, "output_tpm": _PLENTY}
    return WorkerCard("w", kinds, WAITING, "claude", _MODEL, **limits)


async def _admit(store: RedisStore, client: redis.Redis, kind: TaskKind, windows: int) -> tuple[int, float]:
    """How many were admitted, and the microseconds of each."""
    await store.announce(_card(kind))
    given = list[Admission | NothingAdmitted]()
    micros = await script_micros(client, windows, lambda: _ask(store, given))
    return sum(isinstance(answer, Admission) and answer.kind is kind for answer in given), micros


async def _refuse(store: RedisStore, client: redis.Redis, windows: int) -> float:
    """The microseconds of an admission that is not given."""
    await store.announce(_card(*TaskKind))
    await store.close_budget(_MODEL, 600_000, "rate_limited")
    given = list[Admission | NothingAdmitted]()
    micros = await script_micros(client, windows, lambda: _ask(store, given))
    assert all(isinstance(answer, NothingAdmitted) for answer in given)
    return micros


async def _ask(store: RedisStore, given: list[Admission | NothingAdmitted]) -> None:
    given.extend([await store.admit() for _ in range(_EACH)])


def _memory(client: redis.Redis) -> int:
    return int(client.info("memory")["used_memory"])
