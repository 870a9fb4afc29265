"""What the relay's fault tests play on: a real store and real servers, and hands that break them."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import httpx
import redis
from fleet import QUICK, Fleet
from judge import judge_all
from processes import BIN, WAIT_S, Running, own_port
from watcher import Watcher, until
from writers import LONG_LEASES, Writer, begin

from server.access import hash_of_key
from server.supervisor.embedded import valkey_command
from tasks.settings import celery_broker_url
from tasks.store.ports import ApiKey
from tasks.store.redis_store import RedisStore


class Stage(Fleet):
    """A store and servers without workers: `writers` write instead. ``servers`` by number; a server
    can be killed and started again under the address it had."""

    def __init__(self, folder: Path, factor: float = QUICK, **env: str) -> None:
        super().__init__(folder, workers=0, factor=factor, **env)
        self.redis_url = self.env["REDIS_URL"]
        self.ports = [self.port]
        self.servers: dict[int, Running] = {}
        self.durable = True
        self._env_of: dict[int, dict[str, str]] = {}

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.__enter__)
        self.servers[0] = self.server
        self.writing = RedisStore(self.redis_url, LONG_LEASES)
        self.control = redis.Redis.from_url(self.redis_url)
        try:
            await self.writing.sweep()  # a fresh store takes itself for one that was away
        except BaseException:  # nobody will leave what was not entered
            await asyncio.to_thread(self.__exit__)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.writing.close()
        self.control.close()
        await asyncio.to_thread(self.__exit__)

    # --- servers

    @property
    def urls(self) -> list[str]:
        """Where the servers are, or will be again."""
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    async def add_server(self, redis_url: str | None = None) -> int:
        """One more server; its number. ``redis_url``: its own way to the store."""
        self.ports.append(own_port())
        number = len(self.ports) - 1
        own = {"REDIS_URL": redis_url, "BROKER_URL": celery_broker_url(self.redis_url)} if redis_url else {}
        self._env_of[number] = own
        await self.restart_server(number)
        return number

    async def restart_server(self, number: int) -> None:
        """Start a server that has ended, under the same address."""
        env = {**self._env_of.get(number, {}), "PORT": str(self.ports[number])}
        self.servers[number] = self._start(BIN / "galley", "server", **env)
        await asyncio.to_thread(self.servers[number].wait_for_answer, f"{self.urls[number]}/healthz")

    def kill_server(self, number: int) -> None:
        """SIGKILL."""
        server = self.servers.pop(number)
        server.process.send_signal(signal.SIGKILL)
        assert server.process.wait() == -signal.SIGKILL

    async def stop_server(self, number: int) -> None:
        """SIGTERM, as a deployment does."""
        await asyncio.to_thread(self.servers.pop(number).stop)

    def rss_mb(self, number: int) -> float:
        """Memory of a server."""
        for line in Path(f"/proc/{self.servers[number].pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        raise AssertionError("the server has ended")

    # --- the store

    def start_store(self) -> None:
        """A Valkey that syncs always, or one that keeps nothing."""
        keeps = () if self.durable else ("--appendonly", "no")
        self.store = self._start(*valkey_command(self.folder, self.socket), *keeps)
        self.store.wait_for_line("Ready to accept connections")

    def kill_store(self) -> None:
        """SIGKILL."""
        self.store.process.send_signal(signal.SIGKILL)
        assert self.store.process.wait() == -signal.SIGKILL

    async def restart_store(self, *, durable: bool = True) -> None:
        """Start the store again after `kill_store`."""
        self.durable = durable
        await asyncio.to_thread(self.start_store)

    @asynccontextmanager
    async def keeping_nothing(self) -> AsyncIterator[None]:
        """A store without a file, and a durable one again for whoever comes next, also after a failure."""
        self.kill_store()
        await self.restart_store(durable=False)
        try:
            yield
        finally:
            self.kill_store()
            await self.restart_store()

    def copy_data(self) -> Path:
        """A copy of what the store has on disk at this moment."""
        copy = self.folder / f"copy-{time.monotonic_ns()}"
        self.store.process.send_signal(signal.SIGSTOP)
        try:
            shutil.copytree(self.folder / "appendonlydir", copy)
        finally:
            self.store.process.send_signal(signal.SIGCONT)
        return copy

    def put_back_data(self, copy: Path) -> None:
        """Older data in the place of the store's own, while it is down."""
        shutil.rmtree(self.folder / "appendonlydir")
        shutil.move(copy, self.folder / "appendonlydir")

    # --- people and what they see

    async def writers(self, count: int, owner: str = "local") -> list[Writer]:
        """That many claimed tasks."""
        return await begin(self.writing, count, owner)

    async def token_of(self, owner: str) -> str:
        """A key that acts for that owner."""
        secret = f"gk_{owner}"
        await self.writing.add_key(ApiKey(f"k-{owner}", owner, owner, 0), hash_of_key(secret))
        return secret

    async def statuses(self, task_ids: Iterable[str], token: str | None = None) -> dict[str, dict[str, Any]]:
        """``GET /task_status`` of each, from any server that is up."""
        url = self.urls[min(self.servers)]
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        found = {}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=WAIT_S, trust_env=False) as http:
            for task_id in task_ids:
                answer = await http.get(f"/task_status/{task_id}")
                assert answer.status_code == 200, f"{task_id}: {answer.text}"
                found[task_id] = answer.json()
        return found

    async def verdict(
        self,
        watchers: Sequence[Watcher],
        writers: Sequence[Writer],
        *,
        may_reset: bool = False,
        token: str | None = None,
    ) -> int:
        """Judge what pages show of tasks whose writers have finished; the number of events shown."""
        truth = await self.statuses([writer.task_id for writer in writers], token)
        for writer in writers:
            status = truth[writer.task_id]
            assert status["state"] == "SUCCESS"
            assert status["result"]["answer"] == writer.text, "what the store had acknowledged is there"
        return await agree(watchers, truth, may_reset=may_reset)


async def agree(watchers: Sequence[Watcher], truth: Mapping[str, dict[str, Any]], *, may_reset: bool = False) -> int:
    """Wait until every page shows the end of these tasks, then judge it; the number of events shown."""
    journals = [j for watcher in watchers for j in watcher.journals.values() if j.task_id in truth]
    behind = list(journals)

    def all_there() -> bool:
        behind[:] = [j for j in behind if j.at != (truth[j.task_id]["epoch"], truth[j.task_id]["seq"])]
        return not behind

    try:
        await until(all_there, "every page shows the end")
    except AssertionError as late:
        stand = [f"{j.task_id} at {j.at} of {truth[j.task_id]['seq']}" for j in behind[:5]]
        raise AssertionError(f"{late}; {len(behind)} do not: {stand}") from None
    return judge_all(journals, truth, may_reset=may_reset)
