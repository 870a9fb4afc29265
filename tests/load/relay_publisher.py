"""The writing side: events numbered, logged and published many at a time.

A worker's ``append`` does one at a time and checks much more (`relay_append` measures it); on the two
cores of a small machine it would be the limit of every figure here. What it leaves behind is the same:
the task's number, its log, the message on its channel. So the relay's audits agree with what it sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import redis

from tasks.contract.names import TaskKind, key
from tasks.contract.submissions import NewTask
from tests.load.ground import Ground

EVENT_BYTES: Final = 300
SEQ_HOLE: Final = 0x7E7E7E7E
TASK_HOLE: Final = "t_xxxxxx"
"""Both stand in templates where the real ones belong, and are as long as these."""
_OWNER: Final = "local"
_FIRST_SEQ: Final = 1_000_000
"""Every number has seven digits, so every event has the same size."""
_SUBMITTED_AT_ONCE: Final = 100
Emit = Callable[[dict[str, Any]], object]
"""Emits an event in the way that a server's own library offers to other processes."""
_SCRIPT: Final = (Path(__file__).parent / "relay_publisher.lua").read_text()


@dataclass(frozen=True, slots=True)
class Templates:
    """Where an event goes, and its bytes, for one kind of server."""

    channel: bytes
    payload: bytes
    seq_form: Literal["text", "binary"] = "text"
    logged: bytes = b""


def task_id_of(number: int) -> str:
    """The id of a task by its number."""
    return f"t_{number:06d}"


def event_template(epoch: int) -> str:
    """An event of exactly `EVENT_BYTES`, once its holes are filled."""
    head = f'{{"v":1,"task_id":"{TASK_HOLE}","epoch":{epoch},"seq":{SEQ_HOLE},"at":1700000000000,'
    body = '"type":"text_added","data":{"text":"%s"}}'
    longer = len(str(SEQ_HOLE)) - len(str(_FIRST_SEQ))
    return head + body % ("x" * (EVENT_BYTES + longer - len(head) - len(body) + 2))


async def create_tasks(ground: Ground, count: int) -> int:
    """Tasks that run, as far as the relay can see, without a lease that would end while they are
    measured; they stand at the number from which events go on. The store's epoch."""
    store = ground.open_store()
    try:
        for first in range(0, count, _SUBMITTED_AT_ONCE):
            numbers = range(first, min(count, first + _SUBMITTED_AT_ONCE))
            tasks = [NewTask(task_id=task_id_of(i), kind=TaskKind.ANALYSIS, owner=_OWNER) for i in numbers]
            await store.submit(tasks)
    finally:
        await store.close()
    kind = TaskKind.ANALYSIS.value
    with redis.Redis.from_url(ground.redis_url) as client, client.pipeline(transaction=False) as pipe:
        pipe.delete(key("waiting", kind), key("line", kind, _OWNER))
        for number in range(count):
            pipe.hset(key("task", task_id_of(number)), mapping={"state": "PROGRESS", "seq": _FIRST_SEQ})
        pipe.hget(key("task", task_id_of(0)), "epoch")
        return int(pipe.execute()[-1])


def galley_templates(epoch: int) -> Templates:
    """What ``append`` publishes and logs."""
    event = event_template(epoch)
    channel, payload = key("task_channel", TASK_HOLE), f"{epoch}:{SEQ_HOLE}:{event}"
    return Templates(channel.encode(), payload.encode(), logged=event.encode())


class Publisher:
    """Publishes by the script, in rounds: each task one event, then each the next."""

    def __init__(self, redis_url: str, templates: Templates) -> None:
        self._client = redis.Redis.from_url(redis_url)
        self._client.config_set("appendonly", "no")  # what is measured is the relay, not the disk
        self._digest = self._client.script_load(_SCRIPT)
        hole = SEQ_HOLE.to_bytes(4, "big") if templates.seq_form == "binary" else str(SEQ_HOLE).encode()
        self._templates = (templates.seq_form, templates.channel, templates.payload, templates.logged)
        self._holes = (TASK_HOLE, hole)
        self._seqs: list[int] = []

    def publish(self, first: int, last: int) -> None:
        """One event for each of the tasks with these numbers. All must stand at the same number: a task whose
        next number was left out would be answered with a reset, as it should be."""
        self._seqs += [_FIRST_SEQ] * (last + 1 - len(self._seqs))
        seqs = self._seqs[first : last + 1]
        assert seqs.count(seqs[0]) == len(seqs), f"tasks {first} to {last} do not stand at one number"
        self._client.evalsha(self._digest, 0, first, last, seqs[0] + 1, *self._templates, *self._holes)
        self._seqs[first : last + 1] = [seqs[0] + 1] * len(seqs)

    def close(self) -> None:
        """Hang up."""
        self._client.close()


def captured_templates(ground: Ground, emit: Emit, seq_form: Literal["text", "binary"]) -> Templates:
    """What a peer's own emitter publishes for one event, listened to and kept as a template."""
    with redis.Redis.from_url(ground.redis_url) as client, client.pubsub(ignore_subscribe_messages=True) as heard:
        heard.psubscribe("*")
        heard.get_message(timeout=1)
        emit(json.loads(event_template(epoch=1)))
        while (message := heard.get_message(timeout=1)) is None:
            pass
    return Templates(message["channel"], message["data"], seq_form)
