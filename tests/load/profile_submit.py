"""``python -m tests.load.profile_submit``: where the time of ``POST /analyze_section`` goes.

Runs the server inside this process, as ``galley server`` does, with the load from another one, and
samples its stack. ``--calls`` traces it with cProfile instead: exact numbers of calls, but slower, and
small functions look larger than they are.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import pstats
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import uvloop

from server.serving import serve
from tasks.settings import read_settings
from tests.load.ground import HOST, Ground
from tests.load.machine import Machine, cpu_seconds
from tests.load.pinned import Cores, on_core, staying_on
from tests.load.sampler import Samples
from tests.processes import WAIT_S

_WARM_S: Final = 1.0


def main() -> None:
    """Profile as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.profile_submit", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--top", type=int, default=40, help="how many functions to show")
    parser.add_argument("--calls", action="store_true", help="trace with cProfile instead of sampling")
    given, cores = parser.parse_args(), Cores.of_this_machine()
    with Ground(cores.store) as ground:
        print(Machine.seen_from(ground.folder))
        with staying_on(cores.server), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run((_trace if given.calls else _sample)(ground, given.seconds, given.top))


async def _sample(ground: Ground, seconds: float, top: int) -> None:
    samples = Samples()
    async with _serving(ground):
        await _press(ground.port, _WARM_S)
        before = cpu_seconds(os.getpid())
        with samples.taking():
            answers = await _press(ground.port, seconds)
        each_us = 1e6 * (cpu_seconds(os.getpid()) - before) / answers
    print(f"{answers / seconds:,.0f} answers a second, {each_us:.0f} us of processor time for each\n")
    one_us = each_us / samples.seen
    _show("own time, by package", samples.by_package(), 30, one_us)
    _show("own time, by function", samples.by_function(), top, one_us)
    print("with all that they call, us for each answer")
    for depth, name, count in samples.tree(samples.seen // 100, below="Runner.run"):
        print(f"  {count * one_us:7.1f}  {'  ' * depth}{name}")


def _show(title: str, counted: Counter[str], top: int, one_us: float) -> None:
    print(f"{title}, us for each answer")
    for name, count in counted.most_common(top):
        print(f"  {count * one_us:7.1f}  {name}")
    print()


async def _trace(ground: Ground, seconds: float, top: int) -> None:
    profile = cProfile.Profile()
    async with _serving(ground):
        await _press(ground.port, _WARM_S)
        with profile:
            answers = await _press(ground.port, seconds)
    print(f"{answers:,} answers while everything was traced")
    pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(top)


@asynccontextmanager
async def _serving(ground: Ground) -> AsyncIterator[None]:
    """The server in this process, until the block ends."""
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(read_settings(ground.env), stop=stop.wait))
    try:
        async with asyncio.timeout(WAIT_S):
            while not await _listens(ground.port):
                await asyncio.sleep(0.02)  # it sets no event once it listens
        yield
    finally:
        stop.set()
        await serving


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


async def _press(port: int, seconds: float) -> int:
    """How many submissions another process, on the load's core, had answered."""
    argv = on_core(Cores.of_this_machine().load, sys.executable, "-m", "tests.load.presser", str(port), str(seconds))
    presser = await asyncio.create_subprocess_exec(*argv, stdout=PIPE)
    said, _ = await presser.communicate()
    assert presser.returncode == 0, "not every submission was accepted"
    return int(said)


if __name__ == "__main__":
    main()
