"""Cancels at any moment, and one submission sent many times at once."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import httpx
from crew import ENDED, Crew
from processes import WAIT_S
from sizes import pick
from watcher import Watcher, until

CANCELS = pick(quick=60, long=2_000)
AT_ONCE = pick(quick=60, long=50)
CUT_OFF = 16
"""As many of them as two workers have slots."""
RUNS_MS = 1_000
CLOSED_WITHIN_MS = pick(quick=1_000 * WAIT_S, long=1_000)
EQUAL = 50


async def cancel(http: httpx.AsyncClient, task_id: str, wait_s: float = 0) -> tuple[httpx.Response, float]:
    """The answer, and when it was there, in ms since the Unix epoch."""
    await asyncio.sleep(wait_s)  # a moment of nobody's choosing
    answer = await http.post(f"/cancel_task/{task_id}")
    return answer, time.time() * 1000


async def test_each_task_has_one_end_and_no_stream_goes_on_when_tasks_are_cancelled_at_any_moment(
    crew: Crew, report: Callable[[str], None]
) -> None:
    chance, answers, late = random.Random(4), list[int](), list[float]()
    async with crew.working(2), crew.asking() as http:
        held = {"contains": "HELD", "fault": {"name": "held", "after_events": 2}}
        crew.simulator.control(duration_ms=RUNS_MS, rules=[held])
        for first in range(0, CANCELS, AT_ONCE):
            numbers = range(first, first + AT_ONCE)
            # first those that will be cut off: they take all slots, so the others wait for their cancels
            tasks = await crew.submit_all(f"marker-{n} is HELD until it is cut off." for n in numbers[:CUT_OFF])
            tasks += await crew.submit_all(f"marker-{n} is what it says." for n in numbers[CUT_OFF:])
            waiting, at_any, ended = (tasks[CUT_OFF + group :: 3] for group in range(3))
            async with Watcher(crew.urls, tasks) as watcher:
                cancels = dict(
                    zip(waiting, await asyncio.gather(*(cancel(http, task) for task in waiting)), strict=True)
                )
                of_others = [
                    *(
                        cancel_when_called(crew, http, n, task)
                        for n, task in zip(numbers, tasks[:CUT_OFF], strict=False)
                    ),
                    *(cancel(http, task, chance.uniform(0, 2.5)) for task in at_any),
                    *(cancel_when_ended(watcher, http, task) for task in ended),
                ]
                others = [*tasks[:CUT_OFF], *at_any, *ended]
                cancels |= zip(others, await asyncio.gather(*of_others), strict=True)
                truth = await crew.ends(watcher, tasks, 2 * WAIT_S)
            calls = await ended_calls(crew, first)
            for number, task_id in zip(numbers, tasks, strict=True):
                answer, at = cancels[task_id]
                answers.append(answer.status_code)
                judge_answer(answer, truth[task_id]["state"])
                if answer.status_code == 200:
                    late += [call["ended_at"] - at for call in calls if f"marker-{number}" in call["markers"]]
        closed = sum(call["end"] == "client_closed" for call in crew.simulator.ledger())
    assert max(late) <= CLOSED_WITHIN_MS, "a stream went on after its task was cancelled"
    assert closed >= CANCELS / AT_ONCE * CUT_OFF, "streams were really cut off"
    assert answers.count(409) >= 1, "some had ended before"
    assert len(late) < answers.count(200), "some were cancelled before they ran"
    report(
        f"{answers.count(200)} cancelled, {answers.count(409)} too late, {closed} streams cut off, "
        f"the last {max(late):.0f} ms after the answer"
    )


async def cancel_when_called(
    crew: Crew, http: httpx.AsyncClient, number: int, task_id: str
) -> tuple[httpx.Response, float]:
    """Once its stream is open."""
    marker = f"marker-{number}"
    async with asyncio.timeout(2 * WAIT_S):
        while not any(marker in call["markers"] for call in await asyncio.to_thread(crew.simulator.ledger)):
            await asyncio.sleep(0.1)
    return await cancel(http, task_id)


async def cancel_when_ended(watcher: Watcher, http: httpx.AsyncClient, task_id: str) -> tuple[httpx.Response, float]:
    """Once its end is shown."""
    await until(lambda: watcher.journals[task_id].screen.state in ENDED, f"{task_id} ends", 2 * WAIT_S)
    return await cancel(http, task_id)


def judge_answer(answer: httpx.Response, state: str) -> None:
    """What the cancel said is what the task became."""
    if answer.status_code == 200:
        assert (answer.json(), state) == ({"cancelled": True, "state": "REVOKED"}, "REVOKED")
    else:
        assert (answer.status_code, answer.json()["state"], state) == (409, "SUCCESS", "SUCCESS")


async def ended_calls(crew: Crew, first: int) -> list[dict[str, Any]]:
    """All calls of these tasks; each has an end within the limit, or the test fails on it."""
    deadline = time.monotonic() + CLOSED_WITHIN_MS / 1000
    while any(call["ended_at"] is None for call in crew.simulator.ledger()):
        assert time.monotonic() < deadline, f"a stream to Claude is still open, {first} and later"
        await asyncio.sleep(0.02)
    return crew.simulator.ledger()


async def test_one_task_runs_when_the_same_submission_arrives_fifty_times_at_once(
    crew: Crew, report: Callable[[str], None]
) -> None:
    async with crew.working(1), crew.asking() as http:
        crew.simulator.control(duration_ms=300)
        body, key = {"section": "S", "content": "The same, fifty times."}, {"Idempotency-Key": f"k{time.time_ns()}"}
        before = (await http.get("/tasks")).json()["tasks"]
        await asyncio.gather(*(http.get("/healthz") for _ in range(EQUAL)))  # connections stand before the race
        spans: list[tuple[float, float]] = []

        async def post() -> httpx.Response:
            began = time.monotonic()
            answer = await http.post("/analyze_section", json=body, headers=key)
            spans.append((began, time.monotonic()))
            return answer

        answers = await asyncio.gather(*(post() for _ in range(EQUAL)))
        bodies = {answer.text for answer in answers}
        assert {answer.status_code for answer in answers} == {202}
        assert len(bodies) == 1, "all were given the same answer"
        (task_id,) = {answer.json()["task_id"] for answer in answers}
        async with Watcher(crew.urls, [task_id]) as watcher:
            truth = await crew.ends(watcher, [task_id])
        after = (await http.get("/tasks")).json()["tasks"]
        calls = crew.simulator.ledger()
        other = await http.post("/analyze_section", json={**body, "content": "Another."}, headers=key)
    first_end = min(end for _, end in spans)
    overlapping = sum(began < first_end for began, _ in spans)
    assert overlapping >= EQUAL / 2, "they were really there at the same time"
    assert truth[task_id]["state"] == "SUCCESS"
    assert {task["task_id"] for task in after} - {task["task_id"] for task in before} == {task_id}
    assert len(calls) == 1, "Claude was called once"
    assert other.status_code == 422, "the key belongs to that content"
    report(f"{overlapping} of {EQUAL} overlapped, one task, one call to Claude")
