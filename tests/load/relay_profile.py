"""``python -m tests.load.relay_profile [--shared]``: where the server's time for one event goes.

Runs the server inside this process, as ``galley server`` does, and samples its stack, while another
process publishes to a crowd in a closed loop. ``--press PORT REDIS_URL EPOCH`` is that other process.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from asyncio.subprocess import PIPE

import uvloop

from tests.load.ground import Ground
from tests.load.machine import Machine, cpu_seconds
from tests.load.pinned import Cores, on_core, staying_on
from tests.load.profile_submit import _serving, _show
from tests.load.relay_crowd import Crowd
from tests.load.relay_dialects import socket_io
from tests.load.relay_publisher import Publisher, create_tasks, galley_templates, task_id_of
from tests.load.relay_throughput import CLIENTS, Press
from tests.load.sampler import Samples


def main() -> None:
    """Profile as the command line says, or be the load."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.relay_profile", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--top", type=int, default=40, help="how many functions to show")
    parser.add_argument("--shared", action="store_true", help="all watch one task, not each its own")
    parser.add_argument("--press", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.press:
        _press(*given.press, given.shared, given.seconds)
        return
    cores = Cores.of_this_machine()
    with Ground(cores.store) as ground:
        print(Machine.seen_from(ground.folder))
        with staying_on(cores.server), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_sample(ground, given))


async def _sample(ground: Ground, given: argparse.Namespace) -> None:
    epoch = await create_tasks(ground, CLIENTS)
    argv = [sys.executable, "-m", "tests.load.relay_profile", "--seconds", str(given.seconds)]
    argv += [*(["--shared"] if given.shared else []), "--press", str(ground.port), ground.redis_url, str(epoch)]
    samples = Samples()
    async with _serving(ground):
        load = await asyncio.create_subprocess_exec(*on_core(Cores.of_this_machine().load, *argv), stdout=PIPE)
        assert load.stdout is not None
        await load.stdout.readline()
        before = cpu_seconds(os.getpid())
        with samples.taking():
            events = int(await load.stdout.readline())
        each_us = 1e6 * (cpu_seconds(os.getpid()) - before) / events
        await load.wait()
    print(f"{events / given.seconds:,.0f} events a second, {each_us:.1f} us of processor time for each\n")
    one_us = each_us / samples.seen
    _show("own time, by package", samples.by_package(), 30, one_us)
    _show("own time, by function", samples.by_function(), given.top, one_us)
    print("with all that they call, us for each event")
    for depth, name, count in samples.tree(samples.seen // 100, below="Runner.run"):
        print(f"  {count * one_us:7.2f}  {'  ' * depth}{name}")


def _press(port: str, redis_url: str, epoch: str, shared: bool, seconds: float) -> None:
    """The crowd and the publisher: says when it begins, and how many events arrived at the end."""
    publisher = Publisher(redis_url, galley_templates(int(epoch)))
    numbers = [0] * CLIENTS if shared else list(range(CLIENTS))
    with Crowd(int(port)) as crowd:
        crowd.join(socket_io, [task_id_of(number) for number in numbers])
        press = Press(crowd, publisher, 1 if shared else CLIENTS, watchers=CLIENTS if shared else 1)
        press.press(1.0)
        press.received = press.sent = press.lost = 0
        print("begins", flush=True)
        press.press(seconds)
        print(press.received, flush=True)


if __name__ == "__main__":
    main()
