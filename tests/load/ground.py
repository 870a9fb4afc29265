"""What benchmarks stand on: a fresh store set up as the embedded one is, and servers under test."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Self

import httpx

from server.supervisor.embedded import valkey_command
from tasks.contract.timing import Timing
from tasks.settings import celery_broker_url
from tasks.store.redis_store import RedisStore
from tests.load.pinned import on_core
from tests.processes import BIN, Running, own_port

HOST: Final = "127.0.0.1"
_CLEARED: Final = (
    *("REDIS_URL", "BROKER_URL", "USE_CELERY", "ACCESS", "HOST", "SECRET_KEY", "GALLEY_TIME_FACTOR"),
    *("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "CLAUDE_RPM", "CLAUDE_CONCURRENCY"),
    *("RATE_LIMIT_ANALYSIS", "RATE_LIMIT_CHAT", "RATE_LIMIT_TEST", "WORKER_CONCURRENCY"),
    *("MAKEFLAGS", "MAKELEVEL", "ARGS"),  # `make bench ARGS=...` hands its own down to `make run`
)


def clean_environment(data_dir: Path, port: int, **more: str) -> dict[str, str]:
    """The product's defaults, whatever the person who measures has set for other purposes."""
    return {**dict.fromkeys(_CLEARED, ""), "DATA_DIR": str(data_dir), "PORT": str(port), **more}


class Ground:
    """A store of its own in a folder of its own, gone afterwards. Use it as a context manager.

    ``store_core`` and the servers' cores are None for "wherever the system likes".
    """

    def __init__(self, store_core: int | None = None) -> None:
        self._stack = ExitStack()
        self._store_core = store_core
        self.port = own_port()
        self.url = f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="galley-")))
        socket = self.folder / "s"
        self.redis_url = f"unix://{socket}"
        self.broker_url = celery_broker_url(self.redis_url)
        self.env = clean_environment(self.folder / "data", self.port, REDIS_URL=self.redis_url)
        self.store = self._start(self._store_core, *valkey_command(self.folder, socket))
        self.store.wait_for_line("Ready to accept connections")
        self.http = self._stack.enter_context(httpx.Client(base_url=self.url, timeout=30, trust_env=False))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self, core: int | None, *argv: str | Path) -> Running:
        return self._stack.enter_context(Running(on_core(core, *argv), self.env))

    def start_server(self, core: int | None = None) -> Running:
        """``galley server``; returns when it takes submissions."""
        return self.start(core, BIN / "galley", "server", ready="/readyz")

    def start_worker(self) -> Running:
        """`celery … worker`; returns when it is ready."""
        argv = (BIN / "celery", "-A", "celery_config", "worker", "--without-mingle", "--loglevel=info")
        worker = self.start_process(*argv)
        worker.wait_for_line("worker_ready")
        return worker

    def start_process(self, *argv: str | Path) -> Running:
        """Anything, wherever the system likes, as long as this ground is there."""
        return self._start(None, *argv)

    def start(self, core: int | None, *argv: str | Path, ready: str) -> Running:
        """Any server on `port`; returns when it answers 200 under that path."""
        server = self._start(core, *argv)
        server.wait_for_answer(self.url + ready)
        return server

    def stats(self) -> dict[str, Any]:
        """``GET /queue_stats``."""
        return dict(self.http.get("/queue_stats").json())

    def open_store(self) -> RedisStore:
        """A client of the store, for the loop that runs; close it there."""
        return RedisStore(self.redis_url, Timing())
