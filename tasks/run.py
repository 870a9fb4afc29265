"""One attempt of a task: claim it, drive the engine, settle. The same coroutine in a worker and in
the server's own process."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

import structlog

from tasks.contract.errors import AccountPaused, FinalFailure, PassingFailure, RateLimited, TaskError
from tasks.contract.events import EventData, FindingMade, TaskFailed, TaskStarted, Usage, UsageReported
from tasks.contract.limits import Spent
from tasks.contract.states import Snapshot
from tasks.contract.timing import Timing
from tasks.engines.engine import Engine
from tasks.engines.opening import Engines
from tasks.jobs import outputs_of
from tasks.journal import AttemptOver, Journal
from tasks.models import terms_of
from tasks.store.away import until_answered
from tasks.store.ports import AppendOutcome, Claim, Store

ATTEMPT_DEADLINE_S: Final = 900.0
"""Far beyond any honest call: what lasts longer hangs, and its slot is wanted."""
TASK_DEADLINE_S: Final = 1_800.0
"""What a task may run in all its tries together. Waiting is not running: neither in line, nor for the
account's budget, nor for a model that is away; and an attempt that failed because the model was away is no
try."""
FIRST_BACKOFF_MS: Final = 1_000
LONGEST_BACKOFF_MS: Final = 600_000
LONGEST_BACKOFF_WITH_FALLBACK_MS: Final = 2_000
"""With another model to turn to, breakers keep calls from one that is away; a task that waited longer than
the breaker would always be the one that asks whether the first is back, and never get to the second."""
ACCOUNT_PROBE_MS: Final = 600_000
"""A paused account is probed at least this often."""
TOO_LONG: Final = TaskError(
    code="deadline_exceeded",
    message="It was at work for more than 30 minutes in all. Split the section, or send it again.",
    retryable=True,
)
INTERNAL_ERROR: Final = TaskError(
    code="internal_error",
    message="Something went wrong on our side, three times. The log has the details; send it again.",
    retryable=True,
)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Runner:
    """What an attempt needs. ``leaving`` is set when the process is shutting down; ``scale`` is the
    factor that tests scale waits by; ``longest_backoff_ms`` is before that."""

    store: Store
    engines: Engines
    worker_id: str
    timing: Timing
    leaving: asyncio.Event
    scale: float = 1.0
    longest_backoff_ms: int = LONGEST_BACKOFF_MS


@dataclass(slots=True)
class _Attempt:
    """A claimed attempt."""

    runner: Runner
    engine: Engine
    claim: Claim
    attempt: int
    token: str
    journal: Journal
    answered: bool = False  # the engine's provider gave a whole answer
    spent: Spent | None = None

    @property
    def task_id(self) -> str:
        return self.claim.snapshot.task_id


async def run_attempt(runner: Runner, task_id: str, attempt: int) -> None:
    """Run one attempt to its end, or to where somebody else goes on. Raises nothing but cancellation:
    while ``runner.leaving`` is set that hands the lease back, otherwise its owner stopped the task."""
    token = uuid.uuid4().hex
    claim = await until_answered(lambda: runner.store.claim(task_id, attempt, token, runner.worker_id))
    if claim is None:
        log.info("claim_refused", task_id=task_id, attempt=attempt)
        return
    journal = Journal(runner.store, claim.snapshot, token)
    engine = (await runner.engines.of(claim.asked_engine)).using(claim.model)
    this = _Attempt(runner, engine, claim, attempt, token, journal)
    with structlog.contextvars.bound_contextvars(task_id=task_id, attempt=attempt):
        async with _lease(this):
            await _settle(this)


@asynccontextmanager
async def _lease(this: _Attempt) -> AsyncIterator[None]:
    """Whatever happens inside, the slot is given back. Shielded: a cancelled attempt must not keep
    its slot until the lease runs out."""
    try:
        yield
    finally:
        model = this.engine.model if this.answered else None
        release = until_answered(
            lambda: this.runner.store.release(this.task_id, this.token, succeeded_model=model, spent=this.spent)
        )
        await asyncio.shield(asyncio.ensure_future(release))


async def _settle(this: _Attempt) -> None:
    """Turn every way in which an attempt can go into what becomes of the task."""
    try:
        await _run(this)
    except AttemptOver as over:
        log.info("attempt_over", outcome=over.outcome.value)
    except RateLimited as error:
        await _close(this, error.retry_after_ms, "rate_limited")
        await _put_back(this, "rate_limited")
    except AccountPaused as error:
        log.warning("account_paused", message=error.message)
        await _close(this, min(error.retry_after_ms, ACCOUNT_PROBE_MS), "account_paused")
        await _put_back(this, "account_paused")
    except PassingFailure as error:
        await _park(this, error.reason, error.retry_after_ms, error.as_task_error(retryable=True), this.engine.model)
    except TimeoutError:
        await _park(this, "deadline", None, TOO_LONG, None, last=_time_left_s(this) <= ATTEMPT_DEADLINE_S)
    except asyncio.CancelledError:
        if this.runner.leaving.is_set():
            await asyncio.shield(asyncio.ensure_future(_put_back(this, "handed_back")))
        raise
    except Exception:
        # our own mistake: it is logged, counts as a try, and never looks like a success
        log.exception("attempt_failed")
        await _park(this, "internal_error", None, INTERNAL_ERROR, None)


def _time_left_s(this: _Attempt) -> float:
    """What of the task's time there was at the beginning of this attempt, unscaled."""
    return TASK_DEADLINE_S - this.claim.ran_ms / 1000 / this.runner.scale


