"""The whole server on a real Hypercorn over the memory store, a client, and a hand that plays the worker."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from hypercorn.asyncio import serve
from processes import WAIT_S

from server.app import create_app
from server.serving import cut_long_messages, hypercorn_config, listening_socket, refuse_compressed_sockets
from tasks.contract.documents import Document, Section
from tasks.contract.errors import StoreUnavailable, TaskError
from tasks.contract.events import EventData, TaskFailed, TaskStarted, TaskSucceeded
from tasks.contract.findings import Finding, Source
from tasks.contract.names import TaskKind
from tasks.contract.states import Snapshot, TaskState
from tasks.contract.submissions import NewTask
from tasks.runtime import ServerRuntime
from tasks.settings import read_settings
from tasks.store.memory import MemoryStore
from tasks.store.ports import Admission, Store, WorkerCard

SECRET = "a secret that is long enough"
ENGINE = "checker"


class QuietRuntime:
    """Starts nothing by itself: the test decides when a task runs, and how it ends."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.inline_tasks: list[NewTask] = []

    async def start(self) -> None: ...
    async def stop(self) -> None: ...

    async def run_inline(self, task: NewTask) -> Snapshot:
        self.inline_tasks.append(task)
        ended = Snapshot(task_id=task.task_id, kind=task.kind, state=TaskState.SUCCESS)
        return ended.model_copy(update={"outcome": {"engine": ENGINE, "model": None}})


class ObedientRuntime(QuietRuntime):
    """Runs every task at once. A raw section titled ``fail`` fails, as an engine that is away would."""

    async def start(self) -> None:
        self.working = asyncio.create_task(self._work())

    async def stop(self) -> None:
        self.working.cancel()
        await asyncio.gather(self.working, return_exceptions=True)

    async def _work(self) -> None:
        hand = Hand(self.store)
        await hand.announce()
        feed = self.store.feed()
        await feed.subscribe("{galley}:wake")
        async for _ in feed.messages():
            while (admitted := await self.store.admit()) and isinstance(admitted, Admission):
                submitted = await self.store.task_input(admitted.task_id)
                assert submitted is not None
                fails = submitted.input.get("section") == "fail"
                await hand.end(admitted, None if fails else {"engine": ENGINE, "model": None})


class Hand:
    """Plays the worker, one step at a time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.producers = itertools.count(1)

    async def announce(self, slots: int = 20) -> None:
        """Have slots, so that tasks may start."""
        await self.store.announce(WorkerCard("w1", tuple(TaskKind), slots, ENGINE))

    async def start(self) -> Admission:
        """Admit and claim the next task."""
        await self.announce()
        admitted = await self.store.admit()
        assert isinstance(admitted, Admission)
        await self.store.claim(admitted.task_id, admitted.attempt, admitted.task_id, "w1")
        return admitted

    async def say(self, admitted: Admission, data: EventData) -> None:
        """Append one event."""
        await self.store.append(admitted.task_id, admitted.task_id, next(self.producers), data)

    async def end(self, admitted: Admission, result: dict[str, Any] | None) -> None:
        """Claim, if that was not done, and end: with a result, or with a failure."""
        await self.store.claim(admitted.task_id, admitted.attempt, admitted.task_id, "w1")
        await self.say(admitted, TaskStarted(attempt=admitted.attempt, engine=ENGINE))
        failed = TaskFailed(error=TaskError(code="engine_unavailable", message="Claude is away.", retryable=True))
        await self.say(admitted, failed if result is None else TaskSucceeded(result=result))
        await self.store.release(admitted.task_id, admitted.task_id)


class AwayStore(MemoryStore):
    """A memory store that can be taken away, before or after a command was sent."""

    away: StoreUnavailable | None = None

    async def submit(self, *args: Any, **kwargs: Any) -> Any:
        if self.away is not None:
            raise self.away
        return await super().submit(*args, **kwargs)

    async def ping(self) -> None:
        if self.away is not None:
            raise self.away

    async def stats(self) -> Any:
        if self.away is not None:
            raise self.away
        return await super().stats()


@dataclass
class World:
    """A running server. ``http`` is a client of it; ``hand`` plays the worker."""

    url: str
    store: AwayStore
    http: httpx.AsyncClient
    runtime: QuietRuntime
    hand: Hand
    data_dir: Path
    made: Any = field(default_factory=lambda: itertools.count(1))

    async def document(self, owner: str = "local", sections: int = 2) -> Document:
        """A document in the store."""
        made = tuple(
            Section(section_id=f"s{n}", title=f"Part {n}", level=1, text=f"Words of part {n}.")
            for n in range(1, sections + 1)
        )
        name = f"d{next(self.made)}"
        document = Document(document_id=name, owner=owner, name=f"{name}.md", format="md", sections=made)
        await self.store.add_document(document.model_copy(update={"created_at": await self.store.now_ms()}))
        return document

    async def until_worker_is_up(self) -> None:
        """Wait until a worker has announced itself."""
        async with asyncio.timeout(WAIT_S):
            while not (await self.store.stats()).workers:
                await asyncio.sleep(0.005)

    async def review(self, content: str = "Some words.", **more: Any) -> dict[str, Any]:
        """Submit a raw section; the answer's body."""
        answer = await self.http.post("/analyze_section", json={"section": "T", "content": content, **more})
        assert answer.status_code == 202, answer.text
        body: dict[str, Any] = answer.json()
        return body


def finding(section_id: str, name: str = "f1", status: Any = "open") -> Finding:
    """A finding of that section."""
    return Finding(
        finding_id=name,
        fingerprint=name,
        section_id=section_id,
        category="clarity",
        severity="minor",
        message="Unclear.",
        source=Source(engine=ENGINE),
        status=status,
    )


@asynccontextmanager
async def running_world(
    data_dir: Path, *, obedient: bool = False, real: bool = False, **env: str
) -> AsyncIterator[World]:
    """A server with these settings, until the block ends; a ``real`` one runs tasks itself, as without Celery."""
    settings = read_settings({"DATA_DIR": str(data_dir), "SECRET_KEY": SECRET, **env})
    store = AwayStore(settings.timing)
    runtime: Any = ObedientRuntime(store) if obedient else QuietRuntime(store)
    if real:
        runtime = ServerRuntime(settings, store)
    stop = asyncio.Event()
    refuse_compressed_sockets()
    cut_long_messages()
    with listening_socket("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = hypercorn_config(listener)
        config.graceful_timeout = 0.1
        app: Any = create_app(settings, store, runtime)
        serving = asyncio.create_task(serve(app, config, shutdown_trigger=stop.wait))
        try:
            await _until_listening(listener, serving)
            async with httpx.AsyncClient(base_url=url, timeout=WAIT_S) as http:
                yield World(url, store, http, runtime, Hand(store), data_dir)
        finally:
            stop.set()
            await serving


async def _until_listening(listener: socket.socket, serving: asyncio.Task[None]) -> None:
    """The kernel says whether a socket listens; there is nothing else to wait for."""
    async with asyncio.timeout(WAIT_S):
        while not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            if serving.done():
                serving.result()
            await asyncio.sleep(0)
