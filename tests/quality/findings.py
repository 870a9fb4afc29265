"""How many planted faults each engine finds, and how often it cries wolf."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from tasks.contract.documents import Section
from tasks.contract.events import FindingMade, TaskSucceeded
from tasks.contract.findings import Finding
from tasks.contract.limits import LimitsLearned
from tasks.engines.checker import CheckerEngine
from tasks.engines.claude import ClaudeEngine
from tasks.engines.engine import Engine, Review
from tasks.frameworks.shelf import Shelf
from tasks.settings import read_settings
from tests.quality.judging import Judged
from tests.quality.marked_text import KINDS, STRUCTURAL, SURFACE, MarkedText, read_part
from tests.quality.report import Report, Target
from tests.quality.scripted import ScriptedReviewer
from tests.simulator.simulator import Simulator

PARTS: Final = ("development", "held_out")
TIMED_WORDS: Final = 10_000
WARMING: Final = 30
"""So many sections that each thread gets some."""


async def measure(quick: bool) -> Report:
    """Both engines on both parts; the targets are the checker's on the held-out part."""
    report = Report()
    parts = PARTS[:1] if quick else PARTS
    for part in parts:
        await _checker(report, part)
    computed, taken = await _seconds()
    report.text.append(f"\nchecker, 10,000 words: its threads computed for {computed:.2f} s, all sections together")
    report.targets.append(Target("checker, 10,000 words", taken, 2.0, at_least=False, unit=" s"))
    for part in parts:
        await _scripted(report, part)
        if os.environ.get("ANTHROPIC_API_KEY") and not quick:
            await _live(report, part)
    return report


async def _checker(report: Report, part: str) -> None:
    engine = CheckerEngine()
    try:
        planted, clean = [await judge(engine, read_part(part, planted=which)) for which in (True, False)]
    finally:
        await engine.close()
    _tell(report, f"checker, {part}", planted, clean)
    if part == "held_out":
        _promise(report, planted, clean)


def _promise(report: Report, planted: Judged, clean: Judged) -> None:
    structural = [*planted.of_structure(), *clean.of_structure()]
    true = planted.precision(planted.of_structure())[0]
    report.targets += [
        Target("checker, surface faults found", _share(*planted.recall(SURFACE)), 0.40),
        Target("checker, structural faults found", _share(*planted.recall(STRUCTURAL)), 0.85),
        Target("checker, structural findings that are right", _share(true, len(structural)), 0.90),
        Target("checker, false findings in 1,000 clean words", _per_thousand(clean), 3.0, at_least=False),
    ]


async def _scripted(report: Report, part: str) -> None:
    texts = {which: read_part(part, planted=which) for which in (True, False)}
    script = ScriptedReviewer([*texts[True], *texts[False]])
    async with Simulator(script=script.answer).running() as simulator, _claude(simulator.url) as engine:
        planted, clean = [await judge(engine, texts[which]) for which in (True, False)]
    _tell(report, f"claude, {part}, scripted answers: what becomes of them, not how good Claude is", planted, clean)
    made = f"{script.faults} faults answered, {script.invented} invented quotes, {script.repeated} repetitions sent"
    report.text.append(f"\n{made}; {planted.dropped + clean.dropped} findings dropped.")
    report.targets += [
        Target(f"claude, {part}, scripted: quotes found again", _share(*planted.recall(KINDS)), script.share_told),
        Target(f"claude, {part}, scripted: findings told twice", planted.duplicates(), 0, at_least=False),
    ]


async def _live(report: Report, part: str) -> None:
    async with _claude(None) as engine:
        planted, clean = [await judge(engine, read_part(part, planted=which)) for which in (True, False)]
    _tell(report, f"claude, {part}, live ({engine.model})", planted, clean)


