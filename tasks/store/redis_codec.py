"""What stands in Redis, and the types it is read into."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final, TypedDict

from tasks.contract.events import EventData
from tasks.contract.names import TaskKind
from tasks.contract.states import Effect, Snapshot, TaskState, effect_of
from tasks.contract.submissions import NewTask
from tasks.store.history import MINUTE_MS, minute_of
from tasks.store.ports import (
    BudgetStats,
    CostLevel,
    Costs,
    KindStats,
    MinuteStats,
    Reading,
    Stats,
    TaskSummary,
    WaitingFor,
    WorkerCard,
)
from tasks.store.reading import line_of_list
from tasks.store.turns import OwnerLine

JSON_FIELDS: Final = frozenset({"usage", "outcome", "error"})
SUMMARY_FIELDS: Final = (
    *("task_id", "kind", "state", "document_id", "section_id"),
    *("progress", "created_at", "ended_at", "error", "usage", "cost_usd", "outcome"),
    *("sent_again_as", "order"),
)


def pairs(flat: Sequence[bytes]) -> dict[str, str]:
    """A flat list of names and values, as HGETALL gives it."""
    texts = [item.decode() for item in flat]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def snapshot_of(flat: Sequence[bytes], text: bytes, findings: Iterable[bytes]) -> Snapshot:
    """A snapshot from a task's hash, its text and its findings."""
    fields: dict[str, Any] = dict(pairs(flat))
    for name in JSON_FIELDS & fields.keys():
        fields[name] = json.loads(fields[name])
    found = [json.loads(finding) for finding in findings]
    return Snapshot.model_validate({**fields, "text": text.decode(), "findings": found})


def reading_of(reply: Sequence[Any]) -> Reading:
    """The answer of ``read.lua``."""
    owner, epoch, seq, state, form, *rest = reply
    head = (owner.decode(), int(epoch), int(seq), TaskState(state.decode()))
    if form == b"events":
        return Reading(*head, events=tuple(event.decode() for event in rest[0]), more=bool(rest[1]))
    return Reading(*head, snapshot=snapshot_of(*rest))


def summary_of(values: Sequence[bytes | None]) -> TaskSummary:
    """`SUMMARY_FIELDS` of a task's hash, less its order."""
    fields: dict[str, Any] = {n: v.decode() for n, v in zip(SUMMARY_FIELDS, values, strict=True) if v is not None}
    for name in JSON_FIELDS & fields.keys():
        fields[name] = json.loads(fields[name])
    return line_of_list(Snapshot.model_validate(fields), fields.get("sent_again_as"))


def _field(value: Any) -> str:
    """A snapshot's field as it stands in the hash."""
    if hasattr(value, "model_dump_json"):
        return str(value.model_dump_json())
    return json.dumps(value) if isinstance(value, dict) else str(value)


class Changes(TypedDict):
    """What an event changes beside adding to the answer's text, as ``carry_out`` of the prelude takes it."""

    anew: list[str]  # names of the task's keys that begin anew
    findings: list[tuple[str, str]]  # ids and JSON
    set: list[str]  # fields of the task's hash, each followed by its value
    stamps: list[str]  # fields that take the event's time
    clear: list[str]  # fields to take away


def _changes_of(effect: Effect) -> Changes:
    restored, found = effect.restore, effect.finding
    findings = restored.findings if restored else (found,) if found else ()
    fields = effect.fields.items()
    return {
        "anew": ["text", "task_findings"] if restored else ["text"] if effect.clear_text else [],
        "findings": [(finding.finding_id, finding.model_dump_json()) for finding in findings],
        "set": [item for name, value in fields if value is not None for item in (name, _field(value))],
        "stamps": list(effect.stamps),
        "clear": [name for name, value in fields if value is None],
    }


def append_args(data: EventData) -> tuple[str, ...]:
    """The arguments of ``append.lua`` from the event's type on."""
    effect = effect_of(data)
    text, changes = effect.restore.text if effect.restore else effect.text or "", _changes_of(effect)
    return data.type, data.model_dump_json(), text, json.dumps(changes) if any(changes.values()) else ""


