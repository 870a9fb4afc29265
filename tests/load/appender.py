"""``python -m tests.load.appender STORE_URL PER_SECOND COUNT TASK …``: a worker's writing side.

Appends ``COUNT`` events to each task, together ``PER_SECOND`` a second, and then the end of each. An
event carries the time at which its append began. With ``--finding-every N`` each Nth event is a
finding instead. Prints how long the appends took, as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time

import uvloop

from tasks.contract.events import EventData, FindingMade, ProgressMade, TaskSucceeded
from tasks.contract.findings import Finding, Source
from tasks.contract.timing import Timing
from tasks.store.ports import AppendOutcome
from tasks.store.redis_store import RedisStore


def token_of(task_id: str) -> str:
    """What the task must have been claimed with."""
    return f"token_{task_id}"


def finding_of(task_id: str, number: int) -> Finding:
    """A finding about the whole of the section that the task's id ends with."""
    name = f"f_{task_id}_{number}"
    return Finding(
        finding_id=name,
        fingerprint=name,
        section_id=task_id.rpartition("_")[2],
        category="clarity",
        severity="minor",
        message=f"Number {number} of what was found here, in a sentence of the usual length.",
        source=Source(engine="checker"),
    )


async def append_all(
    url: str, per_second: float, count: int, task_ids: list[str], finding_every: int = 0
) -> list[float]:
    """Write all events, evenly over time and over the tasks. How long each append took, in seconds."""
    store, took = RedisStore(url, Timing()), list[float]()
    await asyncio.gather(*(store.ping() for _ in task_ids))  # connecting is no part of an append
    began = time.perf_counter()

    async def append(task_id: str, number: int, data: EventData) -> None:
        answer = await store.append(task_id, token_of(task_id), number, data)
        assert answer.outcome is AppendOutcome.APPENDED, f"{task_id}: {answer.outcome}"

    def event_of(task_id: str, number: int) -> EventData:
        if finding_every and (number + 1) % finding_every == 0:
            return FindingMade(finding=finding_of(task_id, number))
        return ProgressMade(percent=100 * number // count, status=str(time.time_ns()))

    async def write(task_id: str, first: int) -> None:
        for number in range(count):
            due = began + (first + number * len(task_ids)) / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            at = time.perf_counter()
            await append(task_id, number + 1, event_of(task_id, number))
            took.append(time.perf_counter() - at)
        await append(task_id, count + 1, TaskSucceeded(result={}))

    try:
        await asyncio.gather(*(write(task_id, first) for first, task_id in enumerate(task_ids)))
    finally:
        await store.close()
    return took


def main() -> None:
    """Write as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.appender", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("per_second", type=float)
    parser.add_argument("count", type=int)
    parser.add_argument("task_ids", nargs="+")
    parser.add_argument("--finding-every", type=int, default=0)
    given = parser.parse_args()
    took = uvloop.run(append_all(given.url, given.per_second, given.count, given.task_ids, given.finding_every))
    print(json.dumps({"took_s": took}), flush=True)


if __name__ == "__main__":
    main()
