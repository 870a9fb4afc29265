"""A program's view of a review, over HTTP: upload, analyze, follow, collect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import httpx
from pydantic import BaseModel, ConfigDict

from tasks.contract.events import Event
from tasks.contract.findings import Finding
from tasks.contract.states import ENDED, TaskState

_WAIT_S: Final = 25
_FOLLOWED_AT_ONCE: Final = 16
"""Tasks whose news are asked for at the same time; the news of the others are kept for us."""
_PAUSE_S: Final = 1.0
_PATIENCE: Final = 30
"""How many answers in a row may fail while following: a server that restarts is back in seconds."""


class ReviewFailed(Exception):
    """The review could not be carried out. The message is for a person."""


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class SectionInfo(_Answer):
    """A section as an upload is answered."""

    section_id: str
    title: str
    chars: int = 0


class Uploaded(_Answer):
    """The answer to an upload."""

    document_id: str
    name: str
    format: str
    sections: tuple[SectionInfo, ...]
    warnings: tuple[str, ...] = ()


class TaskStatus(_Answer):
    """What is needed of a task's status."""

    task_id: str
    section_id: str | None = None
    state: TaskState
    status: str = ""
    progress: int = 0
    epoch: int = 0
    seq: int = 0
    position: int | None = None
    eta_s: int | None = None
    engine: str | None = None
    model: str | None = None
    error: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None
    events: tuple[Event, ...] | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of a review that succeeded."""
        found = (self.result or {}).get("findings", ())
        return tuple(Finding.model_validate(finding) for finding in found)


OnNews = Callable[[TaskStatus], None]


@dataclass(frozen=True, slots=True)
class SectionReview:
    """One section with what became of its task."""

    section: SectionInfo
    task: TaskStatus


@dataclass(frozen=True, slots=True)
class Review:
    """A whole document, reviewed."""

    document: Uploaded
    sections: tuple[SectionReview, ...]

    @property
    def succeeded(self) -> bool:
        """Whether every section was reviewed."""
        return all(review.task.state is TaskState.SUCCESS for review in self.sections)


class ReviewClient:
    """Talks to one Galley server. Use it as an async context manager."""

    def __init__(self, server: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.AsyncClient(
            base_url=server.rstrip("/"), headers=headers, timeout=httpx.Timeout(60.0, pool=None), trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def upload(self, name: str, content: bytes) -> Uploaded:
        """Send a file and get its sections."""
        files = {"document": (name, content)}
        return Uploaded.model_validate(await self.request("POST", "/documents", files=files))

    async def analyze(self, document: Uploaded) -> dict[str, str]:
        """Put all sections in line: section -> task."""
        body = {"document_id": document.document_id}
        answer = await self.request("POST", "/analyze_document", json=body)
        return {task["section_id"]: task["task_id"] for task in answer["tasks"]}

    async def review(self, document: Uploaded, on_news: OnNews) -> Review:
        """Analyze all sections and follow them to their ends."""
        tasks = await self.analyze(document)
        turns = asyncio.Semaphore(_FOLLOWED_AT_ONCE)
        sections = [section for section in document.sections if section.section_id in tasks]
        follows = (self._follow(tasks[section.section_id], on_news, turns) for section in sections)
        ends = await asyncio.gather(*follows)
        return Review(document, tuple(map(SectionReview, sections, ends)))

    async def export(self, document: Uploaded, kind: str) -> bytes:
        """The document with all findings, as a file of that kind."""
        path = f"/documents/{document.document_id}/export"
        return (await self._answered("GET", path, params={"format": kind, "status": "all"})).content

    async def offers(self, path_end: str) -> bool:
        """Whether the server documents a path with that end."""
        document = await self.request("GET", "/openapi.json")
        return any(str(path).endswith(path_end) for path in document.get("paths", {}))

    async def forget(self, document: Uploaded) -> None:
        """Delete the document and everything of it."""
        await self._answered("DELETE", f"/documents/{document.document_id}")

    async def request(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Send a request and read the JSON object that answers it.

        Raises:
            ReviewFailed: the server refused, with its own words, or cannot be reached.
        """
        answer: dict[str, Any] = (await self._answered(method, path, **options)).json()
        return answer

    async def _follow(self, task_id: str, on_news: OnNews, turns: asyncio.Semaphore) -> TaskStatus:
        async with turns:
            status = await self._status(task_id, None)
            on_news(status)
            while status.state not in ENDED:
                status = await self._status(task_id, status)
                on_news(status)
            return status

    async def _status(self, task_id: str, known: TaskStatus | None) -> TaskStatus:
        """The status, as soon as it is news. A server that is away for a moment is asked again."""
        params = {"epoch": known.epoch, "since": known.seq, "wait": _WAIT_S} if known else {}
        for _ in range(_PATIENCE):
            try:
                answer = await self._http.get(f"/task_status/{task_id}", params=params)
            except httpx.TransportError:
                await asyncio.sleep(_PAUSE_S)
                continue
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return TaskStatus.model_validate(_checked(answer).json())
            await asyncio.sleep(_PAUSE_S)
        raise ReviewFailed(f"{self._http.base_url} does not answer any more; the tasks go on there")

    async def _answered(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return _checked(await self._http.request(method, path, **options))
        except httpx.TransportError as error:
            raise ReviewFailed(f"{self._http.base_url} cannot be reached: {error}. Is the server running?") from None


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    words = f"{answer.status_code} {answer.reason_phrase}"
    if "json" in answer.headers.get("content-type", ""):
        problem = answer.json()
        words = f"{problem.get('detail') or problem.get('title') or words} ({problem.get('code', words)})"
    raise ReviewFailed(f"The server refused: {words}")