def task_args(task: NewTask, *, look: bool, events: Sequence[EventData] = ()) -> tuple[str | int, ...]:
    """The thirteen arguments of one task in ``submit.lua``."""
    ids = (task.document_id or "", task.section_id or "", task.conversation_id or "")
    sizes = (task.priority, task.input_chars, task.shared_chars)
    answer = (task.identity, int(look), answer_json(events))
    return (task.task_id, task.kind.value, *ids, *sizes, task.asked_engine or "", *answer, json.dumps(task.input))


def answer_json(events: Iterable[EventData]) -> str:
    """Events that ``submit.lua`` answers a task with at once; none is an empty text. They add no text."""
    steps = [{"type": e.type, "data": e.model_dump_json(), "changes": _changes_of(effect_of(e))} for e in events]
    return json.dumps(steps) if steps else ""


def card_json(card: WorkerCard) -> str:
    """A worker's card as the scripts read it."""
    by_kind = {name: {kind.value: n for kind, n in getattr(card, name).items()} for name in ("limits", "max_output")}
    return json.dumps({**asdict(card), **by_kind})


def owner_line(reply: Sequence[Any]) -> OwnerLine:
    """One line of ``line.lua``."""
    score, group, own_score, whole, *flat = reply
    tasks = [(task_id.decode(), float(cost)) for task_id, cost in zip(flat[::2], flat[1::2], strict=True)]
    return OwnerLine(float(score), tasks, bool(whole), group.decode(), float(own_score))


def stats_of(reply: bytes) -> Stats:
    """The answer of ``stats.lua``. An empty Lua table arrives as ``{}``, also where a list is meant."""
    raw = json.loads(reply)
    kinds = {TaskKind(name): _kind_stats(of_kind) for name, of_kind in raw["kinds"].items()}
    budgets = {b["name"]: _budget_stats(b) for b in raw["budgets"] or ()}
    return Stats(
        now=int(raw["now"]),
        workers=raw["workers"],
        slots=int(raw["slots"]),
        engines=tuple(sorted(set(raw["engines"]))),
        kinds=kinds,
        budgets=budgets,
        dead=raw["dead"],
        costs=cost_level(raw["costs"]),
    )


def history_of(reply: Sequence[Any]) -> tuple[MinuteStats, ...]:
    """The answer of ``history.lua``."""
    now, *minutes = reply
    first = int(now) // MINUTE_MS - len(minutes) + 1
    counts = ({name: float(count) for name, count in pairs(flat).items()} for flat in minutes)
    return tuple(minute_of((first + index) * MINUTE_MS, each) for index, each in enumerate(counts))


def cost_level(raw: dict[str, Any]) -> CostLevel:
    """One level as ``cost_level`` of the prelude tells it."""
    return CostLevel(raw["spent_usd"], raw["held_usd"], raw.get("limit_usd"), int(raw["opens_at"]))


def costs_of(reply: bytes) -> Costs:
    """The answer of ``costs.lua``."""
    raw = json.loads(reply)
    days = tuple((int(day), float(usd)) for day, usd in raw["days"] or ())
    return Costs(cost_level(raw["mine"]), cost_level(raw["all"]), days)


def _kind_stats(raw: dict[str, Any]) -> KindStats:
    counts = {n: int(raw[n]) for n in ("waiting", "reserved", "active", "parked", "slots", "free")}
    return KindStats(
        **counts,
        oldest_at=_whole(raw.get("oldest_at")),
        run_ms=_whole(raw.get("run_ms")),
        step_ms=raw.get("step_ms"),
        inflow=raw["inflow"],
        allowed_per_minute=raw.get("allowed_per_minute"),
        limit_per_minute=raw.get("limit_per_minute"),
        waiting_for=WaitingFor(raw["waiting_for"]),
        reopens_at=_whole(raw.get("reopens_at")),
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _budget_stats(raw: dict[str, Any]) -> BudgetStats:
    return BudgetStats(
        limit=raw.get("limit"),
        left=raw.get("left"),
        in_flight=raw["in_flight"],
        closed_until=_whole(raw.get("closed_until")),
        reason=raw.get("reason"),
    )
