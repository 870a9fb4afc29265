"""A real relay on a real Hypercorn over the memory store, and clients that note what they are told."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import socketio
from hypercorn.asyncio import serve
from hypercorn.config import Config, Sockets
from processes import WAIT_S

from server.queue_view import QueueView
from server.relay.bounds import Bounds
from server.relay.gateway import Relay
from tasks.contract.documents import Document
from tasks.contract.errors import StoreUnavailable, Unauthorized
from tasks.contract.events import EventData, TextAdded
from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tasks.contract.timing import Timing
from tasks.store.memory import MemoryStore
from tasks.store.ports import Admission, Store, WorkerCard
from tasks.store.redis_store import RedisStore

FAST = Timing(sweep_ms=200)


class TokenAccess:
    """The token is the owner's name; without one there is none."""

    async def owner_of(self, scope: Mapping[str, Any], token: str | None = None) -> str:
        if not token:
            raise Unauthorized
        return token


async def other_app(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    """What the HTTP side is in these tests: it answers 200 to everything and knows its life."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"the HTTP app"})


class Writer:
    """Makes tasks and writes their events as a worker would."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ids = itertools.count(1)
        self.producers: dict[str, itertools.count[int]] = {}

    async def submit(self, owner: str = "ann", document_id: str | None = None, task_id: str | None = None) -> str:
        task_id = task_id or f"t{next(self.ids)}"
        await self.store.submit([NewTask(task_id=task_id, kind=TaskKind.CHAT, owner=owner, document_id=document_id)])
        return task_id

    async def run(self, owner: str = "ann", document_id: str | None = None) -> str:
        """A task that a worker has claimed: its log stands at ``task_admitted``."""
        task_id = await self.submit(owner, document_id)
        await self.store.announce(WorkerCard("w1", tuple(TaskKind), 1_000, "checker"))
        admission = await self.store.admit()
        assert isinstance(admission, Admission)
        assert admission.task_id == task_id
        await self.store.claim(task_id, admission.attempt, f"token-{task_id}", "w1")
        self.producers[task_id] = itertools.count(1)
        return task_id

    async def append(self, task_id: str, data: EventData) -> None:
        """Append as a worker does: again with the same number when the connection was cut."""
        producer = next(self.producers[task_id])
        async with asyncio.timeout(WAIT_S):
            while True:
                try:
                    await self.store.append(task_id, f"token-{task_id}", producer, data)
                except StoreUnavailable:
                    await asyncio.sleep(0.01)
                else:
                    return

    async def say(self, task_id: str, *words: str) -> None:
        for word in words:
            await self.append(task_id, TextAdded(text=word))


class Client:
    """A Socket.IO client that keeps all it is told, in order, answers included."""

    def __init__(self) -> None:
        self.sio = socketio.AsyncClient(reconnection=False)
        self.told: list[tuple[str, Any]] = []
        self._news = asyncio.Event()
        for name in ("task_events", "task_reset", "queue_update", "queue_stats", "service_status", "disconnect"):
            self.sio.on(name, self._noting(name))

    def _noting(self, name: str) -> Callable[..., Awaitable[None]]:
        async def note(*args: Any) -> None:
            self.told.append((name, args[0] if args else None))
            self._news.set()

        return note

    async def ask(self, command: str, payload: Any = None) -> Any:
        answer = await self.sio.call(command, payload, timeout=WAIT_S)
        self.told.append(("answer", answer))
        return answer

    def of(self, name: str) -> list[Any]:
        return [payload for told, payload in self.told if told == name]

    def events(self, task_id: str) -> list[dict[str, Any]]:
        return [e for batch in self.of("task_events") for e in batch if e["task_id"] == task_id]

    def seqs(self, task_id: str) -> list[int]:
        return [event["seq"] for event in self.events(task_id)]

    async def until(self, holds: Callable[[], Any]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not holds():
                self._news.clear()
                await self._news.wait()


class World:
    """Everything of one test."""

    def __init__(self, store: Store, relay: Relay, url: str) -> None:
        self.store = store
        self.relay = relay
        self.url = url
        self.writer = Writer(store)
        self._clients: list[Client] = []
        self._raws: list[RawClient] = []

    async def raw(self, receive_buffer: int | None = None) -> RawClient:
        raw = await RawClient.open(self.url, receive_buffer)
        self._raws.append(raw)
        return raw

    async def client(self, owner: str = "ann") -> Client:
        client = Client()
        self._clients.append(client)
        await client.sio.connect(self.url, auth={"token": owner}, transports=["websocket"], wait_timeout=WAIT_S)
        return client

    async def at(self, task_id: str, seq: int) -> dict[str, int]:
        """A client's position in the task's present epoch."""
        (number,) = await self.store.numbers([task_id])
        assert number
        return {"epoch": number[0], "seq": seq}

    async def add_document(self, document_id: str = "d1", owner: str = "ann") -> None:
        await self.store.add_document(
            Document(document_id=document_id, owner=owner, name="n", format="md", sections=())
        )

    async def close(self) -> None:
        for client in self._clients:
            await client.sio.disconnect()
        for raw in self._raws:
            await raw.close()


class BoundConfig(Config):
    """Takes a socket of its own making, so that the port is known before the server runs."""

    def create_sockets(self) -> Sockets:
        self.bound = super().create_sockets()
        return self.bound


@asynccontextmanager
async def open_store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """The store that the test is parametrized with."""
    if request.param == "memory":
        yield MemoryStore(Timing())
        return
    store = RedisStore(request.getfixturevalue("redis_url"), Timing())
    await store.sweep()  # a fresh store takes itself for one that was away
    yield store
    await store.close()


@asynccontextmanager
async def open_world(
    store: Store | None = None, bounds: Bounds | None = None, timing: Timing = FAST
) -> AsyncIterator[World]:
    store = store or MemoryStore(Timing())
    relay = Relay(store, TokenAccess(), QueueView(store, "test"), timing, bounds)
    config = BoundConfig()
    config.bind = ["127.0.0.1:0"]
    config.graceful_timeout = 1
    stopped = asyncio.Event()
    await relay.start()
    server = asyncio.create_task(serve(relay.wrap(other_app), config, shutdown_trigger=stopped.wait))
    async with asyncio.timeout(WAIT_S):
        while not hasattr(config, "bound"):
            await asyncio.sleep(0)
    host, port = config.bound.insecure_sockets[0].getsockname()[:2]
    world = World(store, relay, f"http://{host}:{port}")
    try:
        yield world
    finally:
        await world.close()
        await relay.stop()
        stopped.set()
        await asyncio.wait_for(server, WAIT_S)


class RawClient:
    """A WebSocket that sees the frames themselves, in the order in which they were sent, and reads
    them only when it is told to."""

    def __init__(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.frames: list[str] = []
        self._session = session

    @classmethod
    async def open(cls, url: str, receive_buffer: int | None = None) -> RawClient:
        def small(address: Any) -> socket.socket:
            family, kind, proto, *_ = address
            made = socket.socket(family, kind, proto)
            if receive_buffer:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            return made

        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(socket_factory=small))
        path = "/socket.io/?EIO=4&transport=websocket"
        raw = cls(session, await session.ws_connect(url + path, max_msg_size=0))
        await raw.until(lambda frame: frame.startswith("0"))
        return raw

    async def connect(self, owner: str = "ann") -> None:
        await self.socket.send_str("40" + json.dumps({"token": owner}))
        await self.until(lambda frame: frame.startswith("4"))

    async def ask(self, ack_id: int, *command: Any) -> None:
        await self.socket.send_str(f"42{ack_id}" + json.dumps(command))

    async def answer(self, ack_id: int) -> Any:
        frame = await self.until(lambda frame: frame.startswith(f"43{ack_id}["))
        return json.loads(frame[frame.index("[") :])[0]

    async def until(self, holds: Callable[[str], bool]) -> str:
        async with asyncio.timeout(WAIT_S):
            while True:
                message = await self.socket.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    raise ConnectionResetError(str(message.type))
                self.frames.append(message.data)
                if holds(message.data):
                    return str(message.data)

    async def until_closed(self) -> None:
        async with asyncio.timeout(WAIT_S):
            while (await self.socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass

    async def close(self) -> None:
        await self.socket.close()
        await self._session.close()
