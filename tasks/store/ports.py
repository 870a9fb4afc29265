"""What a store can do, in types. `redis_store` and `memory` keep the same rules behind it.

Every method is one atomic decision on the store's clock. Times are ms since the Unix epoch,
durations are ms. Each may raise `StoreUnavailable` (nothing is known about the outcome unless
``not_sent`` is in its data) and, where it writes, `StoreFull`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from tasks.contract.documents import Document
from tasks.contract.errors import TaskError
from tasks.contract.events import EventData, QueueReason, Usage
from tasks.contract.findings import Finding, FindingStatus
from tasks.contract.limits import LimitsLearned, ModelTerms, Spent
from tasks.contract.names import TaskKind
from tasks.contract.states import Snapshot, TaskState
from tasks.contract.submissions import NewTask


@dataclass(frozen=True, slots=True)
class WorkerCard:
    """What one worker process announces: which kinds it runs, how many at once, how fast it may.

    ``limits`` are starts per minute of a kind, held globally. ``model`` is None for an engine that
    needs no account. The next four bound the account, a minute; 0 means "learn from the answers".
    ``terms`` are those of the model and of the ones to turn to while it is away, in order; ``max_output``
    is how much a call of a kind may write. The last two are what calls may cost in a day, in US dollars, all
    together and those of one owner; None means "as much as they like".
    """

    worker_id: str
    kinds: tuple[TaskKind, ...]
    slots: int
    engine: str
    model: str | None = None
    limits: dict[TaskKind, float] = field(default_factory=dict)
    rpm: float = 0
    input_tpm: float = 0
    output_tpm: float = 0
    concurrency: int = 0
    terms: tuple[ModelTerms, ...] = ()
    max_output: dict[TaskKind, int] = field(default_factory=dict)
    daily_cost_limit_usd: float | None = None
    owner_daily_cost_limit_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The answer to a submission. ``replayed``: the idempotency key had been used for the same
    content; ``answer`` is then the body that was given first, if it was recorded. ``known`` are the
    tasks that have ended already, answered from an earlier one that was the same."""

    task_ids: tuple[str, ...]
    positions: tuple[int, ...]
    replayed: bool = False
    answer: str | None = None
    known: frozenset[str] = frozenset()


class WaitingFor(StrEnum):
    """Why a waiting task is not started."""

    TURN = "turn"  # others are before it, or run in all the slots
    BUDGET = "budget"  # the limit is used up for the moment
    WORKER = "worker"  # no worker is up that serves this kind
    ENGINE = "engine"  # Claude is away or the account is paused


@dataclass(frozen=True, slots=True)
class Admission:
    """A task that may start now. Send the Celery message ``(task_id, attempt)`` to its kind's queue.
    ``model`` is the one that it will call, None for none."""

    task_id: str
    attempt: int
    kind: TaskKind
    model: str | None = None


@dataclass(frozen=True, slots=True)
class NothingAdmitted:
    """Nothing may start now. ``next_in_ms`` is when that can change by the clock alone, if ever: a
    duration, because the reader's clock need not be the store's."""

    next_in_ms: int | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to run one attempt, and what it needs to know."""

    snapshot: Snapshot
    input: dict[str, Any]
    owner: str
    failures: int  # passing failures so far, which the wait before the next try grows with
    asked_engine: str | None = None
    model: str | None = None  # the one whose budget it was admitted to
    ran_ms: int = 0  # how long the attempts ran that counted as tries


class AppendOutcome(StrEnum):
    """What became of an event."""

    APPENDED = "appended"  # also for a repeated producer number, which is answered as it first was
    STALE = "stale"  # not the task's last claim: a later attempt was admitted, stop at once
    ENDED = "ended"  # the task has ended, for example cancelled: stop at once
    GONE = "gone"  # the task was deleted: stop at once
    RESTORE_FIRST = "restore_first"  # an end in a new generation: say `task_restored`, then it again


@dataclass(frozen=True, slots=True)
class Appended:
    """The answer to an append. ``restore``: the store has had a new generation since the claim, and was not
    told yet what the worker knows; say `task_restored`. A repeat is told so again."""

    outcome: AppendOutcome
    epoch: int = 0
    seq: int = 0
    restore: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A task read from a position: the events after it, or the snapshot, never a part.

    ``events`` are JSON texts in order (at most 300, and 256 KB unless one alone has more;
    read on from the last while ``more``). ``seq``
    is the number of the newest event there is.
    """

    owner: str
    epoch: int
    seq: int
    state: TaskState
    events: tuple[str, ...] | None = None
    snapshot: Snapshot | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class KindStats:
    """One kind in `Stats`. ``waiting_for`` and ``reopens_at`` tell why the head of its line waits;
    ``step_ms`` is the time between two starts while others waited, ``inflow`` how many tasks came to wait in it
    lately, ``run_ms`` how long a task runs. ``limit_per_minute`` is the kind's own limit on starts,
    ``allowed_per_minute`` the strictest of all that limit their number; None for no limit."""

    waiting: int
    reserved: int
    active: int
    parked: int
    slots: int
    free: int
    oldest_at: int | None
    run_ms: int | None
    step_ms: float | None
    inflow: float
    limit_per_minute: float | None
    allowed_per_minute: float | None
    waiting_for: WaitingFor
    reopens_at: int | None


