"""What an audit makes of a number that is ahead: nothing if its event is under way, a reading if it is lost."""

from __future__ import annotations

import asyncio
from typing import Any

from server.relay.audience import Audience
from server.relay.fanout import FanOut
from server.relay.positions import Cursor, Pace, Position, Run


class Marks:
    """Stands for the catching up: who was marked."""

    def __init__(self) -> None:
        self.tasks: list[str] = []

    def mark(self, task_id: str) -> None:
        self.tasks.append(task_id)


class Ahead:
    """A store whose number is one further than what was sent."""

    async def numbers(self, task_ids: list[str]) -> list[tuple[int, int]]:
        return [(1, 6) for _ in task_ids]


class Box:
    def __init__(self) -> None:
        self.frames: list[Any] = []

    def offer(self, frame: Any) -> bool:
        self.frames.append(frame)
        return True


class Watching:
    def __init__(self) -> None:
        self.cursors: dict[str, Cursor] = {}
        self.outbox = Box()


def fanout_with_a_watcher() -> tuple[FanOut, Marks, Cursor]:
    audience, marks, parts = Audience(), Marks(), dict.fromkeys(("creations", "subscriptions"))
    link: Any = Watching()
    cursor = audience.follow(link, "t", "t")
    cursor.at, cursor.pace = Position(1, 5), Pace.LIVE
    store: Any = Ahead()
    others: Any = {**parts, "catch_up": marks}
    return FanOut(store, audience, audit_s=0, **others), marks, cursor


async def test_event_that_arrives_while_an_audit_settles_is_not_read_from_the_log():
    fanout, marks, cursor = fanout_with_a_watcher()
    comparing = asyncio.create_task(fanout._compare(["t"]))
    await asyncio.sleep(0)  # it has asked the store, and lets pass what is under way
    fanout.hand_out("t", Run(Position(1, 5), Position(1, 6), ("{}",)))
    await comparing
    assert (marks.tasks, cursor.pace) == ([], Pace.LIVE)


async def test_event_that_never_arrives_is_read_from_the_log_after_an_audit():
    fanout, marks, cursor = fanout_with_a_watcher()
    await fanout._compare(["t"])
    assert (marks.tasks, cursor.pace) == (["t"], Pace.BEHIND)
