"""What one attempt says, on its way into the log.

The engine never waits for the store: it puts, a writer appends. What piles up meanwhile (while a
text streams, or while the store is away) is merged, so that it stays small.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from tasks.contract.events import EventData, ProgressMade, TaskRestored, TextAdded
from tasks.contract.states import Snapshot, apply, effect_of
from tasks.store.away import until_answered
from tasks.store.ports import AppendOutcome, TaskStore

TEXT_EVERY_S: Final = 0.05
"""The first word goes at once, then at most one event in this time…"""
TEXT_BYTES: Final = 2_048
"""…or as soon as this much has come together."""


class AttemptOver(Exception):
    """The store takes nothing more of this attempt: a later one runs, or the task ended or is gone."""

    def __init__(self, outcome: AppendOutcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class Journal:
    """The events of one attempt, numbered by a producer's number from 1.

    ``token`` is that of the attempt's claim. ``snapshot`` is the worker's memory of the task: what the
    store would have to be told if it lost the log (`TaskRestored`).
    """

    def __init__(self, store: TaskStore, snapshot: Snapshot, token: str) -> None:
        self.snapshot = snapshot
        self._store = store
        self._token = token
        self._pending: deque[EventData] = deque()
        self._changed = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._producer = 0
        self._text_written_at = float("-inf")

    def put(self, data: EventData) -> None:
        """Say something. Never waits; the worker's memory has it at once."""
        self.snapshot = apply(self.snapshot, effect_of(data), at=self.snapshot.started_at or 0)
        last = self._pending[-1] if self._pending else None
        if isinstance(data, TextAdded) and isinstance(last, TextAdded):
            self._pending[-1] = TextAdded(text=last.text + data.text)
        elif isinstance(data, ProgressMade) and isinstance(last, ProgressMade):
            self._pending[-1] = data
        else:
            self._pending.append(data)
        self._empty.clear()
        self._changed.set()

    async def flush(self) -> None:
        """Wait until everything that was put is in the log. Needs `write` to run beside it."""
        await self._empty.wait()

    async def write(self) -> None:
        """Append what is put, for ever.

        Raises:
            AttemptOver: the store refuses the attempt.
        """
        while True:
            await self._next_is_due()
            await self._append(self._pending.popleft())
            if not self._pending:
                self._empty.set()

    async def _next_is_due(self) -> None:
        """Wait for something to write; a lone piece of text waits a moment for its successor."""
        while True:
            self._changed.clear()
            head = self._pending[0] if self._pending else None
            wait = self._text_wait_s(head) if len(self._pending) == 1 else 0.0
            if head is not None and wait <= 0:
                return
            try:
                async with asyncio.timeout(wait if head is not None else None):
                    await self._changed.wait()
            except TimeoutError:
                return

    def _text_wait_s(self, head: EventData | None) -> float:
        if not isinstance(head, TextAdded) or len(head.text) >= TEXT_BYTES:
            return 0.0
        return self._text_written_at + TEXT_EVERY_S - asyncio.get_running_loop().time()

    async def _append(self, data: EventData) -> None:
        self._producer += 1
        producer = self._producer
        if isinstance(data, TextAdded):
            self._text_written_at = asyncio.get_running_loop().time()
        task_id = self.snapshot.task_id
        answer = await until_answered(lambda: self._store.append(task_id, self._token, producer, data))
        if answer.outcome is AppendOutcome.RESTORE_FIRST:
            self._pending.appendleft(data)
        elif answer.outcome is not AppendOutcome.APPENDED:
            raise AttemptOver(answer.outcome)
        if answer.restore or answer.outcome is AppendOutcome.RESTORE_FIRST:
            # what is still pending follows as its own events, so it must not be in here too
            self._pending.appendleft(TaskRestored(snapshot=self._written().model_dump(mode="json")))

    def _written(self) -> Snapshot:
        """The worker's memory less what is still pending."""
        texts = sum(len(data.text) for data in self._pending if isinstance(data, TextAdded))
        findings = sum(1 for data in self._pending if data.type == "finding_made")
        kept = self.snapshot.findings
        return self.snapshot.model_copy(
            update={
                "text": self.snapshot.text[: len(self.snapshot.text) - texts],
                "findings": kept[: len(kept) - findings],
            }
        )
