"""Tasks that come into being for a watched document: they are watched by themselves, from seq 1."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from server.relay.audience import Audience
from server.relay.bounds import Bounds
from server.relay.catch_up import CatchUp
from server.relay.link import Link
from server.relay.positions import Pace
from tasks.contract.errors import GalleyError
from tasks.store.ports import Store

log = logging.getLogger(__name__)

_WAIT_S: Final = 0.5


class Creations:
    """Adds new tasks to those who watch their document.

    The document's owner was checked when it was watched, and a task belongs to its document's owner.
    """

    def __init__(
        self, store: Store, audience: Audience, *, catch_up: CatchUp, bounds: Bounds, changed: Callable[[], None]
    ) -> None:
        self._store = store
        self._audience = audience
        self._catch_up = catch_up
        self._bounds = bounds
        self._changed = changed
        self._unlisted: set[str] = set()
        self._any_unlisted = asyncio.Event()

    def add(self, document_id: str, task_id: str) -> None:
        """The task was created for the document."""
        for link in list(self._audience.documents.get(document_id, ())):
            if task_id in link.cursors:
                link.cursors[task_id].wanted_by.add(document_id)
            elif len(link.cursors) < self._bounds.tasks_per_socket:
                self._begin(link, document_id, task_id)

    def _begin(self, link: Link, document_id: str, task_id: str) -> None:
        cursor = self._audience.follow(link, task_id, document_id)
        self._changed()
        if link.documents[document_id]:
            cursor.answer()
            self._catch_up.mark(task_id)

    def answered(self, link: Link, document_id: str) -> None:
        """The answer to the document's watch is on its way: its tasks may follow."""
        if document_id not in link.documents:
            return
        link.documents[document_id] = True
        for task_id, cursor in link.cursors.items():
            if document_id in cursor.wanted_by and cursor.pace is Pace.UNANSWERED:
                cursor.answer()
                self._catch_up.mark(task_id)

    def list_again(self, document_id: str) -> None:
        """News of the document may have been missed: look at its list of tasks."""
        self._unlisted.add(document_id)
        self._any_unlisted.set()

    async def run(self) -> None:
        """Look at the lists that may have been missed, for ever."""
        while True:
            await self._any_unlisted.wait()
            self._any_unlisted.clear()
            documents, self._unlisted = self._unlisted, set()
            for document_id in documents:
                await self._list(document_id)

    async def _list(self, document_id: str) -> None:
        try:
            for task in await self._store.document_tasks(document_id):
                self.add(document_id, task.task_id)
        except GalleyError as error:
            log.warning("a document's tasks cannot be listed now, trying again: %s", error)
            await asyncio.sleep(_WAIT_S)
            self.list_again(document_id)
