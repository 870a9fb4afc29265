"""Places for children: so many at once, and nobody's crowd keeps another waiting."""

from __future__ import annotations

import asyncio

import pytest

from tasks.documents.turns import Turns


class Stage:
    """Tasks that hold a place until they are let go, in the order in which they came to it."""

    def __init__(self, most: int) -> None:
        self.turns = Turns(most)
        self.running: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._ends: dict[str, asyncio.Event] = {}

    async def come(self, *names: str) -> None:
        """``a1`` is of owner ``a``."""
        for name in names:
            self._ends[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._hold(name))
            await settle()

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await settle()

    async def _hold(self, name: str) -> None:
        async with self.turns.one(name[0]):
            self.running.append(name)
            await self._ends[name].wait()
        self.running.remove(name)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_no_more_than_so_many_run_at_once() -> None:
    stage = Stage(2)
    await stage.come("a1", "b1", "c1")

    assert stage.running == ["a1", "b1"]
    await stage.end("a1")
    assert stage.running == ["b1", "c1"]


async def test_one_owner_has_all_places_when_nobody_else_wants_one() -> None:
    stage = Stage(2)
    await stage.come("a1", "a2", "a3")

    assert stage.running == ["a1", "a2"]


async def test_next_place_goes_to_whoever_has_fewest_running() -> None:
    stage = Stage(2)
    await stage.come("a1", "a2", "a3", "a4", "a5", "b1", "b2")

    await stage.end("a1")
    assert stage.running == ["a2", "b1"]
    await stage.end("b1")
    assert stage.running == ["a2", "b2"]
    await stage.end("b2")
    assert stage.running == ["a2", "a3"]


async def test_place_is_not_lost_when_who_waits_gives_up() -> None:
    stage = Stage(1)
    await stage.come("a1", "b1", "c1")

    stage.tasks["b1"].cancel()
    await settle()
    await stage.end("a1")

    assert stage.running == ["c1"]


async def test_place_is_not_lost_when_who_runs_and_who_waits_give_up_together() -> None:
    stage = Stage(1)
    await stage.come("a1", "b1", "c1")

    stage.tasks["a1"].cancel()
    stage.tasks["b1"].cancel()
    await settle()

    assert stage.running[-1] == "c1"


async def test_place_is_not_lost_when_who_is_called_gives_up_in_that_moment() -> None:
    stage = Stage(1)
    await stage.come("a1", "b1", "c1")

    stage.tasks["a1"].cancel()
    await asyncio.sleep(0)
    stage.tasks["b1"].cancel()
    with pytest.raises(asyncio.CancelledError):
        await stage.tasks["b1"]
    await settle()

    assert stage.running[-1] == "c1"
