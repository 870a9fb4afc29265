"""A stage with real workers and the simulator as Claude, and what their fault tests ask of it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from fleet import QUICK, SimulatorProcess
from processes import WAIT_S, Running
from stage import Stage, agree
from watcher import Watcher, until

ENDED = {"SUCCESS", "FAILURE", "REVOKED"}
TERMINAL = {"task_succeeded", "task_failed", "task_cancelled"}


class Crew(Stage):
    """Workers come and go in each test; store, server and simulator stay."""

    def __init__(self, folder: Path, simulator: SimulatorProcess, factor: float = QUICK) -> None:
        super().__init__(folder, factor, CLAUDE_RPM="600000", **simulator.env)
        self.simulator = simulator

    async def __aexit__(self, *error: object) -> None:
        self.kill_all()
        await super().__aexit__(*error)

    @asynccontextmanager
    async def working(self, count: int) -> AsyncIterator[list[Running]]:
        """So many workers, those of the test before as far as they live."""
        self.simulator.http.post("/control/reset").raise_for_status()
        while len(self.workers) > count:
            self.kill_worker()
        await self.more_workers(count - len(self.workers))
        try:
            yield self.workers
        except BaseException:
            self.kill_all()  # nobody knows what a test that failed has left them in
            raise

    def kill_all(self) -> None:
        """End every worker."""
        while self.workers:
            self.kill_worker()

    async def more_workers(self, count: int = 1, **env: str) -> list[Running]:
        """Start some more, at the same time."""
        starts = (asyncio.to_thread(self.start_worker, **env) for _ in range(count))
        return list(await asyncio.gather(*starts))

    def running_in(self, worker: Running) -> set[str]:
        """The tasks that this process has claimed."""
        found: set[str] = set()
        for name in self.control.hkeys("{galley}:cards"):
            if f":{worker.pid}:" in name.decode():
                found |= {task.decode() for task in self.control.smembers(f"{{galley}}:worker:{name.decode()}:tasks")}
        return found

    def kill(self, worker: Running) -> None:
        """SIGKILL, as the kernel does when memory is short."""
        self.workers.remove(worker)
        worker.process.send_signal(signal.SIGKILL)
        assert worker.process.wait() == -signal.SIGKILL

    def asking(self) -> httpx.AsyncClient:
        """A client of the server."""
        limits = httpx.Limits(max_connections=100)
        return httpx.AsyncClient(base_url=self.url, timeout=WAIT_S, trust_env=False, limits=limits)

    async def submit_all(self, contents: Iterable[str]) -> list[str]:
        """Submit raw texts; their tasks, in order."""
        async with self.asking() as http:
            bodies = [{"section": "S", "content": content} for content in contents]
            answers = await asyncio.gather(*(http.post("/analyze_section", json=body) for body in bodies))
        assert {answer.status_code for answer in answers} == {202}
        return [answer.json()["task_id"] for answer in answers]

    async def ends(self, watcher: Watcher, task_ids: Sequence[str], limit_s: float = WAIT_S) -> dict[str, Any]:
        """Wait until the page shows that all have ended, and judge it; what is true of each."""
        journals = [watcher.journals[task_id] for task_id in task_ids]
        try:
            await until(lambda: all(journal.screen.state in ENDED for journal in journals), "all tasks end", limit_s)
        except AssertionError as late:
            open_ones = [journal for journal in journals if journal.screen.state not in ENDED]
            stand = [f"{j.task_id} {j.screen.state} {[e.name for e in j.entries]}" for j in open_ones[:5]]
            raise AssertionError(f"{late}; {len(open_ones)} do not: {stand}") from None
        truth = await self.statuses(task_ids)
        await agree([watcher], truth)
        for journal in journals:
            names = [entry.name for entry in journal.entries]
            assert sum(name in TERMINAL for name in names) == 1, f"{journal.task_id}: {names}"
            assert names[-1] in TERMINAL, f"{journal.task_id}: {names}"
        return truth


def count_of(watcher: Watcher, task_id: str, name: str) -> int:
    """How often that event came."""
    return sum(entry.name == name for entry in watcher.journals[task_id].entries)
