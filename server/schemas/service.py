"""The shapes of the queue, the keys and the state of health."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from server.schemas.base import Given, Ms, Taken
from tasks.contract.names import TaskKind
from tasks.store.ports import BudgetStats, KindStats, MinuteStats


class CostLevelShown(Given):
    """What calls have cost since midnight UTC, what accepted tasks may still cost, and the limit for both together, if
    there is one. `near`: from 80 % of it on; `reached`: submissions are refused with `cost_limit` until `opens_at`."""

    spent_usd: float
    held_usd: float
    limit_usd: float | None
    state: Literal["unlimited", "open", "near", "reached"]
    opens_at: Ms


class CostDay(Given):
    """What my calls cost on one day (UTC)."""

    date: str
    cost_usd: float


class CostsShown(Given):
    """What calls cost: mine and all today, mine on the last days, newest first. Prices are as of `prices_as_of`."""

    mine: CostLevelShown
    all: CostLevelShown
    days: list[CostDay]
    prices_as_of: str


class QueueStats(Given):
    """The queue now. Active: claimed by a worker; reserved: admitted, not yet claimed; pending: waiting."""

    available: bool
    mode: Literal["celery", "in_process"]
    workers: int
    slots: int
    active_tasks: int
    reserved_tasks: int
    total_pending: int
    oldest_wait_s: int
    engines: list[str]
    kinds: dict[TaskKind, KindStats]
    budgets: dict[str, BudgetStats]
    dead: int
    costs: CostLevelShown | None


class QueueHistory(Given):
    """The last 60 minutes, oldest first; the last one is not over yet."""

    minutes: list[MinuteStats]


class NewKey(Taken):
    """What a key is for."""

    name: Annotated[str, Field(min_length=1, max_length=100)]


class KeyListed(Given):
    """A key, without its secret. What it asks for gets `weight` times what others get, when all have to wait."""

    key_id: str
    name: str
    created_at: Ms
    weight: float


class KeyCreated(KeyListed):
    """A new key; `key` is shown this once."""

    key: str


class KeyList(Given):
    """My keys, oldest first."""

    keys: list[KeyListed]


class Health(Given):
    """The process answers."""

    ok: Literal[True]


class About(Given):
    """What a person should know of this server. `retention_days` is how long what they give is kept."""

    access: Literal["local", "anonymous", "proxy"]
    mode: Literal["celery", "in_process"]
    retention_days: float


class Readiness(Given):
    """Submissions are taken. `durability` is what the store keeps of what it acknowledged."""

    ready: Literal[True]
    durability: Literal["always", "everysec", "none"]
    mode: Literal["celery", "in_process"]
