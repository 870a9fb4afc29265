"""What must be true between the events: of places, slots, calls, and of the world at rest."""

from __future__ import annotations

from collections.abc import Iterable

from tasks.contract.names import TaskKind
from tasks.contract.states import ENDED, TaskState
from tasks.store.memory_log import Record
from tasks.store.ports import Admission, WorkerCard
from tasks.store.reading import LOG_BOUND
from tests.simulation.broken import require
from tests.simulation.ledger import Ledger
from tests.simulation.plan import Plan
from tests.simulation.simulated_store import SimulatedStore

_PLACES = {
    TaskState.PENDING: {(True, False, False, False)},
    TaskState.PROGRESS: {(False, False, True, False), (False, False, False, True)},
    TaskState.RETRY: {(False, True, False, False)},
}
_ENDED_PLACES = {(False, False, False, False), (False, False, False, True)}


def check_place(store: SimulatedStore, task_id: str) -> None:
    """A task is in exactly the place that its state says: in line, parked, reserved or claimed."""
    record = store._tasks.get(task_id)
    if record is None:
        for places in (store._parked, store._claimed, *store._reserved.values()):
            require(task_id not in places, "a deleted task leaves nothing behind", task_id)
        return
    kind = record.new.kind
    place = (
        any(waits == task_id for _, waits in store._waiting[kind]),
        task_id in store._parked,
        task_id in store._reserved[kind],
        task_id in store._claimed,
    )
    if place not in _PLACES.get(record.snapshot.state, _ENDED_PLACES):
        require(False, "a task is where its state says", f"{task_id} {record.snapshot.state} {place}")


def check_leases(store: SimulatedStore, model: str | None) -> None:
    """Slots and calls are held by exactly those tasks that have a lease."""
    held = sorted(task_id for tasks in store._worker_tasks.values() for task_id in tasks)
    if held != sorted(store._claimed):
        require(False, "a slot is held by whoever was claimed", f"{held} {sorted(store._claimed)}")
    if model is None:
        return
    leased = {*store._claimed, *(task_id for tasks in store._reserved.values() for task_id in tasks)}
    if store._calls[model] != leased:
        require(False, "a call is held by whoever has a lease", f"{sorted(store._calls[model])} {sorted(leased)}")


def check_admission(store: SimulatedStore, plan: Plan, admission: Admission) -> None:
    """Counted anew, apart from the store's own rules: the slots, those kept for chat, the calls."""
    cards, kind = store._live_cards(), admission.kind
    serving = [card for card in cards if kind in card.kinds]
    slots = sum(card.slots for card in serving)
    leases = len(store._reserved[kind]) + sum(len(store._worker_tasks.get(c.worker_id, ())) for c in serving)
    require(leases <= slots, "slots are never exceeded", f"{admission}: {leases} of {slots}")
    if kind is TaskKind.ANALYSIS:
        kept = kept_for_talk(serving)
        require(leases <= slots - kept, "slots are kept for chat", f"{admission}: {leases} of {slots}, {kept} kept")
    if plan.model and plan.concurrency:
        calls = len(store._calls[plan.model])
        require(calls <= plan.concurrency, "calls at once are bounded", f"{calls} of {plan.concurrency}")
    bucket = store._buckets.get(f"requests:{plan.model}")
    if plan.model and bucket is not None:
        require(bucket.closed_until <= store._clock(), "a closed budget starts nothing", admission)


def kept_for_talk(cards: Iterable[WorkerCard]) -> int:
    """A tenth of the slots that both could use, at least one unless there is only one."""
    shared = sum(card.slots for card in cards if TaskKind.CHAT in card.kinds or TaskKind.TEST in card.kinds)
    return 0 if shared <= 1 else max(1, shared // 10)


def check_suspects(store: SimulatedStore, ledger: Ledger, worker_id: str) -> None:
    """No process runs two tasks that have lost a worker."""
    suspects = [
        t for t in sorted(store._worker_tasks.get(worker_id, ())) if t in ledger.lines and ledger.lines[t].losses
    ]
    require(len(suspects) <= 1, "no two suspects share a process", suspects)


def is_at_rest(store: SimulatedStore) -> bool:
    """Everything has ended and every lease was given back."""
    if store._claimed or store._parked or any(store._reserved.values()) or any(store._waiting.values()):
        return False
    return all(record.snapshot.state in ENDED for record in store._tasks.values())


def check_rest(store: SimulatedStore, ledger: Ledger) -> None:
    """Nothing is left over, and every log folds to its snapshot."""
    require(set(store._tasks) == set(ledger.lines), "every accepted task is there unless it was deleted")
    leftovers = [store._waiting, store._lines, store._reserved, store._worker_tasks, store._calls]
    for places in leftovers:
        require(not any(places.values()), "nothing is left over", places)
    require(not store._lost_crowds, "nothing is left over", f"lost crowds {store._lost_crowds}")
    for record in store._tasks.values():
        published = ledger.lines[record.new.task_id].log[-LOG_BOUND:]
        require(record.log == published, "a log is what was published", record.new.task_id)
        check_document(store, record)


def check_document(store: SimulatedStore, record: Record) -> None:
    """What was found stands in the document too, once."""
    document_id = record.new.document_id
    if document_id is None:
        return
    require(document_id in store._documents, "a document takes its tasks with it", record.new.task_id)
    missing = {finding.finding_id for finding in record.snapshot.findings} - set(store._findings[document_id])
    require(not missing, "a finding is in its document as well", missing)
