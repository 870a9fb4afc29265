"""The fleets that are compared. Each has sixteen slots, and is handed one job after the other."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from server.queue_view import place_of
from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tests.load.fleet_load import RPM, Job
from tests.load.ground import Ground
from tests.load.peers import recipe_worker
from tests.processes import BIN, ROOT

WORKERS: Final = 4
SLOTS: Final = 4
"""Of each worker."""
_LITELLM: Final = Path(__file__).parent / "peers" / "litellm"
_LITELLM_PYTHON: Final = _LITELLM / ".venv" / "bin" / "python"

Hand = Callable[[Job], Awaitable[None]]
Told = dict[str, list[tuple[float, int]]]
"""What was estimated of a job: when (seconds of the store's clock) and how long (seconds)."""


@dataclass(slots=True)
class Fleet:
    """A fleet that runs: how it is handed a job, and what it tells of waits."""

    hand: Hand
    look: Callable[[], Awaitable[None]]
    told: Told = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the fleets that are compared."""

    name: str
    start: Callable[[Ground], Any]
    """An async context manager that gives a `Fleet`."""


async def _nothing() -> None:
    """This fleet tells nothing."""


@asynccontextmanager
async def _galley(ground: Ground) -> AsyncIterator[Fleet]:
    ground.env.update(WORKER_CONCURRENCY=str(SLOTS))
    store = ground.open_store()
    try:
        workers = [ground.start_worker() for _ in range(WORKERS)]
        while (await store.stats()).workers < WORKERS:
            await asyncio.sleep(0.05)
        told: Told = {}

        async def hand(job: Job) -> None:
            given = {"section": "S", "content": job.text}
            task = NewTask(
                task_id=job.marker, kind=TaskKind.ANALYSIS, owner=job.owner, input=given, input_chars=len(job.text)
            )
            await store.submit([task])

        async def look() -> None:
            stats = await store.stats()
            kind = stats.kinds[TaskKind.ANALYSIS]
            for index, (task_id, latest) in enumerate(await store.waiting(TaskKind.ANALYSIS, 500)):
                if (eta_s := place_of(index + 1, latest, kind, stats.now).eta_s) is not None:
                    told.setdefault(task_id, []).append((stats.now / 1000, eta_s))

        yield Fleet(hand, look, told)
        for worker in workers:
            worker.process.kill()
    finally:
        await store.close()


def _recipe(rate: str) -> Callable[[Ground], Any]:
    @asynccontextmanager
    async def start(ground: Ground) -> AsyncIterator[Fleet]:
        ground.env.update(RECIPE_BROKER=ground.broker_url, RECIPE_RATE=rate)
        argv = (
            BIN / "celery", "-A", "tests.load.peers.recipe_worker", "worker", "--pool", "threads",
            "--concurrency", str(SLOTS), "--without-mingle", "--without-gossip", "--loglevel=info",
        )  # fmt: skip
        workers = []
        for number in range(WORKERS):  # one after the other: each imports for seconds
            workers.append(ground.start_process(*argv, "-n", f"recipe{number}@%h"))
            workers[-1].wait_for_line("ready")
        app = recipe_worker.Celery("sender", broker=ground.env["RECIPE_BROKER"], set_as_current=False)
        app.conf.update(task_ignore_result=True, task_default_queue=recipe_worker.QUEUE)

        async def hand(job: Job) -> None:
            app.send_task(recipe_worker.TASK, (job.text,), queue=recipe_worker.QUEUE, ignore_result=True)

        try:
            yield Fleet(hand, _nothing)
        finally:
            for worker in workers:  # in order, each would first run what it holds, for minutes
                worker.process.kill()

    return start


def install_litellm() -> None:
    """Into an environment of its own, unless it is there.

    Raises:
        OSError, subprocess.CalledProcessError: it cannot be installed.
    """
    if _LITELLM_PYTHON.exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(_LITELLM / ".venv")], check=True, stdout=sys.stderr)
    pip = (str(_LITELLM_PYTHON), "-m", "pip", "install", "-qq", "-r", str(_LITELLM / "requirements.txt"))
    try:
        subprocess.run(pip, check=True, stdout=sys.stderr)
    except subprocess.CalledProcessError:
        _LITELLM_PYTHON.unlink()
        raise


@asynccontextmanager
async def _litellm(ground: Ground) -> AsyncIterator[Fleet]:
    with _spoken_to(ground) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline().strip() == "ready"

        async def hand(job: Job) -> None:
            assert process.stdin is not None
            process.stdin.write(json.dumps(job.text) + "\n")
            process.stdin.flush()

        yield Fleet(hand, _nothing)


@contextmanager
def _spoken_to(ground: Ground) -> Iterator[subprocess.Popen[str]]:
    env = {**ground.env, "PEER_RPM": str(RPM), "PATH": "/usr/bin:/bin", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    command = [str(_LITELLM_PYTHON), str(_LITELLM / "client.py")]
    process = subprocess.Popen(
        command, env=env, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


RECIPE: Final = Side("(a) the recipe", _recipe(f"{RPM:.0f}/m"))
SDK_ONLY: Final = Side("(b) SDK retries only", _recipe(""))
LITELLM: Final = Side("(c) LiteLLM's router", _litellm)
GALLEY: Final = Side("(d) Galley", _galley)
