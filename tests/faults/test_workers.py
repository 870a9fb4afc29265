"""Workers that die, drain and are too many, with the simulator's books as the judge."""

from __future__ import annotations

import itertools
import signal
import time
from collections.abc import Callable
from pathlib import Path

from fleet import QUICK, Fleet, SimulatorProcess
from processes import WAIT_S, wait_until
from sizes import pick


def test_task_goes_on_elsewhere_and_ends_once_when_its_worker_is_killed(
    folder: Path, simulator: SimulatorProcess, report: Callable[[str], None]
) -> None:
    simulator.hold(after_events=0)
    factor = pick(quick=QUICK, long=1.0)
    with Fleet(folder, factor=factor, **simulator.env) as fleet:
        task_id = fleet.submit("The task that outlives its worker. It has two sentences.")
        fleet.wait_for(task_id, lambda s: s["started_at"] is not None, "runs")
        wait_until(simulator.ledger, "Claude is being called")
        simulator.hold_no_more()
        fleet.start_worker()
        fleet.kill_worker(0)
        killed = time.monotonic()
        fleet.wait_for(task_id, lambda s: s["attempt"] >= 2, "goes on as the next attempt")
        took = time.monotonic() - killed
        status = fleet.wait_for_end(task_id)
        assert (status["state"], status["attempt"] >= 2) == ("SUCCESS", True)
        assert status["result"]["findings"]
        types = [event["type"] for event in fleet.events(task_id)]
        assert types.count("task_started") >= 2, "the fault really happened"
        assert types.count("task_succeeded") == 1
        assert types[-1] == "task_succeeded"
    report(f"goes on {took:.1f} s after the kill, all waits times {factor}")


def test_task_that_kills_its_worker_three_times_ends_and_its_neighbours_do_not_suffer(
    folder: Path, simulator: SimulatorProcess
) -> None:
    simulator.control(rules=[{"contains": "POISON", "fault": {"name": "held", "after_events": 0}}])
    with Fleet(folder, **simulator.env) as fleet:
        poison = fleet.submit("POISON runs until its worker is gone.")
        for attempt in (1, 2, 3):
            wait_until(lambda n=attempt: len(simulator.ledger()) >= n, f"it runs as attempt {attempt}")
            fleet.kill_worker(0)
            fleet.start_worker()
        status = fleet.wait_for_end(poison)
        assert (status["state"], status["error"]["code"]) == ("FAILURE", "worker_lost")
        wait_until(lambda: fleet.stats()["dead"] == 1, "it is counted")
        dead = fleet.http.get("/tasks", params={"state": "FAILURE"}).json()
        assert [task["task_id"] for task in dead["tasks"]] == [poison]
        neighbour = fleet.wait_for_end(fleet.submit("A neighbour without a fault."))
        assert neighbour["state"] == "SUCCESS"


def test_tasks_of_a_killed_worker_all_end_once(folder: Path, simulator: SimulatorProcess) -> None:
    simulator.hold(after_events=0)
    with Fleet(folder, workers=1, CLAUDE_RPM="60000", **simulator.env) as fleet:
        tasks = [fleet.submit(f"Task number {n} of six. It says a little.") for n in range(6)]
        wait_until(lambda: fleet.stats()["active_tasks"] == 6, "all run in one process")
        fleet.kill_worker(0)
        simulator.release()
        fleet.start_worker()
        fleet.start_worker()
        for task_id in tasks:
            assert fleet.wait_for_end(task_id)["state"] == "SUCCESS"
            types = [event["type"] for event in fleet.events(task_id)]
            assert types.count("task_succeeded") == 1
            assert types.count("task_started") >= 2, "the fault really happened"


def test_worker_that_is_told_to_stop_hands_its_leases_back_at_its_deadline(
    folder: Path, simulator: SimulatorProcess
) -> None:
    simulator.hold(after_events=0)
    with Fleet(folder, **simulator.env) as fleet:
        task_id = fleet.submit()
        fleet.wait_for(task_id, lambda s: s["started_at"] is not None, "runs")
        leaving = fleet.workers.pop(0)
        leaving.process.send_signal(signal.SIGTERM)
        wait_until(lambda: fleet.stats()["workers"] == 0, "its slots are withdrawn")
        fleet.wait_for(task_id, lambda s: s["state"] == "PENDING", "is handed back")
        assert leaving.process.wait(WAIT_S) == 0
        simulator.release()
        fleet.start_worker()
        assert fleet.wait_for_end(task_id)["state"] == "SUCCESS"
        reasons = [e["data"].get("reason") for e in fleet.events(task_id) if e["type"] == "task_queued"]
        assert reasons[0] == "submitted" and "handed_back" in reasons


