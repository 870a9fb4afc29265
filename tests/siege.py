"""A real server under hostile uploads, and how it fares meanwhile."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.corpus.specimen import Threat
from tests.processes import BIN, Running, descendants, own_port

AT_ONCE = 2
"""As many as the server parses at once, so that no time is spent in line."""
_LOOK_S = 0.05
_NO_REASON = {"unsupported_format": "unsupported", "too_large": "too_large"}


@dataclass(frozen=True)
class Outcome:
    """What became of one upload. ``outcome`` is as in `Threat`."""

    threat: Threat
    outcome: str
    seconds: float
    answer: dict[str, Any]


@dataclass
class Siege:
    """The server's process and how it was seen while it was besieged: the time of each answer of ``/healthz`` in
    seconds, its memory and that of its largest child in MiB."""

    url: str
    pid: int
    health_s: list[float] = field(default_factory=list)
    memory_mib: list[float] = field(default_factory=list)
    child_mib: float = 0

    async def send(self, threats: Sequence[Threat]) -> list[Outcome]:
        """Upload them all, a few at once, and look at the server meanwhile."""
        turns = asyncio.Semaphore(AT_ONCE)
        async with httpx.AsyncClient(base_url=self.url, timeout=60) as http:
            looking = asyncio.create_task(self._look(http))
            try:
                return await asyncio.gather(*(_upload(http, threat, turns) for threat in threats))
            finally:
                looking.cancel()
                await asyncio.wait([looking])

    @property
    def usual_health_s(self) -> float:
        """The median."""
        return statistics.median(self.health_s)

    @property
    def blocked(self) -> float:
        """The share of the time in which ``/healthz`` took longer than a second."""
        return sum(took for took in self.health_s if took > 1) / sum(took + _LOOK_S for took in self.health_s)

    @property
    def growth_mib(self) -> float:
        """What the server's own memory has grown by from the first look to the last."""
        return self.memory_mib[-1] - self.memory_mib[0]

    async def _look(self, http: httpx.AsyncClient) -> None:
        while True:
            began = time.monotonic()
            answer = await http.get("/healthz")
            answer.raise_for_status()
            self.health_s.append(time.monotonic() - began)
            self.memory_mib.append(_memory_mib(self.pid))
            self.child_mib = max(self.child_mib, *map(_memory_mib, descendants(self.pid)), 0)
            await asyncio.sleep(_LOOK_S)


@asynccontextmanager
async def besieged(data_dir: Path) -> AsyncIterator[Siege]:
    """A server of its own, ready to be sent files."""
    port = own_port()
    cleared = ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "ACCESS", "HOST", "SECRET_KEY", "REDIS_URL")
    env = dict.fromkeys(cleared, "") | {"USE_CELERY": "false", "DATA_DIR": str(data_dir), "PORT": str(port)}
    url = f"http://127.0.0.1:{port}"
    with Running([BIN / "galley", "server"], env) as server:
        await asyncio.to_thread(server.wait_for_answer, f"{url}/healthz")
        yield Siege(url, server.pid)


async def _upload(http: httpx.AsyncClient, threat: Threat, turns: asyncio.Semaphore) -> Outcome:
    async with turns:
        data = await asyncio.to_thread(threat.make)
        began = time.monotonic()
        answer = await http.post("/documents", files={"document": (threat.name, data)})
        seconds = time.monotonic() - began
    told = answer.json()
    if answer.status_code == 201:
        await http.delete(f"/documents/{told['document_id']}")
        return Outcome(threat, "", seconds, told)
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    return Outcome(threat, told.get("reason") or _NO_REASON[told["code"]], seconds, told)


def _memory_mib(pid: int) -> float:
    """The memory of a process; 0 when it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2
