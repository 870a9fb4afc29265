"""Child processes of the supervisor: restarted, stopped, and never left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest
from processes import BIN, WAIT_S, Running, command_of, wait_until

from server.supervisor.children import Child, Program, kept_running
from server.supervisor.signals import until_signalled

STAYS = "import os, time; print('up', os.getpid(), flush=True); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STAYS


class Heard:
    """What was said, with a way to wait for a line."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._news = asyncio.Event()

    def __call__(self, name: str, line: str) -> None:
        self.lines.append((name, line))
        self._news.set()

    async def matching(self, start: str, count: int) -> list[str]:
        """The lines with that start, once there are so many."""
        async with asyncio.timeout(WAIT_S):
            while len(found := [line for _, line in self.lines if line.startswith(start)]) < count:
                self._news.clear()
                await self._news.wait()
        return found

    async def pids(self, count: int) -> list[int]:
        """The processes that have said that they are up, once there are so many."""
        return [int(line.split()[1]) for line in await self.matching("up ", count)]


def program(code: str, stop_s: float = 10.0, name: str = "child") -> Program:
    return Program(name, (sys.executable, "-c", code), {}, stop_s)


@pytest.fixture
async def hurry() -> asyncio.Event:
    return asyncio.Event()


async def test_process_is_started_again_and_that_is_said_when_it_was_killed(hurry: asyncio.Event) -> None:
    heard = Heard()
    async with kept_running([program(STAYS)], heard, hurry):
        [first] = await heard.pids(1)
        os.kill(first, signal.SIGKILL)
        _, second = await heard.pids(2)
        assert second != first
    assert ("galley", "child was ended by SIGKILL; starting it again in 0.2 s") in heard.lines


async def test_process_is_gone_behind_the_block_and_its_lines_were_heard(hurry: asyncio.Event) -> None:
    heard = Heard()
    async with kept_running([program(STAYS)], heard, hurry):
        [pid] = await heard.pids(1)
    assert command_of(pid) == ""
    assert ("child", f"up {pid}") in heard.lines


async def test_process_that_does_not_stop_is_ended_with_all_of_its_group_after_its_time(hurry: asyncio.Event) -> None:
    heard = Heard()
    spawns = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STAYS!r}]); {DEAF}"
    async with kept_running([program(spawns, stop_s=0.2)], heard, hurry):
        pids = await heard.pids(2)
    wait_until(lambda: not any(map(command_of, pids)), "the process and its own child are gone")
    assert ("galley", "child did not stop in time; ending it") in heard.lines


async def test_hurry_ends_a_process_at_once_whatever_time_it_has(hurry: asyncio.Event) -> None:
    heard = Heard()
    async with asyncio.timeout(WAIT_S), kept_running([program(DEAF, stop_s=600)], heard, hurry):
        await heard.pids(1)
        hurry.set()


async def test_program_that_cannot_be_started_is_tried_again(hurry: asyncio.Event) -> None:
    heard = Heard()
    child = Child(Program("child", ("/nowhere/to/be/found",), {}, 1.0), heard, hurry)
    keeping = asyncio.create_task(child.keep_running())
    await heard.matching("child could not be started (No such file or directory)", 2)
    await child.stop()
    await keeping


async def test_line_without_an_end_in_sight_does_not_stop_its_writer(hurry: asyncio.Event) -> None:
    heard = Heard()
    writes = "import sys; sys.stdout.write('x' * 1_000_000 + '\\n'); " + STAYS
    async with kept_running([program(writes)], heard, hurry):
        await heard.pids(1)
    assert sum(line.count("x") for _, line in heard.lines) == 1_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_process_ends_with_its_supervisor_however_that_dies() -> None:
    code = (
        "import asyncio, sys\n"
        "from server.supervisor.children import Program, kept_running\n"
        "async def main():\n"
        f"    program = Program('child', (sys.executable, '-c', {DEAF!r}), {{}}, 1.0)\n"
        "    async with kept_running([program], lambda name, line: print(line, flush=True), asyncio.Event()):\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    with Running([BIN / "python", "-c", code]) as supervisor:
        child = int(supervisor.wait_for_line(r"^up (\d+)")[1])
        assert command_of(child)
        supervisor.process.kill()
        wait_until(lambda: not command_of(child), "the child has ended with its supervisor")


async def test_first_signal_asks_for_an_orderly_stop_and_the_second_for_a_quick_one() -> None:
    steps: list[str] = []

    async def work(hurry: asyncio.Event) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.Event().wait()
        finally:
            steps.append("stopping")
            os.kill(os.getpid(), signal.SIGINT)
            async with asyncio.timeout(WAIT_S):
                await hurry.wait()
            steps.append("hurried")

    assert await until_signalled(work) is None
    assert steps == ["stopping", "hurried"]
