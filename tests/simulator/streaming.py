"""One answer as the events of the Messages API, with its fault built in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.simulator.faults import Fault
from tests.simulator.requests import InputCount, tokens_of


@dataclass(frozen=True, slots=True)
class Message:
    """An answer, complete, before it is sent."""

    id: str
    model: str
    text: str
    stop_reason: str
    input: InputCount

    @property
    def output_tokens(self) -> int:
        """What it costs."""
        return tokens_of(self.text)

    def usage(self, output_tokens: int) -> dict[str, int]:
        """The usage object after so much output."""
        return {
            "input_tokens": self.input.uncached,
            "cache_creation_input_tokens": self.input.created,
            "cache_read_input_tokens": self.input.read,
            "output_tokens": output_tokens,
        }

    def as_json(self) -> dict[str, Any]:
        """The whole message, as an answer that is not streamed."""
        content = [{"type": "text", "text": self.text}]
        return {**self._head(self.output_tokens), "content": content, "stop_reason": self.stop_reason}

    def _head(self, output_tokens: int) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": self.usage(output_tokens),
        }


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next on the wire: send bytes, or strike the fault of that name."""

    piece: bytes = b""
    text: str = ""  # the part of the answer in it
    strike: str | None = None


def steps_of(message: Message, fault: Fault, chunk_chars: int) -> Iterator[Step]:
    """The answer's events in order. A fault that breaks the stream is the last step."""
    if fault.name == "slow_start":
        yield Step(strike="slow_start")
    yield _event("message_start", message=message._head(1))
    yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    yield _event("ping")
    pieces = [message.text[i : i + chunk_chars] for i in range(0, len(message.text), chunk_chars)]
    for number, text in enumerate(pieces):
        if number == fault.after_events and fault.name == "held":
            yield Step(strike="held")
        if number == fault.after_events and _breaks(fault):
            yield Step(strike=fault.name)
            return
        yield said(text)
    if _breaks(fault):  # the answer was shorter than the place where the fault should strike
        yield Step(strike=fault.name)
        return
    yield _event("content_block_stop", index=0)
    delta = {"stop_reason": message.stop_reason, "stop_sequence": None}
    yield _event("message_delta", delta=delta, usage=message.usage(message.output_tokens))
    yield _event("message_stop")


def steps_count(message: Message, chunk_chars: int) -> int:
    """How many events the answer has when nothing breaks it."""
    return 6 + -(-len(message.text) // chunk_chars)


def said(text: str) -> Step:
    """A piece of the answer."""
    return _event("content_block_delta", text, index=0, delta={"type": "text_delta", "text": text})


def error_event(kind: str, text: str) -> bytes:
    """An error inside a stream."""
    return _event("error", error={"type": kind, "message": text}).piece


def ping_event() -> bytes:
    """A sign of life without content."""
    return _event("ping").piece


def _breaks(fault: Fault) -> bool:
    return fault.name in {"stall", "stall_with_pings", "reset", "early_end", "malformed_event", "overloaded_in_stream"}


def _event(kind: str, text: str = "", /, **data: Any) -> Step:
    return Step(f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode(), text)
