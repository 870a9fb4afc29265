"""Workers that are killed, put to sleep or told the wrong time, many tasks at a time."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from crew import Crew, count_of
from fleet import QUICK, SimulatorProcess
from processes import WAIT_S, Running
from sizes import pick
from watcher import Watcher, until

from tasks.contract.timing import Timing

KILLS, TASKS = pick(quick=(3, 20), long=(100, 300))
TWO_HOURS_S = 7_200


async def test_old_attempt_changes_nothing_when_its_worker_wakes_after_its_lease(
    crew: Crew, report: Callable[[str], None]
) -> None:
    async with crew.working(1) as (sleeper,):
        crew.simulator.hold(after_events=0)
        tasks = await crew.submit_all(f"Task number {n}. It is put to sleep." for n in range(3))
        async with Watcher(crew.urls, tasks) as watcher:
            await until(lambda: len(crew.running_in(sleeper)) == len(crew.simulator.ledger()) == 3, "all run")
            sleeper.process.send_signal(signal.SIGSTOP)
            crew.simulator.hold_no_more()
            await crew.more_workers()
            truth = await crew.ends(watcher, tasks)
            crew.simulator.release()
            sleeper.process.send_signal(signal.SIGCONT)
            for nth in (1, 2, 3):
                await asyncio.to_thread(sleeper.wait_for_line, r"galley\.run_analysis.* succeeded in", nth)
            assert "attempt_over" in sleeper.output or "attempt_will_be_repeated" in sleeper.output, "it tried to write"
            await until(lambda: crew.stats()["active_tasks"] == 0, "no slot is held")
            assert await crew.ends(watcher, tasks) == truth, "it changed nothing"
            starts = [count_of(watcher, task_id, "task_started") for task_id in tasks]
    assert {status["state"] for status in truth.values()} == {"SUCCESS"}
    assert min(starts) >= 2, "the lease of each was really lost"
    report("3 tasks went on elsewhere, and their first worker wrote nothing when it woke")


async def test_all_tasks_end_once_when_workers_are_killed_again_and_again(
    crew: Crew, report: Callable[[str], None]
) -> None:
    chance, struck, starting = random.Random(3), list[str](), set[asyncio.Task[object]]()
    async with crew.working(2):
        crew.simulator.control(duration_ms=500)
        crew.simulator.hold(after_events=2)  # so that something is left to run when the last is killed
        tasks = await crew.submit_all(f"Task number {n} of many. It says a little." for n in range(TASKS))
        async with Watcher(crew.urls, tasks) as watcher:
            for _ in range(KILLS):
                victim, running = await some_that_run(crew, chance)
                struck += running
                crew.kill(victim)
                starting.add(asyncio.ensure_future(crew.more_workers()))
                await asyncio.sleep(chance.uniform(0, pick(quick=0.3, long=1.0)))  # the rhythm of the fault
            crew.simulator.release()
            await asyncio.gather(*starting)
            truth = await crew.ends(watcher, tasks, 20 * WAIT_S)
            again = sum(count_of(watcher, task_id, "task_started") > 1 for task_id in tasks)
            for task_id, status in truth.items():
                if status["state"] != "SUCCESS":
                    losses = [e for e in watcher.journals[task_id].entries if e.reason == "worker_lost"]
                    assert status["error"]["code"] == "worker_lost"
                    assert len(losses) >= 2, "the third loss ended it"
    assert len(struck) >= KILLS, "tasks were really running in the workers that were killed"
    assert again > 0, "and were begun again"
    states = sorted(status["state"] for status in truth.values())
    report(
        f"{KILLS} kills struck {len(set(struck))} tasks {len(struck)} times; "
        f"{states.count('SUCCESS')} of {TASKS} succeeded, all ended once"
    )


async def some_that_run(crew: Crew, chance: random.Random) -> tuple[Running, set[str]]:
    """A process that has claimed tasks, and these."""
    found: list[tuple[Running, set[str]]] = []

    def known() -> bool:
        found[:] = [(worker, tasks) for worker in crew.workers if (tasks := crew.running_in(worker))]
        return bool(found)

    await until(known, "something runs")
    return chance.choice(found)


async def test_only_the_poison_ends_when_it_kills_processes_that_run_innocent_tasks_too(
    crew: Crew, report: Callable[[str], None]
) -> None:
    async with crew.working(1):
        endless = {"name": "stall_with_pings", "after_events": 0}
        crew.simulator.control(duration_ms=0, rules=[{"contains": "POISON", "fault": endless}])
        crew.simulator.hold(after_events=0)
        innocent = await crew.submit_all(f"Innocent number {n}." for n in range(4))
        (poison,) = await crew.submit_all(["POISON, until its process is gone."])
        async with Watcher(crew.urls, [poison, *innocent]) as watcher:
            await watcher.watched()
            (first,), kills = crew.workers, 0
            await until(lambda: len(crew.running_in(first)) == 5, "all run in one process")
            beside = crew.running_in(first) - {poison}
            await crew.more_workers()
            while watcher.journals[poison].screen.state != "FAILURE":
                host = await host_of(crew, watcher, poison)
                if host is None:
                    break
                crew.kill(host)
                crew.simulator.release()
                kills += 1
                await crew.more_workers()
            truth = await crew.ends(watcher, [poison, *innocent])
            again = [task_id for task_id in innocent if count_of(watcher, task_id, "task_started") > 1]
            losses = count_of(watcher, poison, "task_started")
    assert (truth[poison]["state"], truth[poison]["error"]["code"]) == ("FAILURE", "worker_lost")
    assert {truth[task_id]["state"] for task_id in innocent} == {"SUCCESS"}
    assert losses >= 3, "it really took its processes with it"
    assert beside & set(again), "innocent tasks were really lost with it"
    report(f"the poison ended after {kills} processes; {len(again)} innocent tasks were lost with it and succeeded")


async def test_tasks_wait_quietly_when_they_need_a_process_without_another_suspect(crew: Crew) -> None:
    async with crew.working(1):
        crew.simulator.hold(after_events=0)
        tasks = await crew.submit_all(f"Suspect number {n}." for n in range(5))
        async with Watcher(crew.urls, tasks) as watcher:
            await until(lambda: len(crew.running_in(crew.workers[0])) == 5, "all run in one process")
            crew.kill(crew.workers[0])
            killed_at = time.monotonic()
            await crew.more_workers()

            def most() -> int:
                return max(count_of(watcher, task_id, "task_admitted") for task_id in tasks)

            await until(lambda: most() > 4, "one is refused a process again and again, while another is held there")
            crew.simulator.release()
            await crew.ends(watcher, tasks, 2 * WAIT_S)
            ticks = (time.monotonic() - killed_at) / (QUICK * Timing().tick_ms / 1000)
            assert most() < ticks + 5, "it asked again once a tick at most"


async def host_of(crew: Crew, watcher: Watcher, task_id: str) -> object:
    """The process that runs the task, as soon as one does; None when the task has ended first."""
    journal, found = watcher.journals[task_id], []

    def known() -> bool:
        found[:] = [worker for worker in crew.workers if task_id in crew.running_in(worker)]
        return bool(found) or journal.screen.state == "FAILURE"

    await until(known, "it runs again or ends")
    return found[0] if found else None


async def test_tasks_are_not_disturbed_when_the_clocks_of_workers_are_two_hours_off(
    folder: Path, simulator: SimulatorProcess, report: Callable[[str], None]
) -> None:
    wrong = {"PYTHONPATH": str(Path(__file__).parent / "wrong_clock")}
    began = time.time() * 1000
    # with the leases of the product: none of them may be lost, also not to a machine that stands still for a while
    async with Crew(folder, simulator, factor=1.0) as crew, crew.working(0):
        starts_at = (crew.more_workers(CLOCK_SHIFT_S=str(shift_s), **wrong) for shift_s in (TWO_HOURS_S, -TWO_HOURS_S))
        (fast,), (slow,) = await asyncio.gather(*starts_at)
        said = [int(worker.wait_for_line(r"wrong_clock shift_s=(-?\d+)")[1]) for worker in (fast, slow)]
        simulator.hold(after_events=2)
        tasks = await crew.submit_all(f"Held task number {n}." for n in range(10))
        await until(lambda: crew.running_in(fast) and crew.running_in(slow), "both work: one alone has no room for all")
        simulator.release()
        faults = [{"name": "rate_limited", "retry_after_s": 1}, {"name": "server_error"}]
        simulator.control(duration_ms=300, queue=faults)
        tasks += await crew.submit_all(f"Task number {n}. What time is it?" for n in range(pick(quick=6, long=200)))
        async with Watcher(crew.urls, tasks) as watcher:
            truth = await crew.ends(watcher, tasks)
            starts = sum(count_of(watcher, task_id, "task_started") for task_id in tasks)
    now = time.time() * 1000
    assert said == [TWO_HOURS_S, -TWO_HOURS_S], "the clocks were really wrong"
    assert {status["state"] for status in truth.values()} == {"SUCCESS"}
    assert starts == len(tasks) + len(faults), "no lease was lost, and no wait was skipped"
    for status in truth.values():
        assert began < status["created_at"] <= status["started_at"] <= status["ended_at"] < now
    report(f"{len(tasks)} tasks by workers at +2 h and -2 h, none lost, all times true")
