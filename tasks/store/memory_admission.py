"""The memory store's admission: workers, budgets, and which task may start."""

from __future__ import annotations

from collections.abc import Container, Sequence

from tasks.contract.events import TaskAdmitted
from tasks.contract.limits import LimitsLearned
from tasks.contract.names import TaskKind
from tasks.contract.submissions import NewTask
from tasks.store.admission import (
    NOTHING,
    TOKENS_PER_CHAR,
    Account,
    Bucket,
    Need,
    OwnerLine,
    account_of,
    call_opens_at,
    free_slots,
    in_admission_order,
    limit_of,
    order_of_admission,
    place_in_line,
    slots_of,
    why_waiting,
)
from tasks.store.history import MINUTE_MS, MINUTES, minute_of, wait_step
from tasks.store.memory_log import MemoryLog, Record
from tasks.store.money import EVERYBODY, expected_nanos, of_owner
from tasks.store.ports import Admission, BudgetStats, Costs, KindStats, MinuteStats, NothingAdmitted, Stats, WorkerCard
from tasks.store.reading import cost_refusal


class MemoryAdmission(MemoryLog):
    """What may start, and what people are told who wait."""

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

    def _call_open(self, account: Account | None, need: Need) -> tuple[bool, int | None]:
        if account is None:
            return True, None
        requests, in_flight = self._account_bucket(account), len(self._calls[account.model])
        tokens = list(zip(self._token_buckets(account), need, strict=True))
        return call_opens_at(requests, tokens, account, in_flight, self._clock())

    def _need(self, record: Record, account: Account | None) -> Need:
        model = account.model if account else None
        return self._expected(model, record.new.kind).need(record.new.input_chars)

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
        for kind in in_admission_order(self._waited_ms(now)):
            if self._free(kind, cards) <= 0:
                continue
            record = self._next(kind)
            call_open, call_opens = self._call_open(account, self._need(record, account))
            opens = [at for at in (self._kind_bucket(kind, cards).opens_at(now), call_opens) if at is not None]
            if call_open and not opens:
                return self._start(record, account, cards)
            next_at += opens[-1:] if len(opens) < 2 else [max(opens)]
        return NothingAdmitted(min(next_at) - now if next_at else None)

    def _waited_ms(self, now: int) -> dict[TaskKind, int]:
        """How long the kinds that wait have waited: since the oldest came, or the last one started."""
        oldest = {k: self._tasks[line[0][1]].snapshot.created_at for k, line in self._waiting.items() if line}
        return {kind: now - max(at, self._admitted_at.get(kind, 0)) for kind, at in oldest.items()}

    def _next(self, kind: TaskKind) -> Record:
        """The head of the line whose owner has consumed least."""
        return self._tasks[self._lines[kind, self._owners(kind)[0]][0][1]]

    def _charge(self, record: Record, account: Account | None) -> None:
        """The owner and the budgets pay the estimate now; `release` settles it."""
        owner, paid = record.new.owner, self._counters.get(record.new.owner, self._virtual)
        record.held = self._need(record, account)
        self._virtual = max(self._virtual, paid)
        self._counters[owner] = paid + record.held.cost
        if account is not None:
            self._token_buckets(account)  # as they are configured by now
            for what, amount in zip(("input", "output"), record.held, strict=True):
                self._take(f"{what}:{account.model}", amount)

    def _start(self, record: Record, account: Account | None, cards: Sequence[WorkerCard]) -> Admission:
        now, task_id, kind = self._clock(), record.new.task_id, record.new.kind
        self._leave_line(record)
        self._charge(record, account)
        self._admitted_at[kind] = now
        self._kind_bucket(kind, cards)
        self._take(f"kind:{kind}")
        if account is not None:
            self._take(f"requests:{account.model}")
            self._calls[account.model].add(task_id)
            record.model = account.model
        record.attempt, record.producer = record.attempt + 1, 0
        record.token = record.writer = None
        self._count_up("started")
        if record.attempt == 1:
            self._count_up(f"wait:{wait_step(now - record.snapshot.created_at)}")
        self._reserved[kind][task_id] = now + self._timing.claim_ms
        self._log(record, TaskAdmitted(attempt=record.attempt))
        return Admission(task_id, record.attempt, kind)

    def _unpark(self, now: int) -> None:
        for task_id in [t for t, due in self._parked.items() if due <= now]:
            del self._parked[task_id]
            self._queue_again(self._tasks[task_id], "retried")

    async def learn(self, model: str, limits: LimitsLearned) -> None:
        """See `TaskStore.learn`."""
        requests, now = self._buckets[f"requests:{model}"], self._clock()
        requests.known = True
        requests.believe(limits.requests_limit, limits.requests_remaining, now, least=1)
        self._buckets[f"input:{model}"].believe(limits.input_limit, limits.input_remaining, now)
        self._buckets[f"output:{model}"].believe(limits.output_limit, limits.output_remaining, now)
        self._wake()

    async def close_budget(self, model: str, until_ms: int, reason: str) -> None:
        """See `TaskStore.close_budget`."""
        bucket, until = self._buckets[f"requests:{model}"], self._clock() + until_ms
        if until > bucket.closed_until:
            bucket.closed_until, bucket.reason = until, reason
        bucket.probing = bucket.probing or reason != "rate_limited"

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

    async def stats(self) -> Stats:
        """See `TaskStore.stats`."""
        cards = self._live_cards()
        return Stats(
            now=self._clock(),
            workers=len(cards),
            slots=sum(card.slots for card in cards),
            engines=tuple(sorted({card.engine for card in cards})),
            kinds={kind: self._kind_stats(kind, cards) for kind in TaskKind},
            budgets={name: self._budget_stats(name, b) for name, b in self._buckets.items()},
            dead=len(self._dead),
            costs=self._books.level(EVERYBODY, self._caps.daily_cost_limit_usd if self._caps else None, self._clock()),
        )

    async def history(self) -> tuple[MinuteStats, ...]:
        """See `TaskStore.history`."""
        present = self._clock() // MINUTE_MS
        return tuple(
            minute_of(at * MINUTE_MS, self._minutes.get(at, {})) for at in range(present - MINUTES + 1, present + 1)
        )

    async def costs(self, owner: str, days: int) -> Costs:
        """See `TaskStore.costs`."""
        now, caps = self._clock(), self._caps
        mine = self._books.level(of_owner(owner), caps.owner_daily_cost_limit_usd if caps else None, now)
        everybody = self._books.level(EVERYBODY, caps.daily_cost_limit_usd if caps else None, now)
        return Costs(mine, everybody, self._books.days(owner, days, now))

    def _expected_nanos(self, tasks: Sequence[NewTask], answered: Container[str]) -> list[int]:
        """What each task holds of the day's limits until it has told what it cost."""
        caps, seen, found = self._caps, set[str | None](), list[int]()
        if caps is None or (caps.daily_cost_limit_usd is None and caps.owner_daily_cost_limit_usd is None):
            return [0] * len(tasks)
        for task in tasks:
            if task.asked_engine is not None or task.task_id in answered or task.task_id in self._tasks:
                found.append(0)
                continue
            need = self._expected(caps.model, task.kind).need(task.input_chars)
            shared = task.shared_chars * TOKENS_PER_CHAR
            found.append(
                expected_nanos(caps.terms[0] if caps.terms else None, need, shared, first=task.document_id not in seen)
            )
            seen.add(task.document_id)
        return found

    def _refuse_beyond_limit(self, owner: str, nanos: int) -> None:
        caps, now = self._caps, self._clock()
        if caps is None or nanos == 0:
            return
        limits = ((of_owner(owner), caps.owner_daily_cost_limit_usd), (EVERYBODY, caps.daily_cost_limit_usd))
        for name, limit in limits:
            if not self._books.has_room(name, limit, nanos, now):
                level = self._books.level(name, limit, now)
                raise cost_refusal(level, of_owner=name != EVERYBODY, now=now)

    def _kind_stats(self, kind: TaskKind, cards: Sequence[WorkerCard]) -> KindStats:
        now, account, waiting = self._clock(), account_of(cards), self._waiting[kind]
        need = self._need(self._next(kind), account) if waiting else NOTHING
        call_open, call_opens = self._call_open(account, need)
        reason = self._account_bucket(account).reason if account else None
        why, reopens_at = why_waiting(
            slots=slots_of(kind, cards),
            kind_opens=self._kind_bucket(kind, cards).opens_at(now),
            call_open=call_open,
            call_opens=call_opens,
            reason=reason,
        )
        return KindStats(
            waiting=len(waiting),
            reserved=len(self._reserved[kind]),
            active=sum(1 for task_id in self._claimed if self._tasks[task_id].new.kind is kind),
            parked=sum(1 for task_id in self._parked if self._tasks[task_id].new.kind is kind),
            slots=slots_of(kind, cards),
            free=max(0, self._free(kind, cards)),
            oldest_at=self._tasks[waiting[0][1]].snapshot.created_at if waiting else None,
            run_ms=self._pace.get(kind),
            limit_per_minute=limit_of(kind, cards) or None,
            waiting_for=why,
            reopens_at=reopens_at,
        )

    def _budget_stats(self, name: str, bucket: Bucket) -> BudgetStats:
        now = self._clock()
        closed = bucket.closed_until if bucket.closed_until > now else None
        return BudgetStats(
            limit=bucket.rate or None,
            left=bucket.refill(now) if bucket.rate else None,
            in_flight=len(self._calls.get(name.removeprefix("requests:"), ())),
            closed_until=closed,
            reason=bucket.reason if closed else None,
        )

    async def waiting(self, kind: TaskKind, count: int) -> tuple[str, ...]:
        """See `TaskStore.waiting`."""
        return order_of_admission((self._owner_line(kind, owner) for owner in self._owners(kind)), count)

    def _owner_line(self, kind: TaskKind, owner: str) -> OwnerLine:
        account = account_of(self._live_cards())
        records = [self._tasks[task_id] for _, task_id in self._lines[kind, owner]]
        tasks = [(record.new.task_id, self._need(record, account).cost) for record in records]
        return OwnerLine(self._score(kind, owner), tasks)

    def _position(self, record: Record) -> int | None:
        kind, owner = record.new.kind, record.new.owner
        line = [task_id for _, task_id in self._lines.get((kind, owner), ())]
        if record.new.task_id not in line:
            return None
        owners = self._owners(kind)
        own, rank = line.index(record.new.task_id), owners.index(owner)
        return place_in_line(own, len(owners), rank, len(self._waiting[kind]))

    async def position(self, task_id: str, kind: TaskKind) -> int | None:
        """See `TaskStore.position`."""
        record = self._tasks.get(task_id)
        return self._position(record) if record else None