class Standing(NamedTuple):
    """A waiting task in the order of admission. ``latest`` is the place that it has if everybody who waits keeps on
    asking for more; never before its present one."""

    task_id: str
    latest: int


@dataclass(frozen=True, slots=True)
class BudgetStats:
    """One budget: ``limit`` a minute (None: not known yet), what may be spent now, and if it is
    closed, until when and why."""

    limit: float | None
    left: float | None
    in_flight: int
    closed_until: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class CostLevel:
    """What calls have cost since midnight UTC, what accepted tasks may still cost, and how much both
    together may be (None: no limit), in US dollars. ``opens_at``: the next midnight UTC."""

    spent_usd: float
    held_usd: float
    limit_usd: float | None
    opens_at: int


@dataclass(frozen=True, slots=True)
class Costs:
    """What an owner's calls and all calls cost. ``days`` are the owner's: the days since 1970 on which
    something was spent, newest first, with the US dollars."""

    mine: CostLevel
    all: CostLevel
    days: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Stats:
    """The queue at one moment."""

    now: int
    workers: int
    slots: int
    engines: tuple[str, ...]
    kinds: dict[TaskKind, KindStats]
    budgets: dict[str, BudgetStats]
    dead: int
    costs: CostLevel


@dataclass(frozen=True, slots=True)
class MinuteStats:
    """What happened in one minute. ``at`` is its beginning; waits are those of first starts, None when
    there was none; ``share`` is how much of the scarcest limit was taken, 1 being all of it."""

    at: int
    started: int
    failed: int
    wait_median_ms: int | None
    wait_p95_ms: int | None
    share: float


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """One line of a list of tasks. ``notice`` is what a person must know of its result as a whole."""

    task_id: str
    kind: TaskKind
    state: TaskState
    document_id: str | None
    section_id: str | None
    progress: int
    created_at: int
    ended_at: int | None
    error: TaskError | None
    sent_again_as: str | None = None
    usage: Usage | None = None
    cost_usd: float | None = None
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A finding of a document with the task that found it last."""

    finding: Finding
    task_id: str | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A chat: its turns are tasks, oldest first."""

    conversation_id: str
    owner: str
    document_id: str | None
    created_at: int
    task_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key, without its secret. ``weight``: see `NewTask`."""

    key_id: str
    name: str
    owner: str
    created_at: int
    weight: float = 1


class TaskStore(Protocol):
    """Tasks from submission to end."""

    async def submit(
        self, tasks: Sequence[NewTask], *, idempotency_key: str | None = None, digest: str = ""
    ) -> Submitted:
        """Accept tasks of one owner, all or none: log, snapshot, place in line, `task_queued`. A task
        whose like the owner has had answered by the present model ends at once, with those findings and
        without cost, unless it is to be ``fresh``.

        Raises:
            IdempotencyMismatch: the key was used for other content (``digest`` differs).
            NotFound: a document was deleted meanwhile.
            CostLimitReached: what they may cost does not fit into what is left of a day's limit.
        """
        ...

    async def record_answer(self, owner: str, idempotency_key: str, digest: str, answer: str) -> None:
        """Keep the body that a successful request was answered with. The first one stays."""
        ...

    async def recall_answer(self, owner: str, idempotency_key: str, digest: str) -> str | None:
        """The body recorded for the key, or None. Raises IdempotencyMismatch as `submit` does."""
        ...

    async def admit(self) -> Admission | NothingAdmitted:
        """Start the next task if the budgets allow it now and a live worker has a free slot."""
        ...

    async def claim(self, task_id: str, attempt: int, token: str, worker_id: str) -> Claim | None:
        """Take the admitted attempt; the same token gets the same answer, anything late gets None.

        A task that has lost a worker is put back instead when this process already runs such a one.
        """
        ...

    async def renew(self, task_id: str, attempt: int, token: str) -> bool:
        """Prolong the lease. False: it is no longer this worker's, or the task has ended."""
        ...

    async def append(self, task_id: str, token: str, producer: int, data: EventData) -> Appended:
        """Number an event, log it, fold it, publish it; a terminal event ends the task.

        ``token`` is that of the attempt's claim; it holds until the next admission, also when the lease has
        run out. ``producer`` counts the attempt's events from 1; a repeat changes nothing.
        """
        ...

    async def release(
        self, task_id: str, token: str, *, succeeded_model: str | None = None, spent: Spent | None = None
    ) -> None:
        """Free the lease's slot and its call; once per lease, harmless when repeated or too late.
        ``spent`` settles what the owner was charged at admission.

        ``succeeded_model``: a call of that model has worked, so a failure of it counts from now on.
        """
        ...

    async def park(
        self,
        task_id: str,
        attempt: int,
        token: str,
        *,
        reason: str,
        delay_ms: int,
        counts_for_model: str | None,
        failure: TaskError,
        last: bool = False,
        refused: bool = False,
    ) -> TaskState | None:
        """Wait ``delay_ms`` after a failure that may pass, then stand in line again; frees the slot.
        ``last``: there is no time left for another try, so the task ends with ``failure``. ``refused``: the
        call was turned away before it took anything, so its owner and the account's budgets get back what
        they paid.

        The failure counts toward the task's three tries only if a call of ``counts_for_model``
        succeeded since the task's last failure (None: it counts in any case); the third ends the
        task with ``failure``. Returns the state reached; None when the attempt is stale or ended.
        """
        ...

    async def put_back(self, task_id: str, attempt: int, token: str, *, reason: QueueReason) -> bool:
        """Back to the head of its line at no cost; frees the slot. False: stale or ended."""
        ...

    async def cancel(self, task_id: str) -> TaskState | None:
        """End a waiting or running task as REVOKED. Returns the true state; None: unknown task."""
        ...

    async def sweep(self) -> int:
        """Put back what was lost; returns how many tasks were touched. See the design's *sweep*."""
        ...

    async def learn(self, model: str, limits: LimitsLearned) -> None:
        """Believe an answer's headers, upward and downward."""
        ...

    async def close_budget(self, model: str, until_ms: int, reason: str) -> None:
        """Admit no call of the model for ``until_ms`` from now, for a 429 or a paused account."""
        ...

    async def announce(self, card: WorkerCard) -> None:
        """Say that this worker process is up. Its card expires by itself."""
        ...

    async def withdraw(self, worker_id: str) -> None:
        """Take the card back: no slot of this process is counted any more."""
        ...

    async def read(self, task_id: str, epoch: int | None, since: int) -> Reading | None:
        """The events after ``(epoch, since)`` if all are there, else the snapshot; None: unknown.

        With ``epoch`` None the caller knows nothing yet: the whole log if it is short, else the
        snapshot.
        """
        ...

    async def numbers(self, task_ids: Sequence[str]) -> list[tuple[int, int] | None]:
        """``(epoch, seq)`` of each task, None for an unknown one: the relay's audit."""
        ...

    async def task_input(self, task_id: str) -> NewTask | None:
        """What was submitted, to send it again."""
        ...

    async def note_sent_again(self, task_id: str, as_task_id: str) -> None:
        """A failed task goes on as another one: it leaves the dead letters."""
        ...

    async def stats(self) -> Stats:
        """Counts, slots and budgets, in time that does not grow with the queue."""
        ...

    async def history(self) -> tuple[MinuteStats, ...]:
        """The last hour by minute, oldest first, each minute once; the last one is not over yet."""
        ...

    async def costs(self, owner: str, days: int) -> Costs:
        """What calls cost today, and the owner's on the last ``days`` days."""
        ...

    async def waiting(self, kind: TaskKind, count: int) -> tuple[Standing, ...]:
        """The first ``count`` tasks of a kind in the order in which they will be admitted."""
        ...

    async def position(self, task_id: str, kind: TaskKind) -> int | None:
        """Place in line from 1; None when it does not wait."""
        ...

    async def list_tasks(
        self, owner: str, *, state: TaskState | None, document_id: str | None, before: int | None, count: int
    ) -> tuple[tuple[TaskSummary, ...], int | None]:
        """An owner's tasks, newest first, and the cursor of the next page. With ``state`` FAILURE these
        are the dead letters: failed tasks that were not sent again."""
        ...

    async def delete_task(self, task_id: str, owner: str) -> bool:
        """Cancel an owner's task that has no document, and remove everything of it, the conversation that it
        is a turn of included. False: there is none such."""
        ...


