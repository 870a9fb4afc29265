"""Every Redis key, channel, Celery queue and task name, built in one place.

All keys of a cell carry the hash tag ``{galley}``, so that one script may touch any of them together
and a Redis Cluster keeps the cell on one node. A template's ``%s`` takes an id; the Lua scripts are
given this same table, so a key has one spelling in the whole project.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

CELL: Final = "{galley}"


class TaskKind(StrEnum):
    """What a person asked for. The value is also the name of the Celery queue that carries it."""

    ANALYSIS = "analysis"
    CHAT = "chat"
    TEST = "test"


ADMISSION_ORDER: Final = (TaskKind.CHAT, TaskKind.TEST, TaskKind.ANALYSIS)
"""Kinds in the order in which admission looks at them: a person who talks waits in front of a batch."""

KEYS: Final[dict[str, str]] = {
    # the store itself
    "generation": f"{CELL}:generation",  # hash: run_id, epoch, swept_at
    "order": f"{CELL}:order",  # counter: the order of arrival
    # one task
    "task": f"{CELL}:task:%s",  # hash: the snapshot's fields and the lease
    "log": f"{CELL}:task:%s:events",  # list: the last events as JSON; the very last one has the hash's seq
    "text": f"{CELL}:task:%s:text",  # string: the answer so far
    "task_findings": f"{CELL}:task:%s:findings",  # list: findings as JSON, in order
    "input": f"{CELL}:task:%s:input",  # string: what was submitted, as JSON
    # waiting and running
    "waiting": f"{CELL}:waiting:%s",  # zset of a kind: task -> order of arrival
    # a level is a kind, or a kind with a group's name behind it; the group is '' at the top, see turns.py
    "owners": f"{CELL}:owners:%s",  # zset of a level: owner or group with a line -> counter, who goes next first
    "line": f"{CELL}:line:%s:%s",  # zset of a level and owner: task -> place among the owner's own
    "since": f"{CELL}:since:%s",  # hash of a level: owner or group -> the arrival that opened its line
    "counters": f"{CELL}:counters%s",  # zset of a group: owner or group -> what it has consumed, in weighted tokens
    "fairness": f"{CELL}:fairness%s",  # hash of a group: virtual (the counter served last); and at the top
    # admitted_at:<kind>, step_ms:<kind>, stood:<kind> (how many waited then), inflow:<kind>
    "parked": f"{CELL}:parked:%s",  # zset of a kind: task -> retry_at
    "reserved": f"{CELL}:reserved:%s",  # zset of a kind: admitted, not yet claimed -> lease end
    "claimed": f"{CELL}:claimed:%s",  # zset of a kind: claimed -> lease end
    "dead": f"{CELL}:dead",  # zset: failed tasks -> ended_at
    "calls": f"{CELL}:calls:%s",  # set of a model: tasks that hold one of its calls
    "buckets": f"{CELL}:buckets",  # hash: "kind:<kind>", "requests:<model>", … -> a token bucket, packed
    "unbilled": f"{CELL}:unbilled:%s",  # zset of a kind: waiting tasks that need no account -> order of arrival
    "warmth": f"{CELL}:warmth:%s:%s",  # string of kind.document and model: who writes it to the cache, '' once there
    "estimates": f"{CELL}:estimates:%s",  # hash of a model: what its calls were found to take
    "pace": f"{CELL}:pace",  # hash: kind -> smoothed run time in ms
    "minute": f"{CELL}:minute:%s",  # hash of a minute since the epoch: what happened in it, see history.py
    "success": f"{CELL}:success",  # hash: model -> when the last call began that succeeded
    # money, in billionths of a US dollar, so that what is added and taken away again adds up to nothing
    "caps": f"{CELL}:caps",  # hash: the model, its prices and the cost limits that live workers announced
    "spent": f"{CELL}:spent:%s",  # hash of a day since 1970: all, of:<owner> -> what its calls cost
    "held": f"{CELL}:held",  # hash: all, of:<owner> -> what accepted tasks may still cost
    # workers
    "workers": f"{CELL}:workers",  # zset: worker -> when its card expires
    "cards": f"{CELL}:cards",  # hash: worker -> card as JSON
    "worker_tasks": f"{CELL}:worker:%s:tasks",  # set: what one worker process has claimed
    "worker_crowd": f"{CELL}:worker:%s:crowd",  # string: how many it ran when it was lost
    # documents and people
    "document": f"{CELL}:document:%s",  # hash: owner, created_at, json
    "document_findings": f"{CELL}:document:%s:findings",  # hash: finding_id -> JSON
    "document_found_by": f"{CELL}:document:%s:found_by",  # hash: finding_id -> task that found it last
    "document_tasks": f"{CELL}:document:%s:tasks",  # zset: task -> created_at
    "document_conversations": f"{CELL}:document:%s:conversations",  # zset: conversation -> created_at
    "conversation": f"{CELL}:conversation:%s",  # hash: owner, document_id, created_at
    "conversation_turns": f"{CELL}:conversation:%s:turns",  # list: task ids
    "owner_documents": f"{CELL}:owner:%s:documents",  # zset: document -> created_at
    "owner_tasks": f"{CELL}:owner:%s:tasks",  # zset: task -> created_at
    "owner_keys": f"{CELL}:owner:%s:keys",  # hash: key_id -> JSON
    "api_key": f"{CELL}:api_key:%s",  # string: SHA-256 of a key -> owner and key_id as JSON
    "known": f"{CELL}:known:%s:%s",  # string of owner and a review's identity: the task that answered it last
    "idempotency": f"{CELL}:idempotency:%s:%s",  # hash of owner and key: digest, task_ids, answer
    # channels
    "task_channel": f"{CELL}:events:%s",  # one task's events
    "document_channel": f"{CELL}:created:%s",  # ids of tasks created for one document
    "wake_channel": f"{CELL}:wake",  # admission may have become possible
    "control_channel": f"{CELL}:control",  # "cancel <task_id>" for whoever runs it
}


def key(name: str, *ids: str) -> str:
    """The key or channel called ``name``, with its ids filled in.

    Raises:
        KeyError: no such name in `KEYS`.
    """
    return KEYS[name] % ids if ids else KEYS[name]


GROUP_MARK: Final = "@"
"""What a group's name begins with, and no owner's: so both can take turns with each other in one set."""
CELERY_KEY_PREFIX: Final = f"{CELL}:celery:"
CELERY_TASKS: Final[dict[TaskKind, str]] = {kind: f"galley.run_{kind.value}" for kind in TaskKind}
"""Kind -> name of the Celery task that runs it. The server sends by name and imports no task code."""


def task_room(task_id: str) -> str:
    """The label under which a task's watchers are counted in the relay."""
    return f"task:{task_id}"