@asynccontextmanager
async def _claude(url: str | None) -> AsyncIterator[ClaudeEngine]:
    simulated = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "simulated"} if url else {}
    engine = ClaudeEngine(read_settings({**os.environ, **simulated}))
    try:
        yield engine
    finally:
        await engine.close()


async def judge(engine: Engine, texts: list[MarkedText]) -> Judged:
    """What the engine says of every section of the texts."""
    framework, judged = Shelf().chosen(None), Judged(texts)
    for text in texts:
        document = text.document.model_copy(update={"framework": framework})
        for section in document.sections:
            found, result = await _reviewed(engine, Review("quality", section, document))
            judged.findings += [(text, finding) for finding in found]
            judged.dropped += result.get("dropped", 0)
    return judged


async def _reviewed(engine: Engine, job: Review) -> tuple[list[Finding], dict[str, Any]]:
    """The findings of one section, and the result."""

    async def learn(limits: LimitsLearned) -> None:
        """Nothing waits here for what an account may do."""

    found, result = list[Finding](), dict[str, Any]()
    async for event in engine.review(job, learn):
        if isinstance(event, FindingMade):
            found.append(event.finding)
        elif isinstance(event, TaskSucceeded):
            result = event.result
    return found, result


async def _seconds() -> tuple[float, float]:
    """What the checker computes for 10,000 words, and how long that takes, all sections at once as a worker has them.

    Its threads are warm: each has built its linter, and has met a word that is like no other, for which Harper builds
    more. No text comes twice, because Harper remembers what it has read.
    """
    texts = [t for part in PARTS for which in (True, False) for t in read_part(part, planted=which)]
    words = sum(text.words for text in texts)
    engine = CheckerEngine()
    try:
        await asyncio.gather(*(_reviewed(engine, _strange(number)) for number in range(WARMING)))
        jobs = [Review("q", section, text.document) for text in texts for section in text.document.sections]
        computed, began = time.process_time(), time.perf_counter()
        await asyncio.gather(*(_reviewed(engine, job) for job in jobs))
        taken = time.perf_counter() - began
        computed = time.process_time() - computed
        return computed * TIMED_WORDS / words, taken * TIMED_WORDS / words
    finally:
        await engine.close()


def _strange(number: int) -> Review:
    text = f"The overcommitment of pump number {number} was not seen before it had stopped."
    return Review("q", Section(section_id=f"s{number}", title="Strange", level=1, text=text), None)


def _tell(report: Report, title: str, planted: Judged, clean: Judged) -> None:
    report.add_table(
        f"## {title}: planted faults found",
        ("kind", "found", "planted", "recall"),
        [(kind, *_with_share(planted.recall([kind]))) for kind in KINDS]
        + [
            ("**surface**", *_with_share(planted.recall(SURFACE))),
            ("**structural**", *_with_share(planted.recall(STRUCTURAL))),
        ],
    )
    report.add_table(
        f"{title}: findings in planted texts that name a fault",
        ("category", "right", "all", "precision"),
        [(name, *_with_share(planted.precision(found))) for name, found in planted.by_category().items()],
    )
    clean_fix, exact_fix, fixes = planted.suggestions()
    report.add_table(
        f"{title}: the rest",
        ("figure", "value"),
        [
            ("words with faults, without", f"{planted.words}, {clean.words}"),
            ("false findings in 1,000 clean words", f"{_per_thousand(clean):.2f}"),
            ("anchored exactly", "{} of {}".format(*planted.anchored_exactly())),
            ("duplicates", planted.duplicates()),
            ("suggestions that apply cleanly", f"{clean_fix} of {fixes}"),
            ("suggestions that make the planted correction", f"{exact_fix} of {fixes}"),
        ],
    )


def _with_share(counted: tuple[int, int]) -> Sequence[object]:
    return (*counted, f"{_share(*counted):.2f}" if counted[1] else "-")


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _per_thousand(clean: Judged) -> float:
    return len(clean.findings) * 1_000 / max(1, clean.words)
