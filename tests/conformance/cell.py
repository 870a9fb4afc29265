"""What the cases speak in: a store with shortcuts, and things to put into it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

from conformance.clock import CLOCK
from processes import WAIT_S

from tasks.contract.documents import Document, Section
from tasks.contract.findings import Anchor, Finding, Source
from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tasks.contract.timing import Timing
from tasks.store.ports import Admission, Claim, Store, WorkerCard

TIMING = Timing(claim_ms=60, lease_ms=150, sweep_ms=50, tick_ms=30, store_away_ms=60_000, announce_ms=20_000)
MODEL = "model-x"


class Cell:
    """A store with the shortcuts that the cases speak in."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._ids = itertools.count(1)

    async def submit(self, kind: TaskKind = TaskKind.ANALYSIS, owner: str = "ann", **more: Any) -> str:
        """Submit a task; of a document that is made if need be."""
        document_id = more.get("document_id")
        if document_id and await self.store.document(document_id) is None:
            await self.store.add_document(document(document_id, owner))
        task = NewTask(task_id=f"t{next(self._ids)}", kind=kind, owner=owner, **more)
        await self.store.submit([task])
        return task.task_id

    def task(self, **more: Any) -> NewTask:
        """A review that is not submitted yet."""
        return NewTask(**{"task_id": f"t{next(self._ids)}", "kind": TaskKind.ANALYSIS, "owner": "ann", **more})

    async def submit_many(self, count: int, owner: str = "ann", **more: Any) -> list[str]:
        """Submit that many reviews in one go."""
        document_id = more.get("document_id")
        if document_id and await self.store.document(document_id) is None:
            await self.store.add_document(document(document_id, owner))
        ids = [f"t{next(self._ids)}" for _ in range(count)]
        await self.store.submit([NewTask(task_id=i, kind=TaskKind.ANALYSIS, owner=owner, **more) for i in ids])
        return ids

    async def announce(self, worker: str = "w1", slots: int = 4, **more: Any) -> None:
        card = {"kinds": tuple(TaskKind), "engine": "checker", **more}
        await self.store.announce(WorkerCard(worker_id=worker, slots=slots, **card))

    async def announce_claude(self, worker: str = "w1", slots: int = 8, **more: Any) -> None:
        await self.announce(worker, slots, engine="claude", model=MODEL, **more)

    async def admit(self) -> Admission:
        admitted = await self.store.admit()
        assert isinstance(admitted, Admission), f"nothing was admitted: {admitted}"
        return admitted

    async def admit_eventually(self) -> Admission:
        """The next admission, once the clock allows one."""
        found: list[Admission] = []

        async def admitted() -> bool:
            answer = await self.store.admit()
            found.extend([answer] if isinstance(answer, Admission) else [])
            return bool(found)

        await eventually(admitted)
        return found[0]

    async def run(self, worker: str = "w1", token: str | None = None) -> tuple[Admission, Claim, str]:
        """Admit and claim the next task."""
        admitted = await self.admit()
        token = token or token_of(admitted.task_id, admitted.attempt)
        claim = await self.store.claim(admitted.task_id, admitted.attempt, token, worker)
        assert claim is not None
        return admitted, claim, token

    async def claim(self, task_id: str, attempt: int = 1, worker: str = "w1") -> str:
        """Claim what was admitted; the token."""
        token = token_of(task_id, attempt)
        assert await self.store.claim(task_id, attempt, token, worker) is not None
        return token

    async def events(self, task_id: str) -> list[str]:
        """The types of a task's events."""
        reading = await self.store.read(task_id, None, 0)
        assert reading is not None and reading.events is not None
        return [text.split('"type":"')[1].split('"')[0] for text in reading.events]


def token_of(task_id: str, attempt: int = 1) -> str:
    """The token with which `Cell.run` claims an attempt."""
    return f"token-{task_id}-{attempt}"


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Let time pass until something that the store's clock brings about is so."""
    async with asyncio.timeout(WAIT_S):
        while not await condition():
            CLOCK.move(5)


def document(document_id: str = "d1", owner: str = "ann") -> Document:
    sections = (
        Section(section_id="s1", title="One", level=1, text="First text."),
        Section(section_id="s2", title="Two", level=1, text="Second text."),
    )
    return Document(
        document_id=document_id,
        owner=owner,
        name="a.md",
        format="md",
        sections=sections,
        created_at=1_000,
        size_bytes=9,
    )


def finding(number: int = 1, section_id: str = "s1") -> Finding:
    return Finding(
        finding_id=f"f{number}",
        fingerprint=f"p{number}",
        section_id=section_id,
        anchor=Anchor(exact="First", start=0, end=5),
        category="clarity",
        severity="minor",
        message=f'message {number} with "quotes", ünïcode and 🙂',
        source=Source(engine="checker"),
    )
