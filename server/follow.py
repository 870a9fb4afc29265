"""A client of the relay: one task's events, each once and in order, through whatever the network does.

The same rules as the page's: keep ``(epoch, seq)``; hold what arrives while a watch is unanswered;
at or below it, drop; plus one, apply; anything else, watch again; after a reconnect, watch again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final

import socketio

from tasks.contract.errors import NotFound, Unauthorized
from tasks.contract.events import TERMINAL_TYPES
from tasks.contract.states import ENDED

_ANSWER_S: Final = 10.0
_AGAIN_S: Final = 1.0
_FIRST_WAIT_S: Final = 0.2
_LONGEST_WAIT_S: Final = 5.0
_ENDED_STATES: Final = frozenset(state.value for state in ENDED)

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reset:
    """Forget what was shown of the task and show ``snapshot``; None: the task is gone."""

    snapshot: dict[str, Any] | None


class Follower:
    """The rules, without I/O. Every method returns what to show now; ``lost`` asks for a watch."""

    def __init__(self) -> None:
        self.at: tuple[int, int] | None = None
        self.lost = True
        self._held: list[Event] = []

    def lose(self) -> None:
        """The connection is new, or there was a gap: events wait until a watch is answered."""
        self.lost = True
        self._held.clear()

    def take(self, name: str, payload: Any) -> list[Event | Reset]:
        """What came under that name."""
        match name:
            case "task_events":
                return self.take_events(payload)
            case "task_reset":
                return self.take_reset(payload)
            case "answer" if payload["ok"]:
                return self.take_answer(payload)
        return []

    def take_events(self, events: list[Event]) -> list[Event | Reset]:
        """What the server sent as ``task_events``."""
        if self.lost:
            self._held += events
            return []
        return [event for event in events if self._applies(event)]

    def take_reset(self, reset: dict[str, Any]) -> list[Event | Reset]:
        """What the server sent as ``task_reset``."""
        self.at = (reset["epoch"], reset["seq"])
        self._held = [event for event in self._held if (event["epoch"], event["seq"]) > self.at]
        return [Reset(reset["snapshot"])]

    def take_answer(self, answer: dict[str, Any]) -> list[Event | Reset]:
        """The answer to a watch, and with it whatever was held back for it."""
        held, self._held, self.lost = self._held, [], False
        at = (answer["epoch"], answer["seq"])
        if "snapshot" in answer:
            self.at = at
            return [Reset(answer["snapshot"]), *self.take_events(held)]
        if self.at is None:
            self.at = (answer["epoch"], 0)
        return [*self.take_events(answer["events"]), *self.take_events(held)]

    def _applies(self, event: Event) -> bool:
        number = (event["epoch"], event["seq"])
        if self.lost or self.at is None or number <= self.at:
            return False
        if number != (self.at[0], self.at[1] + 1):
            self.lose()
            return False
        self.at = number
        return True


def _is_end(shown: Event | Reset) -> bool:
    if isinstance(shown, Reset):
        return shown.snapshot is None or shown.snapshot["state"] in _ENDED_STATES
    return shown["type"] in TERMINAL_TYPES


class _Connection:
    """One Socket.IO connection, with all that comes through it in one queue, in order.

    The library's own reconnecting is off: a new connection is a new object, so that an answer or an
    event of an old one cannot be taken for one of the new.
    """

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self.refusal: dict[str, Any] = {}
        self._sio = socketio.AsyncClient(reconnection=False)
        for name in ("disconnect", "task_events", "task_reset"):
            self._sio.on(name, self._put(name))
        self._sio.on("connect_error", self._note_refusal)

    def _put(self, name: str) -> Callable[..., None]:
        def put(*args: Any) -> None:
            self.inbox.put_nowait((name, args[0] if args else None))

        return put

    def _note_refusal(self, reason: Any) -> None:
        if isinstance(reason, dict):  # else the server was not reached
            self.refusal = reason.get("data") or {}

    async def open(self, http_base: str, token: str | None) -> bool:
        """Whether the connection stands.

        Raises:
            Unauthorized: the server refused, for a reason that will not pass.
        """
        auth = {"token": token} if token else None
        try:
            await self._sio.connect(http_base, auth=auth, transports=["websocket"], wait_timeout=_ANSWER_S)
        except socketio.exceptions.ConnectionError as error:
            if self.refusal.get("retryable") is False:
                raise Unauthorized(f"The server refused the connection: {self.refusal.get('code')}") from error
            return False
        return True

    async def close(self) -> None:
        """End it; one that is closed already stays so."""
        await self._sio.disconnect()

    async def watch(self, task_id: str, at: tuple[int, int] | None) -> None:
        """Ask; the answer comes through the inbox, in its place among the events."""
        position = {"epoch": at[0], "seq": at[1]} if at else {}
        try:
            await self._sio.emit("watch", {"task_id": task_id, **position}, callback=self._put("answer"))
        except socketio.exceptions.SocketIOError:
            self.inbox.put_nowait(("disconnect", None))


async def follow_task(http_base: str, task_id: str, token: str | None = None) -> AsyncIterator[Event | Reset]:
    """A task's events from the first, as they happen, until it has ended.

    A `Reset` comes where history is gone. A connection that breaks is made again, for as long as it
    takes: put a time limit around it where that is too long.

    Raises:
        NotFound: there is no such task of this token's owner.
        Unauthorized: the server does not let this token connect.
    """
    rules, wait_s = Follower(), _FIRST_WAIT_S
    while True:
        connection = _Connection()
        try:
            if await connection.open(http_base, token):
                wait_s = _FIRST_WAIT_S
                rules.lose()
                async for shown in _listen(connection, rules, task_id):
                    yield shown
                    if _is_end(shown):
                        return
        finally:
            await connection.close()
        # a server that stops lets go of everybody at the same moment
        await asyncio.sleep(wait_s * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
        wait_s = min(wait_s * 2, _LONGEST_WAIT_S)


async def _listen(connection: _Connection, rules: Follower, task_id: str) -> AsyncIterator[Event | Reset]:
    """What is to be shown, until the connection ends."""
    asked = False
    while True:
        if rules.lost and not asked:
            asked = True
            await connection.watch(task_id, rules.at)
        name, payload = await connection.inbox.get()
        if name == "disconnect":
            return
        if name == "answer":
            asked = False
            await _refuse_refused(payload)
        for shown in rules.take(name, payload):
            yield shown


async def _refuse_refused(answer: dict[str, Any]) -> None:
    """A refusal that will pass is asked again after a moment; an unknown task is the end."""
    if not answer["ok"]:
        if answer["code"] == NotFound.code:
            raise NotFound
        await asyncio.sleep(_AGAIN_S)
