"""``python -m tests.load.appender STORE_URL PER_SECOND COUNT TASK …``: a worker's writing side.

Appends ``COUNT`` events to each task, together ``PER_SECOND`` a second, and then the end of each. An
event carries the time at which its append began. Prints how long the appends took, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import uvloop

from tasks.contract.events import EventData, ProgressMade, TaskSucceeded
from tasks.contract.timing import Timing
from tasks.store.ports import AppendOutcome
from tasks.store.redis_store import RedisStore


def token_of(task_id: str) -> str:
    """What the task must have been claimed with."""
    return f"token_{task_id}"


async def append_all(url: str, per_second: float, count: int, task_ids: list[str]) -> list[float]:
    """Write all events, evenly over time and over the tasks. How long each append took, in seconds."""
    store, took = RedisStore(url, Timing()), list[float]()
    await asyncio.gather(*(store.ping() for _ in task_ids))  # connecting is no part of an append
    began = time.perf_counter()

    async def append(task_id: str, number: int, data: EventData) -> None:
        answer = await store.append(task_id, token_of(task_id), number, data)
        assert answer.outcome is AppendOutcome.APPENDED, f"{task_id}: {answer.outcome}"

    async def write(task_id: str, first: int) -> None:
        for number in range(count):
            due = began + (first + number * len(task_ids)) / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            at = time.perf_counter()
            await append(task_id, number + 1, ProgressMade(percent=100 * number // count, status=str(time.time_ns())))
            took.append(time.perf_counter() - at)
        await append(task_id, count + 1, TaskSucceeded(result={}))

    try:
        await asyncio.gather(*(write(task_id, first) for first, task_id in enumerate(task_ids)))
    finally:
        await store.close()
    return took


def main() -> None:
    """Write as the command line says."""
    url, per_second, count, *task_ids = sys.argv[1:]
    took = uvloop.run(append_all(url, float(per_second), int(count), task_ids))
    print(json.dumps({"took_s": took}), flush=True)


if __name__ == "__main__":
    main()