async def _run(this: _Attempt) -> None:
    """Engine, writer and lease side by side; the first to fail ends the others."""
    limit_s = max(0.0, min(ATTEMPT_DEADLINE_S, _time_left_s(this))) * this.runner.scale
    try:
        async with asyncio.timeout(limit_s), asyncio.TaskGroup() as group:
            beside = [group.create_task(this.journal.write()), group.create_task(_renew(this))]
            await _drive(this)
            for task in beside:
                task.cancel()
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from group


async def _renew(this: _Attempt) -> None:
    """Hold the lease. Once it is not ours any more, somebody else runs the task: stop."""
    while True:
        await asyncio.sleep(this.runner.timing.lease_ms / 3000)
        if not await until_answered(lambda: this.runner.store.renew(this.task_id, this.attempt, this.token)):
            raise AttemptOver(AppendOutcome.STALE)


async def _drive(this: _Attempt) -> None:
    """Everything that the engine says goes into the journal, findings once each."""
    engine, journal = this.engine, this.journal
    known = {finding.fingerprint for finding in this.claim.snapshot.findings}
    journal.put(TaskStarted(attempt=this.attempt, engine=engine.name, model=engine.model))
    try:
        outputs = cast(Any, await outputs_of(this.runner.store, engine, this.claim))
        async with aclosing(outputs):
            async for data in outputs:
                if isinstance(data, UsageReported) and engine.model is not None:
                    this.spent = terms_of(engine.model).spent(data.usage)
                    journal.put(_in_all(this.claim.snapshot, data.usage, engine.model))
                else:
                    _put_once(journal, data, known)
    except FinalFailure as error:
        journal.put(TaskFailed(error=error.as_task_error()))
    except Exception:
        await journal.flush()  # what was found before the failure is kept
        raise
    await journal.flush()
    this.answered = True


def _in_all(before: Snapshot, usage: Usage, model: str) -> UsageReported:
    """What this attempt has used, added to what the attempts before it reported. A cost that was not known
    once stays unknown."""
    cost = terms_of(model).cost_usd(usage)
    if before.usage is None:
        return UsageReported(usage=usage, cost_usd=cost)
    if cost is not None:
        cost = None if before.cost_usd is None else round(before.cost_usd + cost, 9)
    return UsageReported(usage=before.usage + usage, cost_usd=cost)


def _put_once(journal: Journal, data: EventData, known: set[str]) -> None:
    if isinstance(data, FindingMade):
        if data.finding.fingerprint in known:
            return
        known.add(data.finding.fingerprint)
    journal.put(data)


async def _close(this: _Attempt, until_ms: int, reason: str) -> None:
    model = this.engine.model
    if model is not None:
        await until_answered(lambda: this.runner.store.close_budget(model, until_ms, reason))


async def _put_back(this: _Attempt, reason: Any) -> None:
    store = this.runner.store
    await until_answered(lambda: store.put_back(this.task_id, this.attempt, this.token, reason=reason))


async def _park(
    this: _Attempt,
    reason: str,
    retry_after_ms: int | None,
    failure: TaskError,
    model: str | None,
    *,
    last: bool = False,
) -> None:
    runner = this.runner
    delay = max(
        retry_after_ms or 0, backoff_ms(this.claim.failures, runner.scale, longest_ms=runner.longest_backoff_ms)
    )
    log.warning("attempt_will_be_repeated", reason=reason, delay_ms=delay, error=failure.message)
    await until_answered(
        lambda: this.runner.store.park(
            this.task_id,
            this.attempt,
            this.token,
            reason=reason,
            delay_ms=delay,
            counts_for_model=model,
            failure=failure,
            last=last,
            # should the account have counted it, the next answer's headers say so
            refused=reason == "overloaded" and this.spent is None,
        )
    )


def backoff_ms(
    failures: int,
    scale: float,
    draw: Callable[[float, float], float] = random.uniform,
    *,
    longest_ms: int = LONGEST_BACKOFF_MS,
) -> int:
    """How long to wait after a failure that followed ``failures`` others: from one second, doubled
    each time, at most ``longest_ms``, with jitter so that those who failed together do not come back
    together."""
    whole = min(longest_ms, FIRST_BACKOFF_MS * 2 ** min(failures, 20))
    return int(whole * draw(0.5, 1.0) * scale)
