"""The engine that asks Claude. The only module that knows the `anthropic` library.

One client, so one connection pool, per engine. The library's own retries are off: an unseen retry is
a request that no budget counted.
"""

from __future__ import annotations

import asyncio
import copy
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
import structlog
from anthropic import APIConnectionError, APIStatusError, APITimeoutError, AsyncAnthropic, AsyncStream
from anthropic.types import RawMessageStreamEvent

from tasks.contract.errors import EngineError
from tasks.contract.events import EventData, FindingMade, ProgressMade, TaskSucceeded, TextAdded, Usage, UsageReported
from tasks.engines import failures
from tasks.engines.citing import citations_of
from tasks.engines.engine import LearnLimits, Question, Review
from tasks.engines.judged import hidden_findings
from tasks.engines.prompts import chat_request, ping_request, review_request
from tasks.engines.taking import Taken
from tasks.settings import Settings

CONNECT_S: Final = 10.0
LEAST_CONNECT_S: Final = 2.0  # however much tests scale: a busy machine may take that long
SILENCE_S: Final = 60.0  # not one byte; the API sends a ping every few seconds while it works
QUIET_S: Final = 300.0  # nothing but pings
_NO_KEY: Final = "none"  # a gateway that keeps the key itself; the library insists on one

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Answer:
    """What is known of one answer while it streams in."""

    model: str
    usage: Usage = field(default_factory=Usage)
    stop_reason: str | None = None
    finished: bool = False

    @property
    def truncated(self) -> bool:
        return self.stop_reason in ("max_tokens", "model_context_window_exceeded")

    def count(self, counted: Any) -> UsageReported:
        """Take over what a usage object says; its figures are totals, and None means unchanged."""
        given = {name: getattr(counted, name, None) for name in Usage.model_fields}
        self.usage = self.usage.model_copy(update={name: n for name, n in given.items() if n is not None})
        return UsageReported(usage=self.usage)


