"""Turns by name."""

from __future__ import annotations

import asyncio

import pytest
from processes import WAIT_S

from server.turns import Turns


async def test_two_with_the_same_name_follow_each_other_and_other_names_do_not_wait() -> None:
    turns, said, go_on = Turns(), list[str](), asyncio.Event()

    async def first() -> None:
        async with turns.turn("a"):
            said.append("first in")
            await go_on.wait()
            said.append("first out")

    async def second() -> None:
        async with turns.turn("a"):
            said.append("second in")

    async def other() -> None:
        async with turns.turn("b"):
            said.append("other")
        go_on.set()

    await asyncio.gather(first(), second(), other())
    assert said == ["first in", "other", "first out", "second in"]


async def test_a_name_is_free_again_after_its_turn_ended_with_an_error() -> None:
    turns = Turns()
    with pytest.raises(LookupError):
        async with turns.turn("a"):
            raise LookupError
    async with asyncio.timeout(WAIT_S), turns.turn("a"):
        pass
