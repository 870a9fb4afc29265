"""A whole Galley in real processes: Valkey, workers, a server, and the simulator as Claude."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import httpx

from server.supervisor.embedded import valkey_command
from tests.processes import BIN, ROOT, WAIT_S, Running, own_port, wait_until

QUICK = 0.1
"""The factor for leases, sweeps and waits in these tests: a lease of 3 s, a sweep every 0.5 s.

A worker that gets no processor for that long is lost, as it would be in earnest after 30 s, and its tasks go on
elsewhere. So these tests say how often something happened at least, and not how often exactly."""


class Fleet:
    """Starts and ends the parts. Each part can be killed and started again."""

    def __init__(self, folder: Path, *, workers: int = 1, factor: float = QUICK, **env: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.socket = folder / "s"
        self.port = own_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._wanted_workers = workers
        self._stack = ExitStack()
        cleared = (
            "BROKER_URL",
            "USE_CELERY",
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_BASE_URL",
            "ACCESS",
            "HOST",
            "SECRET_KEY",
        )
        self.env = {
            **dict.fromkeys(cleared, ""),
            "DATA_DIR": str(folder / "data"),
            "REDIS_URL": f"unix://{self.socket}",
            "PORT": str(self.port),
            "WORKER_CONCURRENCY": "8",
            "GALLEY_TIME_FACTOR": str(factor),
            **env,
        }
        self.workers: list[Running] = []
        self.http = httpx.Client(base_url=self.url, timeout=WAIT_S)

    def __enter__(self) -> Self:
        with self._stack:  # what has started ends again when a later part does not come up
            self.start_store()
            for _ in range(self._wanted_workers):
                self.start_worker()
            self.start_server()
            wait_until(lambda: self.stats()["workers"] == self._wanted_workers, "all workers are seen")
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None = None, *_: object) -> None:
        if kind is not None:  # a test's report shows it: a server that ended must not take its last words along
            print(f"the server's status is {self.server.process.poll()}, and it said:\n{self.server.output}")
        self.http.close()
        self._stack.close()

    def _start(self, *argv: str | Path, **env: str) -> Running:
        return self._stack.enter_context(Running(argv, {**self.env, **env}))

    def start_store(self) -> None:
        """A Valkey that syncs always, as the embedded one does."""
        self.store = self._start(*valkey_command(self.folder, self.socket))
        self.store.wait_for_line("Ready to accept connections")

    def start_worker(self, *options: str, **env: str) -> Running:
        """One more `celery … worker`."""
        argv = (BIN / "celery", "-A", "celery_config", "worker", "--without-mingle", "--loglevel=info", *options)
        worker = self._start(*argv, **env)
        self.workers.append(worker)
        worker.wait_for_line("worker_ready", limit_s=3 * WAIT_S)  # seconds of work: a minute on a busy machine
        return worker

    def start_server(self) -> None:
        """The HTTP and Socket.IO server; returns when it answers."""
        self.server = self._start(BIN / "galley", "server")
        self.server.wait_for_answer(f"{self.url}/healthz")

    def kill_worker(self, number: int = 0) -> None:
        """SIGKILL, as the kernel does when memory is short."""
        worker = self.workers.pop(number)
        worker.process.send_signal(signal.SIGKILL)
        assert worker.process.wait() == -signal.SIGKILL

    def stats(self) -> dict[str, Any]:
        """``GET /queue_stats``."""
        return dict(self.http.get("/queue_stats").json())

    def submit(self, content: str = "A short text.", **more: Any) -> str:
        """Submit raw text; the task's id."""
        answer = self.http.post("/analyze_section", json={"section": "S", "content": content, **more})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["task_id"])

    def status(self, task_id: str) -> dict[str, Any]:
        """``GET /task_status``."""
        return dict(self.http.get(f"/task_status/{task_id}").json())

    def events(self, task_id: str) -> list[dict[str, Any]]:
        """Everything in the task's log, by Server-Sent Events; only for tasks that have ended."""
        lines = self.http.get(f"/task_events/{task_id}").text.splitlines()
        return [json.loads(line.removeprefix("data:")) for line in lines if line.startswith("data:")]

    def wait_for(self, task_id: str, true: Callable[[dict[str, Any]], bool], words: str) -> dict[str, Any]:
        """The first status for which it is true."""
        found: list[dict[str, Any]] = []

        def looked() -> bool:
            found[:] = [self.status(task_id)]
            return true(found[0])

        wait_until(looked, f"{task_id} {words}")
        return found[0]

    def wait_for_end(self, task_id: str) -> dict[str, Any]:
        """The status once the task has ended."""
        return self.wait_for(task_id, lambda s: s["ended_at"] is not None, "ends")


class SimulatorProcess:
    """The simulator of the Messages API in a process of its own."""

    def __init__(self, **options: object) -> None:
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        self._running = Running([BIN / "python", "-m", "tests.simulator", *words], cwd=ROOT)

    def __enter__(self) -> Self:
        self._running.__enter__()
        self.url = self._running.wait_for_line(r"^http://\S+$")[0]
        self.http = httpx.Client(base_url=self.url)
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()
        self._running.__exit__(*error)

    @property
    def env(self) -> dict[str, str]:
        """What makes a process call the simulator instead of Claude."""
        return {"ANTHROPIC_BASE_URL": self.url, "ANTHROPIC_API_KEY": "key", "CLAUDE_MODEL": "claude-sonnet-5-5"}

    def control(self, **wanted: Any) -> None:
        """``POST /control``."""
        self.http.post("/control", json=wanted).raise_for_status()

    def hold(self, after_events: int) -> None:
        """From now on, let each call that meets no other fault stop after so many pieces of its answer, until
        `release`: what runs is then seen running however slow the machine is."""
        self.control(probability={"p": 1, "fault": {"name": "held", "after_events": after_events}})

    def hold_no_more(self) -> None:
        """Let later calls pass. Those that are held stay held."""
        self.control(probability={"p": 0})

    def release(self) -> None:
        """Let all calls go on."""
        self.control(release=True)

    def ledger(self) -> list[dict[str, Any]]:
        """Every call, as the simulator's books have it."""
        answer = self.http.get("/control/ledger").json()
        return list(answer["calls"] if isinstance(answer, dict) else answer)
