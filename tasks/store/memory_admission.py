"""The memory store's admission: workers, budgets, and which task may start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from tasks.contract.events import TaskAdmitted
from tasks.contract.limits import LimitsLearned, ModelTerms
from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tasks.store.admission import (
    LOOK_AT_MOST,
    LOOK_AT_OWNERS,
    LOOK_AT_TASKS,
    TOKENS_PER_CHAR,
    Need,
    free_slots,
    holds_others,
    in_admission_order,
    limit_of,
    next_inflow,
    next_step,
)
from tasks.store.buckets import (
    Bucket,
)
from tasks.store.calls import (
    Account,
    Choice,
    NoCall,
    account_of,
    call_opens_at,
    is_away,
)
from tasks.store.history import wait_step
from tasks.store.memory_log import Record
from tasks.store.memory_money import MemoryMoney
from tasks.store.ports import Admission, NothingAdmitted, WorkerCard


class MemoryAdmission(MemoryMoney):
    """What may start."""

    def _live_cards(self) -> list[WorkerCard]:
        now = self._clock()
        return [card for expires_at, card in self._cards.values() if expires_at > now]

    def _kind_bucket(self, kind: TaskKind, cards: Sequence[WorkerCard]) -> Bucket:
        bucket, rate = self._buckets[f"kind:{kind}"], limit_of(kind, cards)
        if cards and bucket.rate != rate:  # without a worker nobody says what the limit is
            bucket.set_rate(rate, self._clock())
        return bucket

    def _account_bucket(self, account: Account) -> Bucket:
        bucket = self._buckets[f"requests:{account.model}"]
        self._configure(bucket, account.rpm, bucket.known)
        return bucket

    def _token_buckets(self, account: Account) -> tuple[Bucket, Bucket]:
        known = self._account_bucket(account).known
        found = (self._buckets[f"{what}:{account.model}"] for what in ("input", "output"))
        for bucket, configured in zip(found, (account.input_tpm, account.output_tpm), strict=True):
            self._configure(bucket, configured, known)
        return self._buckets[f"input:{account.model}"], self._buckets[f"output:{account.model}"]

    def _configure(self, bucket: Bucket, rate: float, known: bool) -> None:
        """A configured limit is a belief to begin with; what an answer's headers say replaces it."""
        if rate > 0 and bucket.rate != rate and not known:
            bucket.set_rate(rate, self._clock())

    def _call_open(self, account: Account, need: Need) -> tuple[bool, int | None]:
        requests, in_flight = self._account_bucket(account), len(self._calls[account.model])
        tokens = list(zip(self._token_buckets(account), need, strict=True))
        elsewhere = sum(len(self._calls[t.model]) for t in account.models if t.model != account.model)
        return call_opens_at(requests, tokens, account, in_flight, self._clock(), elsewhere=elsewhere)

    def _need(self, new: NewTask, account: Account | None) -> Need:
        """What a call of the task takes, less its document."""
        return self._expected(account.model if account else None, new.kind).need(new.input_chars)

    def _choose_call(self, account: Account, new: NewTask) -> Choice | NoCall:
        """Where the task's call may go now. Only while a model is away may it go to the next one."""
        later, why = list[int](), "engine"
        for terms in account.models:
            at, now = account.calling(terms), self._clock()
            requests = self._account_bucket(at)
            if is_away(requests, len(self._calls[at.model]), now):
                later += [requests.closed_until] if requests.closed_until > now else []
                continue
            tried = self._try_call(at, terms, new)
            if isinstance(tried, Choice) or tried.why == "warming" or at is account:
                return tried
            why = "budget"
            later += [] if tried.opens_at is None else [tried.opens_at]
        return NoCall(min(later, default=None), "budget" if why == "budget" else "engine")

    def _try_call(self, account: Account, terms: ModelTerms, new: NewTask) -> Choice | NoCall:
        shared, document_id = new.shared_chars * TOKENS_PER_CHAR, new.document_id
        is_cached = document_id is not None and shared >= terms.least_cached_tokens
        writer = self._writer_of((new.kind, document_id, account.model)) if document_id and is_cached else None
        if writer is not None and writer[0] is not None:
            if new.kind is TaskKind.ANALYSIS:
                return NoCall(writer[1], "warming")
            writer = None  # only reviews come in numbers and wait for each other; who talks does not
        counted = 0.0 if writer is not None and not terms.cached_input_counts else shared
        own = self._need(new, account)
        most = account.max_output.get(new.kind, 0) if terms.max_tokens_counts else 0
        need = Need(own.input + counted, max(own.output, most))
        is_open, opens = self._call_open(account, need)
        return Choice(account, need, counted, is_cached and writer is None) if is_open else NoCall(opens, "budget")

    def _free(self, kind: TaskKind, cards: Sequence[WorkerCard]) -> int:
        claimed = {worker: len(tasks) for worker, tasks in self._worker_tasks.items()}
        return free_slots(kind, cards, claimed, {k: len(tasks) for k, tasks in self._reserved.items()})

    async def admit(self) -> Admission | NothingAdmitted:
        """See `TaskStore.admit`."""
        now = self._clock()
        self._unpark(now)
        cards = self._live_cards()
        account = account_of(cards)
        next_at: list[int] = list(self._parked.values())
        waited_ms = self._waited_ms(now)
        least = {kind: self._turns.score(kind, next(self._turns.in_turn(kind)))[0] for kind in waited_ms}
        for kind in in_admission_order(waited_ms, least):
            if self._free(kind, cards) <= 0:
                continue
            record, choice, call_opens = self._next_of(kind, account)
            kind_opens = self._kind_bucket(kind, cards).opens_at(now)
            if record is not None and kind_opens is None:
                return self._start(record, choice, cards)
            opens = [at for at in (kind_opens, call_opens) if at is not None]
            next_at += opens[-1:] if len(opens) < 2 else [max(opens)]
            if kind_opens is None and holds_others(waited_ms[kind], call_opens, now):
                break
        return NothingAdmitted(min(next_at) - now if next_at else None)

    def _waited_ms(self, now: int) -> dict[TaskKind, int]:
        """How long the kinds that wait have waited: since the oldest came, or the last one started."""
        oldest = {k: self._tasks[line[0][1]].snapshot.created_at for k, line in self._waiting.items() if line}
        return {kind: now - max(at, self._admitted_at.get(kind, 0)) for kind, at in oldest.items()}

    def _next(self, kind: TaskKind) -> Record:
        """The head of the line whose turn it is."""
        return self._tasks[self._lines[kind, next(self._turns.in_turn(kind))][0][1]]

    def _next_of(self, kind: TaskKind, account: Account | None) -> tuple[Record | None, Choice | None, int | None]:
        """The next task of a kind that may start, and its call if it needs one; else when the clock could
        change that. Owners take turns by what they consumed. Tasks whose document is just being written
        to the cache are passed over; whoever else cannot start holds the line, but not those that need
        no call at all."""
        later, passed = list[int](), set[str]()
        for record in islice(self._first_in_turn(kind), LOOK_AT_MOST):
            if account is None or record.new.asked_engine is not None:
                return record, None, None
            document = record.new.document_id or ""
            if document in passed:
                continue
            choice = self._choose_call(account, record.new)
            if isinstance(choice, Choice):
                return record, choice, None
            passed.add(document)
            later += [] if choice.opens_at is None else [choice.opens_at]
            if choice.why != "warming":
                break
        unbilled = self._tasks[self._unbilled[kind][0][1]] if self._unbilled[kind] else None
        return unbilled, None, min(later, default=None)

    def _first_in_turn(self, kind: TaskKind) -> Iterator[Record]:
        for party in self._turns.in_turn(kind, LOOK_AT_OWNERS):
            for _, task_id in self._lines[kind, party][:LOOK_AT_TASKS]:
                yield self._tasks[task_id]

    def _charge(self, record: Record, choice: Choice | None) -> None:
        """The owner and the budgets pay the estimate now; `release` settles it."""
        account = choice.account if choice else None
        record.held = choice.need if choice else self._need(record.new, None)
        record.held_shared = choice.shared if choice else 0
        self._turns.serve(record.party, record.held.cost / record.new.weight, self._clock())
        if account is not None:
            self._token_buckets(account)  # as they are configured by now
            for what, amount in zip(("input", "output"), record.held, strict=True):
                self._take(f"{what}:{account.model}", amount)

    def _note_start(self, record: Record, account: Account | None) -> None:
        """Learn how fast the line moves while it waits, times apart in which a budget was closed, and how many come
        to wait meanwhile."""
        now, kind, last = self._clock(), record.new.kind, self._admitted_at.get(record.new.kind)
        self._admitted_at[kind], waiting = now, len(self._waiting[kind])
        self._inflow[kind] = next_inflow(self._inflow.get(kind, 0.0), waiting - self._stood.get(kind, waiting) + 1)
        self._stood[kind] = waiting
        if last is not None and record.snapshot.created_at <= last:
            closed_until = self._account_bucket(account).closed_until if account else 0
            self._step[kind] = next_step(self._step.get(kind), now - max(last, closed_until))

    def _start(self, record: Record, choice: Choice | None, cards: Sequence[WorkerCard]) -> Admission:
        now, task_id, kind = self._clock(), record.new.task_id, record.new.kind
        account = choice.account if choice else None
        self._leave_line(record)
        self._charge(record, choice)
        self._note_start(record, account)
        self._kind_bucket(kind, cards)
        self._take(f"kind:{kind}")
        if account is not None:
            self._take(f"requests:{account.model}")
            self._calls[account.model].add(task_id)
            record.model = account.model
        record.warms = choice is not None and choice.warms
        if record.warms:
            document = record.new.document_id or ""
            self._warmth[kind, document, record.model or ""] = (task_id, now + self._timing.warm_ms)
        record.attempt, record.producer = record.attempt + 1, 0
        record.token = record.writer = None
        self._count_up("started")
        if record.attempt == 1:
            self._count_up(f"wait:{wait_step(now - record.snapshot.created_at)}")
        self._reserved[kind][task_id] = now + self._timing.claim_ms
        self._log(record, TaskAdmitted(attempt=record.attempt))
        return Admission(task_id, record.attempt, kind, record.model)

    def _unpark(self, now: int) -> None:
        for task_id in [t for t, due in self._parked.items() if due <= now]:
            del self._parked[task_id]
            self._queue_again(self._tasks[task_id], "retried")

    async def learn(self, model: str, limits: LimitsLearned) -> None:
        """See `TaskStore.learn`."""
        requests, now = self._buckets[f"requests:{model}"], self._clock()
        requests.known, requests.left = True, limits.least_left
        requests.believe(limits.requests_limit, limits.requests_remaining, now, least=1)
        self._buckets[f"input:{model}"].believe(limits.input_limit, limits.input_remaining, now)
        self._buckets[f"output:{model}"].believe(limits.output_limit, limits.output_remaining, now)
        self._wake()

    async def close_budget(self, model: str, until_ms: int, reason: str) -> None:
        """See `TaskStore.close_budget`."""
        now = self._clock()
        self._buckets[f"requests:{model}"].close(now, now + until_ms, reason)

    async def announce(self, card: WorkerCard) -> None:
        """See `TaskStore.announce`."""
        now = self._clock()
        is_new = card.worker_id not in self._cards or self._cards[card.worker_id][0] <= now
        self._cards[card.worker_id] = (now + 3 * self._timing.announce_ms, card)
        self._caps = account_of(self._live_cards())
        if is_new:
            self._wake()

    async def withdraw(self, worker_id: str) -> None:
        """See `TaskStore.withdraw`."""
        self._cards.pop(worker_id, None)
