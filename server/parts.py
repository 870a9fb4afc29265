"""What the routes work with, made once by `server.app` and found again through the running app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, cast

from quart import current_app

from server.access import Access
from server.known_documents import KnownDocuments
from server.metrics import Metrics
from server.queue_view import QueueView
from server.stats_board import StatsBoard
from server.task_news import TaskNews
from server.turns import Turns
from tasks.contract.states import Snapshot
from tasks.contract.submissions import NewTask
from tasks.frameworks.shelf import Shelf
from tasks.settings import Settings
from tasks.store.ports import Store

EXTENSION: Final = "galley"

RunInline = Callable[[NewTask], Awaitable[Snapshot]]
"""Runs a task that needs no document here and now, without the store: one at a time, within a minute,
else StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The server's parts."""

    settings: Settings
    store: Store
    access: Access
    queue: QueueView
    stats: StatsBoard
    news: TaskNews
    documents: KnownDocuments
    frameworks: Shelf
    metrics: Metrics
    run_inline: RunInline
    turns: Turns = field(default_factory=Turns)


def parts() -> Parts:
    """The parts of the app that serves the present request."""
    return cast(Parts, current_app.extensions[EXTENSION])
