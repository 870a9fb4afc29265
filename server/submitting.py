"""From a checked submission to its answer: in line, already known, done in this process, or refused.

With Celery, the store decides by the idempotency key, in the same step that accepts the tasks.
Without it there is one process, so turns by key are enough, and only successes are remembered.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from server.access import Asker
from server.answers import Answer
from server.inline import result_answer, run_without_store
from server.parts import Parts
from server.task_waiting import until_ended
from tasks.contract.errors import StoreUnavailable
from tasks.contract.names import TaskKind
from tasks.contract.states import TaskState
from tasks.contract.submissions import NewTask
from tasks.store.ports import Submitted

PROMPT_S: Final = 2.7
"""A submission is answered within 3 s, even by a store that hangs."""
_RECORDED_WITHIN: Final = 10
_KNOWN: Final = (
    "The same was reviewed before, so its findings are there at once and cost nothing. Ask with fresh for new ones."
)
_LOOK_AGAIN_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Asking:
    """By whom and how something is asked for. ``digest`` is set where ``key`` is."""

    asker: Asker
    key: str | None = None
    digest: str = ""
    respond_async: bool = False

    @property
    def owner(self) -> str:
        """For whom."""
        return self.asker.owner

    def stamped(self, tasks: Sequence[NewTask]) -> list[NewTask]:
        """The tasks, with how those of this asker share what there is."""
        shares = {"group": self.asker.group, "weight": self.asker.weight}
        return [task.model_copy(update=shares) for task in tasks]


Describe = Callable[[Parts, Sequence[NewTask], Submitted], Awaitable[Answer]]
"""Says what was accepted: the tasks as they stand in the store, and their places."""


@asynccontextmanager
async def promptly() -> AsyncIterator[None]:
    """Give up on a store that takes too long to answer a submission.

    Raises:
        StoreUnavailable: after `PROMPT_S`.
    """
    try:
        async with asyncio.timeout(PROMPT_S):
            yield
    except TimeoutError:
        raise StoreUnavailable("The store does not answer. Send the same again with its Idempotency-Key.") from None


async def submit_one(parts: Parts, task: NewTask, asking: Asking) -> Answer:
    """Accept one task; without Celery and without ``Prefer: respond-async``, also wait for its result."""
    wait = not parts.settings.use_celery and not asking.respond_async
    try:
        return await _submit(parts, (task,), asking, describe_one, wait=wait)
    except StoreUnavailable as error:
        if not error.data.get("not_sent"):
            raise  # it may have been accepted: running it here as well would be twice
        return await run_without_store(parts, task, error)


async def submit_many(parts: Parts, tasks: Sequence[NewTask], asking: Asking) -> Answer:
    """Accept the tasks of one document, all or none."""
    return await _submit(parts, tasks, asking, describe_many, wait=False)


async def submit_again(parts: Parts, task: NewTask, asking: Asking) -> Answer:
    """Accept one task, and never wait for its result."""
    return await _submit(parts, (task,), asking, describe_one, wait=False)


async def _submit(parts: Parts, tasks: Sequence[NewTask], asking: Asking, describe: Describe, *, wait: bool) -> Answer:
    tasks = asking.stamped(tasks)
    if not parts.settings.use_celery:
        return await _submit_here(parts, tasks, asking, describe, wait=wait)
    async with promptly():
        submitted = await parts.store.submit(tasks, idempotency_key=asking.key, digest=asking.digest)
        if submitted.replayed:
            return await _first_answer(parts, tasks, submitted, asking, describe)
        answer = await describe(parts, tasks, submitted)
        if asking.key is not None:
            await parts.store.record_answer(asking.owner, asking.key, asking.digest, answer.as_text())
        return answer


async def _first_answer(
    parts: Parts, tasks: Sequence[NewTask], submitted: Submitted, asking: Asking, describe: Describe
) -> Answer:
    """What the first such request was answered with. It may be about to record that right now; one
    that died before it could is answered for from its tasks."""
    recorded, key = submitted.answer, asking.key or ""
    for _ in range(_RECORDED_WITHIN):
        if recorded is not None:
            return Answer.from_text(recorded)
        await asyncio.sleep(_LOOK_AGAIN_S)
        recorded = await parts.store.recall_answer(asking.owner, key, asking.digest)
    answer = await describe(parts, await _as_first_sent(parts, tasks, submitted), submitted)
    await parts.store.record_answer(asking.owner, key, asking.digest, answer.as_text())
    return answer


async def _as_first_sent(parts: Parts, tasks: Sequence[NewTask], submitted: Submitted) -> list[NewTask]:
    """The tasks with the ids of the first submission, and its conversation."""
    first = await parts.store.task_input(submitted.task_ids[0])
    changed = {"conversation_id": first.conversation_id} if first else {}
    return [
        task.model_copy(update={"task_id": task_id, **changed})
        for task, task_id in zip(tasks, submitted.task_ids, strict=False)
    ]


async def _submit_here(
    parts: Parts, tasks: Sequence[NewTask], asking: Asking, describe: Describe, *, wait: bool
) -> Answer:
    if asking.key is None:
        return await _accept_here(parts, tasks, describe, wait=wait)
    async with parts.turns.turn(f"{asking.owner} {asking.key}"):
        recorded = await parts.store.recall_answer(asking.owner, asking.key, asking.digest)
        if recorded is not None:
            return Answer.from_text(recorded)
        answer = await _accept_here(parts, tasks, describe, wait=wait)
        await parts.store.record_answer(asking.owner, asking.key, asking.digest, answer.as_text())
        return answer


async def _accept_here(parts: Parts, tasks: Sequence[NewTask], describe: Describe, *, wait: bool) -> Answer:
    submitted = await parts.store.submit(tasks)
    if not wait:
        return await describe(parts, tasks, submitted)
    return result_answer(await until_ended(parts.store, parts.news, tasks[0].owner, tasks[0].task_id))


async def describe_one(parts: Parts, tasks: Sequence[NewTask], submitted: Submitted) -> Answer:
    """202: the task, its place, and where to look."""
    task, position = tasks[0], submitted.positions[0]
    is_known = task.task_id in submitted.known
    eta_s = (await parts.queue.place_at(position, task.kind)).eta_s if position else 0 if is_known else None
    body = {
        "task_id": task.task_id,
        "status": "processing",
        "message": _KNOWN if is_known else _message(position, eta_s),
        "state": TaskState.SUCCESS if is_known else TaskState.PENDING,
        "position": None if is_known else position,
        "eta_s": eta_s,
    }
    if task.kind is TaskKind.CHAT:
        body["conversation_id"] = task.conversation_id
    return Answer(202, json.dumps(body), f"/task_status/{task.task_id}")


async def describe_many(_parts: Parts, tasks: Sequence[NewTask], _submitted: Submitted) -> Answer:
    """202: which task reviews which section."""
    listed = [{"section_id": task.section_id, "task_id": task.task_id} for task in tasks]
    return Answer(202, json.dumps({"tasks": listed}))


def _message(position: int, eta_s: int | None) -> str:
    if eta_s is None:
        return f"Number {position} in line. No worker is up at the moment; it starts when one is."
    if eta_s == 0:
        return "It starts in a moment."
    return f"Number {position} in line, about {eta_s} s."
