"""What the figures were measured on, because without it they say little."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Self

_SYNCS = 50
_BUSY = 0.25
"""Load a core from which on others' work moves the figures."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine before anything was measured. ``sync_ms`` is one write with fsync into the folder
    where the store will keep its file: with ``appendfsync always`` it bounds everything accepted."""

    cores: int
    processor: str
    python: str
    sync_ms: float
    load: float

    @classmethod
    def seen_from(cls, folder: Path) -> Self:
        """Look at this machine; writes a small file into the folder."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return cls(cores, _processor(), platform.python_version(), _sync_ms(folder), os.getloadavg()[0])

    @property
    def is_busy(self) -> bool:
        """Whether others are at work here."""
        return self.load > _BUSY * self.cores

    def __str__(self) -> str:
        words = f"{self.cores} cores ({self.processor}), Python {self.python}, disk sync {self.sync_ms:.2f} ms"
        return f"{words}, load {self.load:.2f}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _sync_ms(folder: Path) -> float:
    took = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            began = time.perf_counter()
            file.write(bytes(1024))
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return 1000 * median(took)


def cpu_seconds(pid: int) -> float:
    """What a process has spent so far, all its threads; 0 where the system does not say."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
