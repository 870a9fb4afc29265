"""The simulator itself: what it knows, and how it answers ``/v1/messages``."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Self

from tests.simulator import answers
from tests.simulator.buckets import Limits
from tests.simulator.connection import Connection, Protocol, Request
from tests.simulator.faults import REFUSALS, Fault, FaultPlan
from tests.simulator.ledger import Call, Ledger, now_ms
from tests.simulator.options import Options, changed
from tests.simulator.requests import Asked, InputCount, PromptCache, read_request
from tests.simulator.streaming import Message, Step, error_event, ping_event, said, steps_count, steps_of

Script = Callable[[Asked], str]
"""What to answer to a request, in place of what the simulator would make up; only in its own process."""


class Simulator:
    """One simulated account, its books and its faults."""

    def __init__(self, options: Options | None = None, script: Script | None = None) -> None:
        self._script = script
        self.options = options or Options()
        self.ledger = Ledger()
        self.faults = FaultPlan()
        self.limits = Limits(self.options)
        self.cache = PromptCache()
        self.url = ""

    @asynccontextmanager
    async def running(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Self]:
        """Listening at ``url``, on this event loop."""
        opened: set[asyncio.BaseTransport] = set()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Protocol(self.answer, opened), host, port, backlog=1024)
        self.url = f"http://{host}:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for transport in opened:
                transport.close()
            await server.wait_closed()
            while opened:  # their ends are told by callbacks, each of which takes one turn of the loop
                await asyncio.sleep(0)

    def change(self, wanted: dict[str, Any]) -> None:
        """What ``POST /control`` says. A changed limit begins with full buckets.

        Raises:
            ValueError, KeyError, TypeError: it is not understood.
        """
        before, self.options = self.options, changed(self.options, wanted)
        self.faults.add(wanted)
        if before != self.options and {"rpm", "input_tpm", "output_tpm", "burst_s"} & set(wanted):
            self.limits = Limits(self.options)

    def reset(self) -> None:
        """No faults, full buckets, an empty cache, empty books. The options stay."""
        self.faults, self.limits, self.cache = FaultPlan(), Limits(self.options), PromptCache()
        self.ledger.clear()

    async def answer(self, connection: Connection, request: Request) -> None:
        """One request."""
        match (request.method, request.path):
            case ("POST", "/v1/messages"):
                await self._messages(connection, request)
            case ("GET", "/control/ledger"):
                await self._books(connection, request)
            case ("DELETE", "/control/ledger"):
                self.ledger.clear()
                await connection.send_json(200, {"ok": True})
            case ("POST", "/control/reset"):
                self.reset()
                await connection.send_json(200, {"ok": True})
            case ("POST", "/control"):
                await self._control(connection, request)
            case _:
                await connection.send_json(404, {"simulator": True, "error": {"type": "not_found_error"}})

    async def _control(self, connection: Connection, request: Request) -> None:
        try:
            self.change(request.json() or {})
        except (ValueError, KeyError, TypeError) as error:
            await connection.send_json(422, {"ok": False, "error": repr(error)})
            return
        await connection.send_json(200, {"ok": True})

    async def _books(self, connection: Connection, request: Request) -> None:
        """``?since=`` leaves out older calls; ``?ended=n&wait=s`` answers when n calls have ended."""
        wanted, wait = int(request.query.get("ended", "0")), float(request.query.get("wait", "0"))
        with suppress(TimeoutError):  # then the books as they are: the caller sees what is missing
            await self.ledger.until(lambda calls: sum(c.end is not None for c in calls) >= wanted, wait or 0.001)
        await connection.send_json(200, self.ledger.as_json(int(request.query.get("since", "0"))))

    async def _messages(self, connection: Connection, request: Request) -> None:
        call, end = self.ledger.open(), "failed"
        try:
            end = await self._handle(connection, request, call)
        except ConnectionError:
            end = self._left(call)
        finally:
            await self.ledger.close(call, end)

    async def _handle(self, connection: Connection, request: Request, call: Call) -> str:
        call.key = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
        if not call.key or (self.options.key and call.key != self.options.key):
            return await self._refuse(connection, call, *REFUSALS["unauthorized"])
        try:
            asked = read_request(request.json())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return await self._refuse(connection, call, 400, "invalid_request_error", str(error))
        call.model, call.stream, call.structured, call.markers = (
            asked.model,
            asked.stream,
            asked.structured,
            asked.markers,
        )
        fault = self.faults.next_for(asked.text, asked.model)
        call.fault = fault.name
        if fault.name == "reset_early":
            connection.reset()
            return "reset_early"
        if fault.name in REFUSALS:
            return await self._refuse_as(connection, call, fault)
        return await self._admit(connection, call, asked, fault)

    async def _refuse_as(self, connection: Connection, call: Call, fault: Fault) -> str:
        status, kind, text = REFUSALS[fault.name]
        wait = fault.retry_after_s if fault.retry_after_s is not None or status != 429 else 1.0
        return await self._refuse(connection, call, status, kind, fault.message or text, wait)

    async def _refuse(
        self, connection: Connection, call: Call, status: int, kind: str, text: str, wait: float | None = None
    ) -> str:
        call.status, call.error = status, kind
        headers = self._headers(call)
        if wait is not None:
            headers["retry-after"] = str(math.ceil(wait))
        await connection.send_json(status, {"type": "error", "error": {"type": kind, "message": text}}, headers)
        return "refused"

    def _headers(self, call: Call) -> dict[str, str]:
        return {"request-id": f"req_simulator_{call.number}", "x-simulator": "true", **self.limits.headers()}

    async def _admit(self, connection: Connection, call: Call, asked: Asked, fault: Fault) -> str:
        if self.options.concurrency and self.ledger.running > self.options.concurrency:
            text = "Number of concurrent connections has exceeded your rate limit."
            return await self._refuse(connection, call, 429, "rate_limit_error", text, 1.0)
        count = self.cache.count(asked)
        wait = self.limits.take(count.uncached + count.created)
        if wait > 0:
            text = "This request would exceed your organization's rate limit."
            return await self._refuse(connection, call, 429, "rate_limit_error", text, wait)
        call.status = 200
        call.input_tokens = count.uncached
        call.cache_creation_input_tokens, call.cache_read_input_tokens = count.created, count.read
        message = self._compose(call, asked, fault, count)
        # as at the provider, the prompt stands in the cache when the answer begins and not when it is asked for
        keep = partial(self.cache.remember, asked, self.options.cache_ttl_s)
        return await (self._stream if asked.stream else self._whole)(connection, call, message, fault, keep)

    def _compose(self, call: Call, asked: Asked, fault: Fault, count: InputCount) -> Message:
        made_up = self._script(asked) if self._script else answer_text(asked, fault, self.options.findings)
        text, stop = made_up, "end_turn"
        if fault.name == "max_tokens":
            text, stop = text[: len(text) * 2 // 3], "max_tokens"
        elif fault.name == "refusal":
            text, stop = "", "refusal"
        if len(text) > asked.max_tokens * 4:
            text, stop = text[: asked.max_tokens * 4], "max_tokens"
        return Message(f"msg_simulator_{call.number}", f"simulator:{asked.model}", text, stop, count)

    async def _whole(
        self, connection: Connection, call: Call, message: Message, fault: Fault, keep: Callable[[], None]
    ) -> str:
        held = fault.seconds if fault.name in ("stall", "slow_start") else self.options.duration_ms / 1000
        if await connection.hold(held):
            return self._left(call)
        if fault.name == "reset":
            connection.reset()
            return "reset"
        keep()
        self._produce(call, message.text)
        await connection.send_json(200, message.as_json(), self._headers(call))
        return "complete"

    async def _stream(
        self, connection: Connection, call: Call, message: Message, fault: Fault, keep: Callable[[], None]
    ) -> str:
        await connection.start_stream(self._headers(call))
        released = self.faults.released
        pace_s = self.options.pace_ms / 1000
        if self.options.duration_ms:
            pace_s = self.options.duration_ms / 1000 / steps_count(message, self.options.chunk_chars)
        for step in steps_of(message, fault, self.options.chunk_chars):
            if await connection.hold(pace_s):
                return self._left(call)
            if step.strike:
                end = await self._strike(connection, call, step.strike, fault, released)
                if end:
                    return end
            else:
                if call.events == 0:
                    keep()
                await self._send(connection, call, step)
        await connection.end_stream()
        return "complete"

    async def _send(self, connection: Connection, call: Call, step: Step) -> None:
        call.first_event_at = call.first_event_at or now_ms()
        call.events += 1
        self._produce(call, step.text)
        await connection.send_piece(step.piece)

    def _produce(self, call: Call, text: str) -> None:
        tokens = len(text) / 4
        call.output_tokens += round(tokens)
        self.limits.charge_output(tokens)

    async def _strike(
        self, connection: Connection, call: Call, name: str, fault: Fault, released: asyncio.Event
    ) -> str | None:
        """Do what the fault does; its name ends the call, None lets the stream go on."""
        match name:
            case "slow_start":
                return self._left(call) if await connection.hold(fault.seconds) else None
            case "stall":
                return self._left(call) if await connection.hold(fault.seconds) else "stall"
            case "held":  # signs of life that say nothing: many pings alone would count as silence
                while not released.is_set():
                    if await connection.hold(0.05):
                        return self._left(call)
                    await connection.send_piece(said("").piece)
                return None
            case "stall_with_pings":
                while not await connection.hold(0.02):
                    await connection.send_piece(ping_event())
                return self._left(call)
            case "reset":
                connection.reset()
            case "malformed_event":
                await connection.send_piece(b'event: content_block_delta\ndata: {"type": "content_blo\n\n')
                await connection.end_stream()
            case "overloaded_in_stream":
                await connection.send_piece(error_event("overloaded_error", "Overloaded"))
                await connection.end_stream()
            case _:
                await connection.end_stream()
        return name

    def _left(self, call: Call) -> str:
        call.closed_at = now_ms()
        return "client_closed"


def answer_text(asked: Asked, fault: Fault, findings: int) -> str:
    """The whole answer's text, in the form that was asked for."""
    if not asked.structured or fault.name == "prose":
        return answers.chat_text(asked)
    found = answers.findings_of(asked, findings)
    if fault.name == "broken_finding":
        found.insert(len(found) // 2, answers.broken_finding())
    if fault.name == "invented_quote":
        found.insert(len(found) // 2, answers.invented_finding())
    return answers.findings_text(found)
