"""What connections cost that have nothing to show: memory, the server's time, commands in the store."""

from __future__ import annotations

import re
import socket
import time
from collections import Counter
from pathlib import Path
from typing import Final

from tests.load.effort import Effort
from tests.load.figures import Fact, Figure, Outcome, Target
from tests.load.ground import Ground
from tests.load.machine import cpu_seconds
from tests.load.pinned import Cores, staying_on
from tests.load.relay_crowd import Crowd
from tests.load.relay_dialects import socket_io
from tests.load.relay_publisher import Publisher, create_tasks, galley_templates, task_id_of
from tests.load.relay_throughput import resident_kb
from tests.processes import WAIT_S

_CLIENTS: Final = 10_000
_FEW: Final = 100
_HELD_S: Final = 30.0
"""Longer than Engine.IO's interval of pings, so that each client has answered one."""
_LISTENED_S: Final = 11.0
_MOST_LOOKS: Final = 3
"""One audit every five seconds."""
_PATIENCE: Final = 4
_COMMAND: Final = re.compile(r'^\+?[\d.]+ \[\d+ [^\]]*\] "([^"]+)"')


async def measure(effort: Effort) -> Outcome:
    """Ten thousand connections, held once; and what a hundred of them ask of the store."""
    cores, clients = Cores.of_this_machine(), effort.count(_CLIENTS)
    with Ground(cores.store) as ground, staying_on(cores.load):
        templates = galley_templates(await create_tasks(ground, clients))
        publisher = Publisher(ground.redis_url, templates)
        server = ground.start_server(cores.server)
        task_ids = [task_id_of(number) for number in range(clients)]
        try:
            with Crowd(ground.port) as few:
                few.join(socket_io, task_ids[:_FEW])
                time.sleep(1)  # what joining causes in the store is over
                commands = commands_about(ground, _LISTENED_S)
            figures, facts = _hold(ground, publisher, server.pid, task_ids, effort.seconds(_HELD_S))
        finally:
            publisher.close()
    looks, others = commands.pop("HMGET", 0) / _FEW, sum(commands.values())
    words = f"{_FEW} watchers who are up to date for {_LISTENED_S:.0f} s: {looks:g} looks of the audit at each"
    facts.append(Fact(f"{words}, {others} other commands about their tasks", looks <= _MOST_LOOKS and others == 0))
    return Outcome(f"{clients:,} connections on one server core, each watches its own task", figures, facts)


def _hold(
    ground: Ground, publisher: Publisher, server: int, task_ids: list[str], seconds: float
) -> tuple[list[Figure], list[Fact]]:
    clients = len(task_ids)
    kb_before, cpu_before, began = resident_kb(server), cpu_seconds(server), time.perf_counter()
    with Crowd(ground.port) as crowd:
        crowd.join(socket_io, task_ids)
        took, cpu_joining = time.perf_counter() - began, cpu_seconds(server) - cpu_before
        kb_joined, cpu_before, end = resident_kb(server), cpu_seconds(server), time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            crowd.take(min(left, 0.5))
        cpu_holding = cpu_seconds(server) - cpu_before
        crowd.begin_to_count()
        for first in range(0, clients, 100):
            publisher.publish(first, min(first + 100, clients) - 1)
        limit = time.perf_counter() + WAIT_S
        while sum(crowd.counts) < clients and time.perf_counter() < limit:
            crowd.take(0.1)
        told = sum(count == 1 for count in crowd.counts)
        cpu_before, began = cpu_seconds(server), time.perf_counter()
    gone = _let_go(server)
    cpu_leaving, left_within = cpu_seconds(server) - cpu_before, time.perf_counter() - began
    figures = [
        Figure("memory for each connection", "KB", ((kb_joined - kb_before) / clients,), Target(45)),
        Figure("connecting and watching", "/s", (clients / took,)),
        Figure("  of that the server's time for each", "us", (1e6 * cpu_joining / clients,)),
        Figure("all leave at once: until the last is forgotten", "s", (left_within,)),
        Figure("  of that the server's time for each", "us", (1e6 * cpu_leaving / clients,)),
        Figure("the server's core, while all are idle", "%", (100 * cpu_holding / seconds,)),
    ]
    words = f"{told:,} of {clients:,} were still there after {seconds:.0f} s and got the one event of their task"
    return figures, [Fact(words, told == clients), Fact("and all were forgotten when they had left", gone)]


def _let_go(server: int) -> bool:
    """Whether the server closes its ends once the clients have left; waits for it."""
    limit = time.perf_counter() + _PATIENCE * WAIT_S
    while (left := len(list(Path(f"/proc/{server}/fd").iterdir())) > _FEW) and time.perf_counter() < limit:
        time.sleep(0.1)
    return not left


def commands_about(ground: Ground, seconds: float) -> Counter[str]:
    """The commands that name a task, sent to the store within that time by whoever."""
    said = bytearray()
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.connect(ground.redis_url.removeprefix("unix://"))
        monitor.sendall(b"MONITOR\r\n")
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            monitor.settimeout(left)
            try:
                said += monitor.recv(1 << 16)
            except TimeoutError:
                break
    about = (line for line in said.decode(errors="replace").splitlines() if task_id_of(0)[:4] in line)
    return Counter(match[1].upper() for line in about if (match := _COMMAND.match(line)))