class DocumentStore(Protocol):
    """Documents with their findings and conversations, and keys."""

    async def add_document(self, document: Document) -> None:
        """Keep a parsed document for the retention time."""
        ...

    async def document(self, document_id: str) -> Document | None:
        """A document with its sections' texts."""
        ...

    async def list_documents(
        self, owner: str, *, before: int | None, count: int
    ) -> tuple[tuple[Document, ...], int | None]:
        """An owner's documents without texts, newest first, and the cursor of the next page."""
        ...

    async def delete_document(self, document_id: str) -> bool:
        """Cancel its tasks and remove everything of it. False: it was not there."""
        ...

    async def findings(self, document_id: str) -> tuple[StoredFinding, ...]:
        """All findings that were ever made for the document."""
        ...

    async def set_finding(
        self, document_id: str, finding_id: str, version: int, status: FindingStatus, replacement: str | None
    ) -> Finding | None:
        """Judge a finding, if it still has ``version``; None: unknown.

        Raises:
            VersionConflict: it was changed meanwhile; ``version`` in the data is the present one.
        """
        ...

    async def add_finding(self, document_id: str, finding: Finding) -> Finding | None:
        """Enter a finding that no review made. One with this id that is there already stays, and is
        returned; None: there is no such document."""
        ...

    async def delete_finding(self, document_id: str, finding_id: str, version: int | None) -> bool:
        """Take a finding away, if it still has ``version`` (None: whatever it has). False: unknown.

        Raises:
            VersionConflict: as `set_finding` does.
        """
        ...

    async def document_tasks(self, document_id: str) -> tuple[TaskSummary, ...]:
        """The document's tasks, oldest first."""
        ...

    async def conversations(self, document_id: str) -> tuple[Conversation, ...]:
        """The chats about a document, oldest first, without their turns."""
        ...

    async def conversation(self, conversation_id: str) -> Conversation | None:
        """One chat with its turns."""
        ...

    async def add_key(self, key: ApiKey, secret_sha256: str) -> None:
        """Keep a program's key by its hash."""
        ...

    async def list_keys(self, owner: str) -> tuple[ApiKey, ...]:
        """An owner's keys, oldest first."""
        ...

    async def delete_key(self, owner: str, key_id: str) -> bool:
        """False: there was none."""
        ...

    async def key_by_hash(self, secret_sha256: str) -> ApiKey | None:
        """The key whose secret has this SHA-256, or None."""
        ...


