"""Workers that are killed, put to sleep or told the wrong time, many tasks at a time."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from crew import Crew, count_of
from fleet import QUICK
from processes import WAIT_S
from sizes import pick
from watcher import Watcher, until

from tasks.contract.timing import Timing

SLOW_MS = 60_000
KILLS, TASKS = pick(quick=(3, 20), long=(100, 300))
TWO_HOURS_S = 7_200


async def test_old_attempt_changes_nothing_when_its_worker_wakes_after_its_lease(
    crew: Crew, report: Callable[[str], None]
) -> None:
    crew.simulator.control(duration_ms=SLOW_MS)
    async with crew.working(1) as (sleeper,):
        tasks = await crew.submit_all(f"Task number {n}. It is put to sleep." for n in range(3))
        async with Watcher(crew.urls, tasks) as watcher:
            await until(lambda: len(crew.simulator.ledger()) == 3, "Claude is being called for all")
            sleeper.process.send_signal(signal.SIGSTOP)
            crew.simulator.control(duration_ms=200)
            await crew.more_workers()
            truth = await crew.ends(watcher, tasks)
            sleeper.process.send_signal(signal.SIGCONT)
            for nth in (1, 2, 3):
                await asyncio.to_thread(sleeper.wait_for_line, r"galley\.run_analysis.* succeeded in", nth)
            assert "attempt_over" in sleeper.output or "attempt_will_be_repeated" in sleeper.output, "it tried to write"
            await until(lambda: crew.stats()["active_tasks"] == 0, "no slot is held")
            assert await crew.ends(watcher, tasks) == truth, "it changed nothing"
            starts = [count_of(watcher, task_id, "task_started") for task_id in tasks]
    assert {status["state"] for status in truth.values()} == {"SUCCESS"}
    assert starts == [2, 2, 2], "the lease of each was really lost"
    report("3 tasks went on elsewhere, and their first worker wrote nothing when it woke")


async def test_all_tasks_end_once_when_workers_are_killed_again_and_again(
    crew: Crew, report: Callable[[str], None]
) -> None:
    chance, struck, starting = random.Random(3), list[str](), set[asyncio.Task[object]]()
    async with crew.working(2):
        crew.simulator.control(duration_ms=500)
        tasks = await crew.submit_all(f"Task number {n} of many. It says a little." for n in range(TASKS))
        async with Watcher(crew.urls, tasks) as watcher:
            for _ in range(KILLS):
                await until(lambda: any(crew.running_in(worker) for worker in crew.workers), "something runs")
                victim = chance.choice([worker for worker in crew.workers if crew.running_in(worker)])
                struck += crew.running_in(victim)
                crew.kill(victim)
                starting.add(asyncio.ensure_future(crew.more_workers()))
                await asyncio.sleep(chance.uniform(0, pick(quick=0.3, long=1.0)))  # the rhythm of the fault
            await asyncio.gather(*starting)
            truth = await crew.ends(watcher, tasks, 20 * WAIT_S)
            again = sum(count_of(watcher, task_id, "task_started") > 1 for task_id in tasks)
            for task_id, status in truth.items():
                if status["state"] != "SUCCESS":
                    losses = [e for e in watcher.journals[task_id].entries if e.reason == "worker_lost"]
                    assert status["error"]["code"] == "worker_lost"
                    assert len(losses) >= 2, "the third loss ended it"
    assert len(struck) >= KILLS * 0.9, "tasks were really running in the workers that were killed"
    assert again > 0, "and were begun again"
    states = sorted(status["state"] for status in truth.values())
    report(
        f"{KILLS} kills struck {len(set(struck))} tasks {len(struck)} times; "
        f"{states.count('SUCCESS')} of {TASKS} succeeded, all ended once"
    )


async def test_only_the_poison_ends_when_it_kills_processes_that_run_innocent_tasks_too(
    crew: Crew, report: Callable[[str], None]
) -> None:
    async with crew.working(2):
        # long enough to run at the first kill, and no longer: a call in the process that the poison never
        # comes to is not cut short by anybody
        crew.simulator.control(duration_ms=10_000, rules=[{"contains": "POISON", "fault": {"name": "slow_start"}}])
        innocent = await crew.submit_all(f"Innocent number {n}." for n in range(4))
        (poison,) = await crew.submit_all(["POISON, until its process is gone."])
        async with Watcher(crew.urls, [poison, *innocent]) as watcher:
            await watcher.watched()
            kills, beside = 0, set[str]()
            while watcher.journals[poison].screen.state != "FAILURE":
                host = await host_of(crew, watcher, poison)
                if host is None:
                    break
                if kills == 0:
                    await until(lambda: len(crew.simulator.ledger()) == 5, "all run")
                    crew.simulator.control(duration_ms=200)
                beside |= crew.running_in(host) - {poison}
                crew.kill(host)
                kills += 1
                await crew.more_workers()
            truth = await crew.ends(watcher, [poison, *innocent])
            again = [task_id for task_id in innocent if count_of(watcher, task_id, "task_started") > 1]
    assert (truth[poison]["state"], truth[poison]["error"]["code"]) == ("FAILURE", "worker_lost")
    assert {truth[task_id]["state"] for task_id in innocent} == {"SUCCESS"}
    assert kills >= 3, "it really took its processes with it"
    assert beside >= set(again) != set(), "innocent tasks were really lost with it"
    report(f"the poison ended after {kills} processes; {len(again)} innocent tasks were lost with it and succeeded")


async def test_tasks_wait_quietly_when_they_need_a_process_without_another_suspect(crew: Crew) -> None:
    async with crew.working(1):
        crew.simulator.control(duration_ms=pick(quick=1_000, long=3_000))
        tasks = await crew.submit_all(f"Suspect number {n}." for n in range(5))
        async with Watcher(crew.urls, tasks) as watcher:
            await until(lambda: len(crew.running_in(crew.workers[0])) == 5, "all run in one process")
            crew.kill(crew.workers[0])
            killed_at = time.monotonic()
            await crew.more_workers()
            await crew.ends(watcher, tasks, 2 * WAIT_S)
            ticks = (time.monotonic() - killed_at) / (QUICK * Timing().tick_ms / 1000)
            most = max(count_of(watcher, task_id, "task_admitted") for task_id in tasks)
            assert 2 < most < ticks + 5, "it was refused a process, and asked again once a tick at most"


async def host_of(crew: Crew, watcher: Watcher, task_id: str) -> object:
    """The process that runs the task, as soon as one does; None when the task has ended first."""
    journal, found = watcher.journals[task_id], []

    def known() -> bool:
        found[:] = [worker for worker in crew.workers if task_id in crew.running_in(worker)]
        return bool(found) or journal.screen.state == "FAILURE"

    await until(known, "it runs again or ends")
    return found[0] if found else None


async def test_tasks_are_not_disturbed_when_the_clocks_of_workers_are_two_hours_off(
    crew: Crew, report: Callable[[str], None]
) -> None:
    wrong = {"PYTHONPATH": str(Path(__file__).parent / "wrong_clock")}
    began = time.time() * 1000
    async with crew.working(0):
        starts_at = (crew.more_workers(CLOCK_SHIFT_S=str(shift_s), **wrong) for shift_s in (TWO_HOURS_S, -TWO_HOURS_S))
        (fast,), (slow,) = await asyncio.gather(*starts_at)
        said = [int(worker.wait_for_line(r"wrong_clock shift_s=(-?\d+)")[1]) for worker in (fast, slow)]
        faults = [{"name": "rate_limited", "retry_after_s": 1}, {"name": "server_error"}]
        crew.simulator.control(duration_ms=300, queue=faults)
        tasks = await crew.submit_all(f"Task number {n}. What time is it?" for n in range(pick(quick=16, long=200)))
        async with Watcher(crew.urls, tasks) as watcher:
            truth = await crew.ends(watcher, tasks)
            starts = sum(count_of(watcher, task_id, "task_started") for task_id in tasks)
        crew.kill_all()  # no other test must meet these
        ran = [sum("galley.run_analysis" in line for line in worker.lines) for worker in (fast, slow)]
    now = time.time() * 1000
    assert said == [TWO_HOURS_S, -TWO_HOURS_S], "the clocks were really wrong"
    assert min(ran) > 0, "both worked"
    assert {status["state"] for status in truth.values()} == {"SUCCESS"}
    assert starts == len(tasks) + len(faults), "no lease was lost, and no wait was skipped"
    for status in truth.values():
        assert began < status["created_at"] <= status["started_at"] <= status["ended_at"] < now
    report(f"{len(tasks)} tasks by workers at +2 h and -2 h, none lost, all times true")
