"""The whole product in one terminal: the store, the workers and the server, kept running together."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from server.supervisor.children import OURSELVES, Child, Program, Say, kept_running
from server.supervisor.embedded import valkey_command, wait_for_store
from server.supervisor.preflight import StartRefused, check_port, locked_data_dir
from tasks.settings import Settings, embedded_socket_path

WORKERS: Final = 2
"""Two processes, so that one that dies takes down half of what runs and the other goes on."""
_POLL_S: Final = 0.05
_READY_WITHIN_S: Final = 60.0
_HOPELESS_STARTS: Final = 4
"""A process that ended this often before anything was ever ready will not get well by itself."""
_STORE_STOP_S: Final = 10.0
_SERVER_STOP_S: Final = 8.0
_WORKER_STOP_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Stack:
    """What to run: the checked settings, and the variables that the children get on top of ours."""

    settings: Settings
    env: dict[str, str]

    @property
    def url(self) -> str:
        """Where the server answers, as a browser on this machine reaches it."""
        host = self.settings.host
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104  # read, not bound
        return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{self.settings.port}"

    @property
    def needs_store(self) -> bool:
        """Whether the embedded store has to be started."""
        return self.settings.use_celery and self.settings.redis_embedded


@asynccontextmanager
async def running(stack: Stack, say: Say, hurry: asyncio.Event) -> AsyncIterator[None]:
    """Everything runs and has answered a first request inside the block. Behind it all of it is
    stopped in order: the server, then the workers (they drain), then the store.

    Raises:
        StartRefused: it cannot run, or does not get ready.
    """
    settings = stack.settings
    async with AsyncExitStack() as exits:
        lock = exits.enter_context(locked_data_dir(settings.data_dir))
        check_port(settings.host, settings.port)
        if stack.needs_store:
            store = await exits.enter_async_context(kept_running([_store(stack, lock)], say, hurry))
            await _unless_hopeless(wait_for_store(embedded_socket_path(settings.data_dir)), store)
        workers = await exits.enter_async_context(kept_running(list(_workers(stack)), say, hurry))
        server = await exits.enter_async_context(kept_running([_server(stack)], say, hurry))
        await _unless_hopeless(asyncio.wait_for(_answered(stack), _READY_WITHIN_S), (*workers, *server))
        yield


async def run_until_stopped(stack: Stack, say: Say, hurry: asyncio.Event) -> None:
    """Run everything and say where, until this coroutine is cancelled."""
    say(OURSELVES, starting_words(stack))
    async with running(stack, say, hurry):
        sys.stdout.write(f"Galley is ready at {stack.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def beside_python(name: str) -> str:
    """The path of a command that is installed beside this interpreter, whatever PATH says."""
    return str(Path(sys.executable).with_name(name))


def worker_command(settings: Settings, hostname: str) -> tuple[str, ...]:
    """A Celery worker, started as Celery's users know it, so that they find it in the process list.

    Without mingle and gossip: workers learn from the store what they need to know of each other, and
    waiting for neighbours to answer would cost every start a second.
    """
    quiet = ("--without-mingle", "--without-gossip")
    options = ("--hostname", hostname, "--concurrency", str(settings.worker_concurrency), "--loglevel", "INFO")
    return (sys.executable, beside_python("celery"), "-A", "celery_config", "worker", *options, *quiet)


def _store(stack: Stack, lock: int) -> Program:
    data_dir = stack.settings.data_dir
    command = valkey_command(data_dir, embedded_socket_path(data_dir))
    return Program("store", command, stack.env, _STORE_STOP_S, inherited=(lock,))


def _workers(stack: Stack) -> Iterable[Program]:
    count = WORKERS if stack.settings.use_celery else 0
    for number in range(1, count + 1):
        name = f"worker-{number}"
        hostname = f"{name}-{os.getpid()}@%h"  # another Galley may be on the same store
        yield Program(name, worker_command(stack.settings, hostname), stack.env, _WORKER_STOP_S)


def _server(stack: Stack) -> Program:
    return Program("server", (sys.executable, beside_python("galley"), "server"), stack.env, _SERVER_STOP_S)


async def _unless_hopeless(waiting: Awaitable[None], children: Iterable[Child]) -> None:
    """Wait, but not for processes that end again and again."""
    getting_ready = asyncio.ensure_future(waiting)
    try:
        while not getting_ready.done():
            await asyncio.wait([getting_ready], timeout=_POLL_S)
            _refuse_hopeless(children)
        getting_ready.result()
    except TimeoutError:
        raise StartRefused(f"Galley did not get ready within {_READY_WITHIN_S:.0f} s; the log above says why") from None
    finally:
        getting_ready.cancel()


def _refuse_hopeless(children: Iterable[Child]) -> None:
    for child in children:
        if child.starts >= _HOPELESS_STARTS:
            raise StartRefused(f"{child.program.name} ends as soon as it is started; its lines above say why")


async def _answered(stack: Stack) -> None:
    """Return when the server says that it is ready and, with Celery, sees a live worker."""
    async with httpx.AsyncClient(base_url=stack.url, trust_env=False) as client:
        while not await _is_ready(client, stack.settings.use_celery):  # noqa: ASYNC110  # other processes set no event
            await asyncio.sleep(_POLL_S)


async def _is_ready(client: httpx.AsyncClient, with_workers: bool) -> bool:
    try:
        ready = await client.get("/readyz")
        stats = await client.get("/queue_stats")
    except httpx.TransportError:
        return False  # not listening yet
    if not ready.is_success or not stats.is_success:
        return ready.is_success and stats.status_code in (401, 403)  # figures for members only
    return not with_workers or int(stats.json()["workers"]) > 0


def starting_words(stack: Stack) -> str:
    """One line on what is about to run."""
    settings = stack.settings
    parts = f"{WORKERS} workers of {settings.worker_concurrency} slots" if settings.use_celery else "no workers"
    return f"starting: {parts}, engine {settings.engine}, data in {settings.data_dir}"
