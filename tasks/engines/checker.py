"""The engine that is built in: rules for English and for structure, no AI.

Nothing of it runs on the event loop: each step goes to a small pool of its own threads, each of which
keeps its linter, and between two steps the loop is free.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

from tasks.contract.documents import Section
from tasks.contract.events import EventData, FindingMade, ProgressMade, TaskSucceeded, TextAdded
from tasks.contract.findings import Finding
from tasks.engines.engine import LearnLimits, Question, Review
from tasks.engines.grammar import blocks_of, check_grammar
from tasks.engines.judged import findings_by
from tasks.engines.passages import Passage, find_passages
from tasks.engines.rules import STRUCTURAL_CHECKS
from tasks.engines.rules.english import is_english
from tasks.engines.rules.prose import sentences_of
from tasks.engines.rules.rule import Check, Subject
from tasks.settings import Settings

THREADS: Final = 2  # a linter takes some 60 MB, and one keeps a core busy
NOT_ENGLISH: Final = "This section is not in English: the built-in checker looked at its structure only."
_ON_WORDS: Final = frozenset(("subject-verb-agreement", "wrong-word", "wordy-phrase"))
"""Rules of ours about words that Harper may remark on as well."""
_Step = tuple[str, Callable[[], list[Finding]]]
_T = TypeVar("_T")

_WHO: Final = (
    "I am the built-in checker: rules for English, no AI. I cannot answer questions, "
    "but I can look for the passages that match them.\n\n"
)


class CheckerEngine:
    """Reviews by rules, and answers with the passages that match."""

    name = "checker"

    def __init__(self) -> None:
        self.model: str | None = None
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="checker")

    async def review(self, job: Review, learn: LearnLimits) -> AsyncIterator[EventData]:
        """Findings of one section, rule by rule; nothing is learned of limits, because there are none."""
        notice = notice_of(job)
        steps = _steps(job, in_english=notice is None)
        seen, told = set[str](), list[tuple[int, int]]()
        for number, (status, find) in enumerate(steps):
            yield ProgressMade(percent=number * 100 // len(steps), status=status)
            for finding in await self._run(find):
                if finding.fingerprint not in seen and not _is_told(finding, told):
                    seen.add(finding.fingerprint)
                    yield FindingMade(finding=finding)
        yield ProgressMade(percent=100, status=notice or "Done")
        result = {"engine": self.name, "model": None}
        yield TaskSucceeded(result={**result, "notice": notice} if notice else result)

    async def answer(self, job: Question, learn: LearnLimits) -> AsyncIterator[EventData]:
        """The passages that match the question, as quotes."""
        yield TextAdded(text=_WHO)
        sections = job.document.sections if job.document else (job.section,) if job.section else ()
        passages = await self._run(partial(_passages_for, job, sections))
        for text in _answer_texts(passages, bool(sections)):
            yield TextAdded(text=text)
        citations = [{"section_id": p.section.section_id, "quote": p.quote} for p in passages]
        conversation = {"citations": citations, "conversation_id": job.conversation_id}
        yield TaskSucceeded(result={**conversation, "engine": self.name, "model": None})

    async def test(self, learn: LearnLimits) -> AsyncIterator[EventData]:
        """A tiny check, through the same threads as every other; ``latency_ms`` is what it took."""
        began = time.monotonic()
        await self._run(partial(sentences_of, "Is anyone there? Yes."))
        latency_ms = round((time.monotonic() - began) * 1000)
        yield TaskSucceeded(result={"engine": self.name, "model": None, "latency_ms": latency_ms})

    def using(self, model: str | None) -> CheckerEngine:
        """See `Engine.using`; it has no models."""
        return self

    async def close(self) -> None:
        """Let the threads end; what waits for one is given up."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, step: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, step)


def notice_of(job: Review) -> str | None:
    """What a person must know of the review as a whole; None when there is nothing. A section that is too
    short to tell its language goes with its document; in doubt it is read as English."""
    texts = (job.section.text, "\n".join(s.text for s in job.document.sections) if job.document else "")
    english = next((answer for answer in map(is_english, texts) if answer is not None), True)
    return None if english else NOT_ENGLISH


def _is_told(finding: Finding, told: list[tuple[int, int]]) -> bool:
    """Whether a rule of ours has spoken of these words before Harper; what ours say is noted."""
    if finding.anchor is None or finding.rule is None:
        return False
    span = (finding.anchor.start, finding.anchor.end)
    if not finding.rule.id.startswith("harper."):
        if finding.rule.id in _ON_WORDS:
            told.append(span)
        return False
    return any(start < span[1] and span[0] < end for start, end in told)


def _steps(job: Review, *, in_english: bool) -> list[_Step]:
    """The structural rules, which are quick, then Harper block by block."""
    subject = Subject(job.section, job.document)
    checks = [check for check in STRUCTURAL_CHECKS if in_english or not check.english]
    steps: list[_Step] = [(check.status, partial(findings_by, check, job, subject)) for check in checks]
    for start, end in blocks_of(subject.text) if in_english else ():
        grammar = Check("grammar", "Reading for grammar and spelling", partial(check_grammar, start=start, end=end))
        steps.append((grammar.status, partial(findings_by, grammar, job, subject)))
    return steps


def _passages_for(job: Question, sections: tuple[Section, ...]) -> list[Passage]:
    """What matches the question. "And why?" has no word to look for, so what was asked before helps out."""
    found = find_passages(job.message, sections, about=job.section)
    if not found and job.history:
        found = find_passages(f"{job.history[-1].message} {job.message}", sections, about=job.section)
    return found


def _answer_texts(passages: list[Passage], has_text: bool) -> list[str]:
    if not has_text:
        return ["There is no document in this conversation; open one and ask again."]
    if not passages:
        return ["No passage of the document shares a word with your question; try other words."]
    return [f"In “{p.section.title}”: «{p.quote}»\n\n" for p in passages]


def open_engine(settings: Settings) -> CheckerEngine:
    """See `tasks.engines.opening.ENGINES`. The checker has no settings."""
    return CheckerEngine()
