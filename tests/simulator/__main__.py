"""``python -m tests.simulator --port 0 --rpm 60``: prints its URL as the first line, then serves."""

from __future__ import annotations

import argparse
import asyncio
import signal
from dataclasses import fields

import uvloop

from tests.simulator.options import Options
from tests.simulator.simulator import Simulator


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    for option in fields(Options):
        parser.add_argument(f"--{option.name.replace('_', '-')}", type=type(option.default), default=option.default)
    given = vars(parser.parse_args())
    host, port = given.pop("host"), given.pop("port")
    uvloop.run(serve(Simulator(Options(**given)), host, port))


async def serve(simulator: Simulator, host: str, port: int) -> None:
    """Listen, say where, and stop on a signal."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with simulator.running(host, port):
        print(simulator.url, flush=True)
        await stopped.wait()


if __name__ == "__main__":
    main()