class Published(NamedTuple):
    """One message of a subscribed channel. An event's payload is ``<epoch>:<seq>:<JSON>``, with an
    empty JSON part for a doorbell."""

    channel: str
    payload: str


class Confirmed(NamedTuple):
    """Subscribed, for the first time or again after a lost connection: now read what may be missing."""

    channel: str


class Feed(Protocol):
    """One subscriber connection that reconnects by itself and confirms each (re)subscription."""

    async def subscribe(self, *channels: str) -> None:
        """Ask for channels (names from `contract.names`). A `Confirmed` follows for each."""
        ...

    async def unsubscribe(self, *channels: str) -> None:
        """Stop them."""
        ...

    def messages(self) -> AsyncIterator[Published | Confirmed]:
        """What arrives, in order, for ever."""
        ...

    async def close(self) -> None:
        """End the connection."""
        ...


class Store(TaskStore, DocumentStore, Protocol):
    """Everything, with its life."""

    def feed(self) -> Feed:
        """A new subscriber connection."""
        ...

    async def ping(self) -> None:
        """Raise StoreUnavailable unless the store answers."""
        ...

    async def durability(self) -> str:
        """What the store keeps of what it acknowledged: ``always``, ``everysec`` or ``none``."""
        ...

    async def now_ms(self) -> int:
        """The store's clock."""
        ...

    async def close(self) -> None:
        """Give back the connections."""
        ...


Clock = Callable[[], int]
Send = Callable[[Admission], Awaitable[None]]