def test_cancel_of_a_running_task_closes_the_stream_to_claude(folder: Path, simulator: SimulatorProcess) -> None:
    simulator.hold(after_events=0)
    with Fleet(folder, **simulator.env) as fleet:
        task_id = fleet.submit()
        fleet.wait_for(task_id, lambda s: s["started_at"] is not None, "runs")
        wait_until(simulator.ledger, "Claude is being called")
        answer = fleet.http.post(f"/cancel_task/{task_id}")
        assert answer.json() == {"cancelled": True, "state": "REVOKED"}
        wait_until(lambda: all(call["end"] for call in simulator.ledger()), "the stream is closed")
        assert {call["end"] for call in simulator.ledger()} == {"client_closed"}
        assert fleet.http.post(f"/cancel_task/{task_id}").json()["state"] == "REVOKED"
        wait_until(lambda: fleet.stats()["active_tasks"] == 0, "its slot is free")


def test_store_that_is_killed_and_comes_back_loses_nothing(folder: Path, simulator: SimulatorProcess) -> None:
    simulator.hold(after_events=0)
    with Fleet(folder, CLAUDE_RPM="60000", **simulator.env) as fleet:
        tasks = [fleet.submit(f"Task number {n}. It is of some length.") for n in range(5)]
        wait_until(lambda: fleet.stats()["active_tasks"] == 5, "all run")
        before = fleet.status(tasks[0])["epoch"]
        fleet.store.process.send_signal(signal.SIGKILL)
        assert fleet.store.process.wait() == -signal.SIGKILL
        refused = fleet.http.post("/analyze_document", json={"document_id": "none"})
        assert (refused.status_code, refused.headers["retry-after"].isdigit()) == (503, True)
        fleet.start_store()
        simulator.release()
        for task_id in tasks:
            status = fleet.wait_for_end(task_id)
            assert status["state"] == "SUCCESS"
            assert status["epoch"] > before, "it is another generation"
            assert len(status["result"]["findings"]) == len({f["fingerprint"] for f in status["result"]["findings"]})


def test_kind_limit_holds_over_all_workers(folder: Path, simulator: SimulatorProcess) -> None:
    with Fleet(folder, workers=2, RATE_LIMIT_ANALYSIS="60/m", CLAUDE_RPM="60000", **simulator.env) as fleet:
        tasks = [fleet.submit(f"Task number {n}.") for n in range(12)]
        waiting = fleet.status(tasks[-1])
        assert waiting["state"] == "PENDING"
        assert waiting["position"] is not None
        for task_id in tasks:
            assert fleet.wait_for_end(task_id)["state"] == "SUCCESS"
        # by the store's clock, whenever their workers called; what nobody claimed was given back
        pairs = [pair for task_id in tasks for pair in itertools.pairwise(fleet.events(task_id))]
        starts = sorted(event["at"] for event, after in pairs if after["type"] == "task_started")
        for first, last in itertools.combinations(range(len(starts)), 2):
            allowed = 5 + (starts[last] - starts[first]) / 1000 + 1
            assert last - first + 1 <= allowed, "a burst of five, then one a second"
        assert 12 <= len(simulator.ledger()) <= len(starts), "nobody called without an admission"


def test_nobody_fails_when_claude_says_too_many_requests(folder: Path) -> None:
    # a bucket that holds three calls more than we send at once: so much may come late and together
    with SimulatorProcess(rpm=60, burst_s=8) as simulator, Fleet(folder, **simulator.env) as fleet:
        simulator.control(queue=[{"name": "rate_limited", "retry_after_s": 1}] * 2)
        tasks = [fleet.submit(f"Task number {n}.") for n in range(12)]
        for task_id in tasks:
            status = fleet.wait_for_end(task_id)
            assert (status["state"], status["error"]) == ("SUCCESS", None)
        refused = [call for call in simulator.ledger() if call["status"] == 429]
        assert len(refused) == 2, "only those that the test asked for"
        assert fleet.stats()["dead"] == 0