class ClaudeEngine:
    """Reviews, answers and tests with the Messages API."""

    name = "claude"

    def __init__(self, settings: Settings) -> None:
        self.model: str | None = settings.claude_model
        self._asked: str = settings.claude_model
        factor = settings.time_factor
        self._quiet_s = QUIET_S * factor
        self._client = AsyncAnthropic(
            api_key=settings.anthropic_api_key or _NO_KEY,
            base_url=settings.anthropic_base_url,
            max_retries=0,
            timeout=httpx2.Timeout(SILENCE_S * factor, connect=max(CONNECT_S * factor, LEAST_CONNECT_S)),
        )

    async def review(self, job: Review, learn: LearnLimits) -> AsyncIterator[EventData]:
        """Findings of one section, each as soon as it is complete. The result has ``dropped``, the number
        of findings that could not be read or placed, and ``truncated`` when the answer hit its limit."""
        hidden = await asyncio.to_thread(lambda: list(hidden_findings(job)))
        for finding in hidden:
            yield FindingMade(finding=finding)
        yield ProgressMade(percent=2, status="Asking Claude")
        answer, taken = _Answer(self._asked), Taken(job, self.name, hidden)
        async with aclosing(self._pieces(review_request(job), learn, answer)) as pieces:
            async for piece in pieces:
                if isinstance(piece, UsageReported):
                    yield piece
                    continue
                for finding in taken.take(piece, answer.model):
                    yield FindingMade(finding=finding)
                    yield ProgressMade(percent=taken.percent, status=taken.status)
        yield TaskSucceeded(result=taken.result(answer.model, truncated=answer.truncated))

    async def answer(self, job: Question, learn: LearnLimits) -> AsyncIterator[EventData]:
        """The answer as it is written; its citations are the quotes that the document really has."""
        answer, words = _Answer(self._asked), list[str]()
        async with aclosing(self._pieces(chat_request(job), learn, answer)) as pieces:
            async for piece in pieces:
                if isinstance(piece, UsageReported):
                    yield piece
                else:
                    words.append(piece)
                    yield TextAdded(text=piece)
        if answer.truncated and not words:
            raise failures.too_long()
        citations = await asyncio.to_thread(citations_of, "".join(words), job.document, job.section)
        yield TaskSucceeded(result=_chat_result(job, answer, citations))

    async def test(self, learn: LearnLimits) -> AsyncIterator[EventData]:
        """The smallest call; ``latency_ms`` is from asking to the end of the answer."""
        answer, began = _Answer(self._asked), time.monotonic()
        async with aclosing(self._pieces(ping_request(), learn, answer)) as pieces:
            async for piece in pieces:
                if isinstance(piece, UsageReported):
                    yield piece
        latency_ms = round((time.monotonic() - began) * 1000)
        yield TaskSucceeded(result={"engine": self.name, "model": answer.model, "latency_ms": latency_ms})

    def using(self, model: str | None) -> ClaudeEngine:
        """See `Engine.using`."""
        if model is None or model == self._asked:
            return self
        other = copy.copy(self)
        other.model = other._asked = model
        return other

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()

    async def _pieces(
        self, request: dict[str, Any], learn: LearnLimits, answer: _Answer
    ) -> AsyncGenerator[str | UsageReported, None]:
        """The answer's text in pieces, and what it costs; what else it says goes into ``answer``."""
        async with aclosing(self._events(request, learn)) as events:
            async for event in events:
                if event.type == "message_start":
                    answer.model = event.message.model or answer.model
                    yield answer.count(event.message.usage)
                elif event.type == "content_block_delta" and event.delta.type == "text_delta":
                    yield event.delta.text
                elif event.type == "message_delta":
                    answer.stop_reason = event.delta.stop_reason
                    yield answer.count(event.usage)
                elif event.type == "message_stop":
                    answer.finished = True
        _check_end(answer)

    async def _events(self, request: dict[str, Any], learn: LearnLimits) -> AsyncGenerator[RawMessageStreamEvent, None]:
        stream = await self._open(request, learn)
        try:
            events = aiter(stream)
            while (event := await self._next(events)) is not None:
                yield event
        finally:
            await stream.close()

    async def _open(self, request: dict[str, Any], learn: LearnLimits) -> AsyncStream[RawMessageStreamEvent]:
        """The stream, as soon as its headers are there; what they say of the limits is told first, also
        when they belong to a refusal."""
        try:
            with _as_failures(self._asked):
                stream: AsyncStream[RawMessageStreamEvent] = await self._client.messages.create(
                    model=self._asked, stream=True, **request
                )
        except EngineError as failure:
            await _learn(failure.__cause__, learn)
            raise
        try:
            await _learn(stream, learn)
        except BaseException:
            await stream.close()  # nobody else knows of it yet
            raise
        return stream

    async def _next(self, events: AsyncIterator[RawMessageStreamEvent]) -> RawMessageStreamEvent | None:
        with _as_failures(self._asked):
            async with asyncio.timeout(self._quiet_s):
                return await anext(events, None)


def _chat_result(job: Question, answer: _Answer, citations: list[dict[str, str]]) -> dict[str, Any]:
    result = {
        "citations": citations,
        "conversation_id": job.conversation_id,
        "engine": ClaudeEngine.name,
        "model": answer.model,
    }
    return {**result, "truncated": True} if answer.truncated else result


def _check_end(answer: _Answer) -> None:
    if not answer.finished:  # the library takes a clean end of the connection for the end of the answer
        raise failures.ended_early()
    if answer.stop_reason == "refusal":
        raise failures.declined()


async def _learn(source: object, learn: LearnLimits) -> None:
    response = getattr(source, "response", None)
    limits = failures.limits_of(response.headers) if response is not None else None
    if limits is not None:
        await learn(limits)


@contextmanager
def _as_failures(model: str) -> Iterator[None]:
    """What the library raises, as the failures of the contract. The order matters: a time-out is also a
    connection error to it."""
    try:
        yield
    except APIStatusError as error:
        raise failures.failure_of(_refused(error), model) from error
    except (APITimeoutError, httpx2.TimeoutException, TimeoutError) as error:
        raise failures.stalled() from error
    except (APIConnectionError, httpx2.TransportError) as error:
        raise failures.lost_connection() from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise failures.garbled() from error


def _refused(error: APIStatusError) -> failures.Refused:
    return failures.Refused(
        status=error.status_code,
        type=error.type,
        code=error.error_code,
        message=error.api_message or "",
        headers=error.response.headers,
    )


def open_engine(settings: Settings) -> ClaudeEngine:
    """See `tasks.engines.opening.ENGINES`."""
    return ClaudeEngine(settings)
