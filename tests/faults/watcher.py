"""A client of the relay: connects, watches, keeps its journals, and comes back as often as it takes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Self

from journal import Journal
from processes import WAIT_S
from raw_socket import RawSocket

AGAIN_S = 0.05
"""The pause before a connection that was lost or refused is tried again, on the next server."""


async def until(holds: Callable[[], object], words: str, limit_s: float = WAIT_S) -> None:
    """Wait for a fact of other processes."""
    try:
        async with asyncio.timeout(limit_s):
            while not holds():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"it did not come about in {limit_s:.0f} s that {words}") from None


class Watcher:
    """One browser tab. Use it as an asynchronous context manager; it follows until the end of it."""

    def __init__(
        self, urls: Sequence[str], tasks: Iterable[str], token: str | None = None, receive_buffer: int | None = None
    ) -> None:
        self.journals = {task_id: Journal(task_id) for task_id in tasks}
        self.connections: list[str] = []
        self.socket: RawSocket | None = None
        self.may_connect = asyncio.Event()
        self.may_connect.set()
        self._urls, self._token, self._receive_buffer = urls, token, receive_buffer
        self._turn = 0
        self._asked: dict[int, str] = {}
        self._number = 0
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._running is not None
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running

    async def watched(self) -> Self:
        """Once each of its tasks has been answered."""
        await until(lambda: all(journal.answers for journal in self.journals.values()), "all watches are answered")
        return self

    def watch(self, task_id: str) -> None:
        """Watch one more task, or one again, from where its journal stands."""
        journal = self.journals.setdefault(task_id, Journal(task_id))
        if self.socket is not None:
            self._say("watch", journal.ask(), task_id)

    def unwatch(self, task_id: str) -> None:
        """Ask the server to stop; what is on its way still arrives."""
        if self.socket is not None:
            self._say("unwatch", {"task_id": task_id})

    def go_offline(self) -> None:
        """Lose the network, until ``may_connect`` is set again."""
        self.may_connect.clear()
        if self.socket is not None:
            self.socket.abort()

    def _say(self, command: str, payload: dict[str, Any], answers_task: str = "") -> None:
        self._number += 1
        if answers_task:
            self._asked[self._number] = answers_task
        assert self.socket is not None
        with suppress(ConnectionError):  # the reading side sees the same and connects again
            self.socket.send(f"42{self._number}{json.dumps([command, payload])}")

    async def _run(self) -> None:
        while True:
            await self.may_connect.wait()
            url = self._urls[self._turn % len(self._urls)]
            try:
                await self._follow(url)
            except (ConnectionError, OSError):
                self._turn += 1
            finally:
                if self.socket is not None:
                    self.socket.abort()
                    self.socket = None
            await asyncio.sleep(AGAIN_S)

    async def _follow(self, url: str) -> None:
        raw = await RawSocket.open(url, self._receive_buffer)
        try:
            raw.send("40" + json.dumps({"token": self._token} if self._token else {}))
            while not (text := await raw.receive()).startswith("40"):
                if text.startswith("44"):
                    raise ConnectionRefusedError(text)
        except BaseException:
            raw.abort()
            raise
        self.connections.append(url)
        self.socket = raw
        self._asked.clear()
        for journal in self.journals.values():
            journal.connect()
            if not journal.gone:
                self.watch(journal.task_id)
        while True:
            await self._take(await raw.receive())

    async def _take(self, text: str) -> None:
        heard = time.time() * 1000
        if text == "2":
            assert self.socket is not None
            self.socket.send("3")
        elif text.startswith("43"):
            number, payload = text[2:].split("[", 1)
            task_id = self._asked.pop(int(number), None)
            answer = json.loads("[" + payload)[0]
            if task_id is not None and self.journals[task_id].hear_answer(answer):
                await asyncio.sleep(AGAIN_S)
                self.watch(task_id)
        elif text.startswith("42"):
            self._hear(*json.loads(text[2:]), heard)

    def _hear(self, name: str, payload: Any, heard: float) -> None:
        if name == "task_reset":
            self.journals[payload["task_id"]].hear_reset(payload)
        elif name == "task_events":
            journal = self.journals[payload[0]["task_id"]]
            journal.delays_ms += [(event["at"], heard - event["at"]) for event in payload]
            if journal.hear_events(payload):
                self.watch(journal.task_id)


async def each(watchers: Iterable[Watcher], wanted: Callable[[Watcher], Awaitable[object]]) -> None:
    """Wait for something of all of them."""
    await asyncio.gather(*(wanted(watcher) for watcher in watchers))
