"""What the input of a document of twenty sections costs, by the books of the simulated provider.

Real workers review the whole document; beside them the same calls are sent all at once, as anybody would
who asks for a cache and does not wait for it. Both are priced by the list that Galley has, and so are
the same calls without any cache. Then the same is asked a second time.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx

from tasks.contract.documents import Document, Section
from tasks.contract.events import Usage
from tasks.contract.limits import LimitsLearned
from tasks.engines.claude import ClaudeEngine
from tasks.engines.engine import Review
from tasks.models import terms_of
from tasks.settings import read_settings
from tests.load.effort import Effort
from tests.load.figures import Fact, Figure, Outcome, Target
from tests.load.ground import Ground
from tests.processes import BIN, Running, wait_until

SECTIONS: Final = 20
_SENTENCES: Final = 24
_MODEL: Final = "claude-sonnet-5-5"
_ANSWER_MS: Final = 400
_WORKERS: Final = 2
_TARGET_SAVED: Final = 65.0
_URL: Final = r"^http://\S+$"
_INPUT: Final = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def text_of(number: int) -> str:
    """One section of some 2,500 characters that no other resembles."""
    words = hashlib.sha256(str(number).encode()).hexdigest()
    return " ".join(
        f"In part {number} the {words[n : n + 6]} of step {n} was measured; it differs from the plan by {n} percent."
        for n in range(_SENTENCES)
    )


def markdown() -> bytes:
    """The whole document, as it is uploaded."""
    return "\n\n".join(f"# Part {n}\n\n{text_of(n)}" for n in range(SECTIONS)).encode()


@dataclass(frozen=True, slots=True)
class Bill:
    """What the input of some calls cost in US dollars, and what it would have cost without a cache."""

    paid: float
    uncached: float

    @property
    def saved(self) -> float:
        """Percent."""
        return 100 * (1 - self.paid / self.uncached)


def bill_of(calls: list[dict[str, Any]]) -> Bill:
    """By the provider's books."""
    price = terms_of(_MODEL).price
    assert price is not None
    usages = [Usage(**{name: call[name] for name in _INPUT}) for call in calls]
    plain = (Usage(input_tokens=sum(call[name] for name in _INPUT)) for call in calls)
    return Bill(sum(map(price.of, usages)), sum(map(price.of, plain)))


@dataclass(frozen=True, slots=True)
class Once:
    """One run: the bill of Galley's calls, that of the same calls all at once, and what must hold."""

    ours: Bill
    at_once: Bill
    second_usd: float
    facts: tuple[Fact, ...]


async def measure(effort: Effort) -> Outcome:
    """Review, compare, ask again."""
    runs = [await _review_once() for _ in range(effort.runs)]
    figures = [
        Figure("input of the document", "$", tuple(run.ours.paid for run in runs)),
        Figure("the same without a cache", "$", tuple(run.ours.uncached for run in runs)),
        Figure("saved", "%", tuple(run.ours.saved for run in runs), Target(_TARGET_SAVED, at_least=True)),
        Figure("saved when all calls are sent at once", "%", tuple(run.at_once.saved for run in runs)),
        Figure("the same asked a second time", "$", tuple(run.second_usd for run in runs), Target(0)),
    ]
    facts = [Fact(fact.words, all(run.facts[i].holds for run in runs)) for i, fact in enumerate(runs[0].facts)]
    return Outcome(f"Input cost of a document of {SECTIONS} sections, by the provider's books", figures, facts)


async def _review_once() -> Once:
    with _simulator() as claude, Ground() as ground:
        ground.env.update(ANTHROPIC_BASE_URL=str(claude.base_url), ANTHROPIC_API_KEY="key", CLAUDE_MODEL=_MODEL)
        for _ in range(_WORKERS):
            ground.start_worker()
        ground.start_server()
        wait_until(lambda: ground.stats()["workers"] == _WORKERS, "the workers are seen")
        first, states = _review(ground.http, _upload(ground.http))
        calls = _books(claude)
        _, again = _review(ground.http, first["document_id"])
        other, elsewhere = _review(ground.http, _upload(ground.http))
        later = _books(claude)[len(calls) :]
        at_once = await _send_all_at_once(claude)
    usage = first["usage"]
    facts = (
        Fact("every section was reviewed, each by one call", states == ["SUCCESS"] * SECTIONS == again == elsewhere),
        Fact(
            "one call wrote the document to the cache",
            [c["cache_creation_input_tokens"] > 0 for c in calls].count(True) == 1,
        ),
        Fact("no call was refused", all(call["status"] == 200 for call in calls) and len(calls) == SECTIONS),
        Fact("our count of the input is the provider's", all(usage[n] == sum(c[n] for c in calls) for n in _INPUT)),
        Fact("the same review, and the same file uploaded again, were no call", not later and other["cost_usd"] == 0),
    )
    return Once(bill_of(calls), bill_of(at_once), bill_of(later).paid if later else 0.0, facts)


@contextmanager
def _simulator() -> Iterator[httpx.Client]:
    argv = (BIN / "python", "-m", "tests.simulator", "--duration-ms", str(_ANSWER_MS))
    with Running(argv) as process, httpx.Client(base_url=process.wait_for_line(_URL)[0], trust_env=False) as client:
        yield client


def _books(claude: httpx.Client) -> list[dict[str, Any]]:
    return list(claude.get("/control/ledger").json()["calls"])


def _upload(http: httpx.Client) -> str:
    answer = http.post("/documents", files={"document": ("plan.md", markdown())})
    return str(answer.raise_for_status().json()["document_id"])


def _review(http: httpx.Client, document_id: str) -> tuple[dict[str, Any], list[str]]:
    """The document once all of it was reviewed, and how each review ended."""
    http.post("/analyze_document", json={"document_id": document_id}).raise_for_status()
    wait_until(lambda: http.get(f"/documents/{document_id}").json()["progress"] == 100, "all sections are reviewed")
    whole = http.get(f"/documents/{document_id}").json()
    return whole, [task["state"] for task in whole["tasks"]]


async def _send_all_at_once(claude: httpx.Client) -> list[dict[str, Any]]:
    """The same reviews by the same engine, none of which waits for another."""
    claude.post("/control/reset").raise_for_status()
    env = {"ANTHROPIC_BASE_URL": str(claude.base_url), "CLAUDE_MODEL": _MODEL, "SECRET_KEY": "of no use to an engine"}
    engine = ClaudeEngine(read_settings(env))
    sections = tuple(Section(section_id=f"s{n}", title=f"Part {n}", level=1, text=text_of(n)) for n in range(SECTIONS))
    document = Document(document_id="d", owner="o", name="plan.md", format="md", sections=sections)
    try:
        await asyncio.gather(*(_drain(engine, Review("t", section, document)) for section in sections))
    finally:
        await engine.close()
    return _books(claude)


async def _drain(engine: ClaudeEngine, job: Review) -> None:
    async for _ in engine.review(job, _ignore):
        pass


async def _ignore(_: LimitsLearned) -> None:
    """Nothing holds these calls back."""
