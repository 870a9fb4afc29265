"""Writes ``fixtures/logs.json``: logs of tasks, each with the snapshots that the server's own `fold`
gives after every event. The page's reducer must give the same, so page and server cannot disagree.

``python web/test/generate_logs.py`` writes; with ``--check`` it fails when the file is stale.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tasks.contract import events as e
from tasks.contract.errors import TaskError
from tasks.contract.findings import Anchor, Finding, Rule, Source, Suggestion, finding_id_of, fingerprint_of
from tasks.contract.names import TaskKind
from tasks.contract.states import Snapshot, fold

TARGET: Final = Path(__file__).resolve().parent / "fixtures" / "logs.json"
START: Final = 1_790_000_000_000
RANDOM_LOGS: Final = 6
ASTRAL: Final = "The 𝒙-axis 😀 label"

Said = e.EventData | tuple[str, dict[str, Any]]


def finding(section: str, quote: str, number: int) -> Finding:
    """A finding with a quote of the section."""
    fingerprint = fingerprint_of(section, quote, number, "evidence")
    return Finding(
        finding_id=finding_id_of("d1", fingerprint),
        fingerprint=fingerprint,
        section_id=section,
        anchor=Anchor(exact=quote, start=number, end=number + len(quote)),
        category="evidence",
        severity="major",
        message=f"The figure {number} has no source.",
        suggestion=Suggestion(kind="replace", text="57%"),
        rule=Rule(id="percent"),
        source=Source(engine="checker"),
    )


def queued(kind: TaskKind = TaskKind.ANALYSIS, reason: e.QueueReason = "submitted") -> e.TaskQueued:
    """A task of document d1 in line."""
    conversation = "c1" if kind is TaskKind.CHAT else None
    return e.TaskQueued(kind=kind, document_id="d1", section_id="s1", conversation_id=conversation, reason=reason)


def written() -> Iterator[tuple[str, list[Said]]]:
    """The lives that matter, by name."""
    first, second = finding("s1", "a drop of 75%", 0), finding("s1", ASTRAL, 1)
    usage = e.UsageReported(usage=e.Usage(input_tokens=900, output_tokens=120), cost_usd=0.0042)
    running: list[Said] = [queued(), e.TaskAdmitted(attempt=1), e.TaskStarted(attempt=1, engine="claude", model="m")]
    talking: list[Said] = [queued(TaskKind.CHAT), e.TaskAdmitted(attempt=1), e.TaskStarted(attempt=1, engine="checker")]
    failure = TaskError(code="refused", message="Claude declined to review this.", retryable=False)
    overloaded = e.TaskRetrying(reason="Claude is overloaded", retry_at=START + 9_000, tries=1)

    yield (
        "an analysis that succeeds",
        [
            *running,
            e.ProgressMade(percent=40, status="Reading; 1 finding so far"),
            e.FindingMade(finding=first),
            e.FindingMade(finding=second),
            usage,
            e.TaskSucceeded(result={"engine": "claude", "model": "m"}),
        ],
    )
    yield (
        "a chat whose second attempt starts the text again",
        [
            *talking,
            e.TextAdded(text="The num"),
            overloaded,
            queued(TaskKind.CHAT, "retried"),
            e.TaskAdmitted(attempt=2),
            e.TaskStarted(attempt=2, engine="claude", model="m"),
            e.TextAdded(text="The number fell "),
            e.TextAdded(text="by 57 %. 😀"),
            e.TaskSucceeded(result={"citations": [], "conversation_id": "c1"}),
        ],
    )
    yield (
        "findings stay when a later attempt starts",
        [
            *running,
            e.FindingMade(finding=first),
            queued(reason="worker_lost"),
            e.TaskAdmitted(attempt=2),
            e.TaskStarted(attempt=2, engine="claude", model="m"),
            e.FindingMade(finding=second),
        ],
    )
    yield "a failure", [*running, e.TaskFailed(error=failure)]
    yield "stopped while it waits", [queued(), e.TaskCancelled()]
    yield (
        "a connection test",
        [
            queued(TaskKind.TEST),
            e.TaskAdmitted(attempt=1),
            e.TaskStarted(attempt=1, engine="claude", model="m"),
            e.TaskSucceeded(result={"engine": "claude", "model": "m", "latency_ms": 210}),
        ],
    )
    yield (
        "restored after the store lost its log",
        [
            *running,
            ("task_restored", {"snapshot": restored_snapshot([first, second])}),
            e.ProgressMade(percent=80, status="Reading; 2 findings so far"),
        ],
    )
    yield (
        "a newer writer",
        [
            *running,
            ("section_translated", {"language": "eo"}),
            ("progress_made", {"percent": 30, "status": "Reading", "mood": "calm"}),
            ("progress_made", {"percent": 300, "status": "beyond"}),
            ("finding_made", {"finding": {**first.model_dump(mode="json"), "category": "rhyme"}}),
            ("task_queued", {"kind": "analysis", "reason": "a reason of next year"}),
            ("task_failed", {"error": "a word"}),
            e.TextAdded(text="still read"),
        ],
    )
    yield (
        "an older writer that leaves out what has a default",
        [
            ("task_queued", {"kind": "analysis"}),
            ("task_started", {"attempt": 1, "engine": "checker"}),
            ("finding_made", {"finding": minimal(first)}),
            ("usage_reported", {"usage": {}}),
        ],
    )
    yield "a log whose first event is unknown", [("task_imported", {"from": "elsewhere"}), *running]


def minimal(full: Finding) -> dict[str, Any]:
    """The finding with the members that have no default."""
    needed = {"finding_id", "fingerprint", "section_id", "category", "severity", "message", "source"}
    return full.model_dump(mode="json", include=needed) | {"source": {"engine": "checker"}}


def restored_snapshot(found: list[Finding]) -> dict[str, Any]:
    """What a worker says after the store lost the log."""
    snapshot = Snapshot(task_id="t", kind=TaskKind.ANALYSIS, progress=55, engine="claude", model="m", text="part")
    return snapshot.model_copy(update={"findings": tuple(found), "started_at": START}).model_dump(mode="json")


def drawn(random_source: random.Random) -> list[Said]:
    """A log in no sensible order: the rules must agree there too."""
    said: list[Said] = [queued(random_source.choice(list(TaskKind)))]
    for number in range(random_source.randrange(4, 14)):
        options: list[Said] = [
            queued(reason=random_source.choice(["retried", "handed_back"])),
            e.TaskAdmitted(attempt=number),
            e.TaskStarted(attempt=number, engine="checker"),
            e.ProgressMade(percent=random_source.randrange(101), status=random_source.choice(["Reading", ""])),
            e.FindingMade(finding=finding("s1", "quote", random_source.randrange(3))),
            e.TextAdded(text=f"word{number} "),
            e.TaskRetrying(reason="later", retry_at=START + number),
        ]
        said.append(random_source.choice(options))
    ends: list[Said] = [e.TaskCancelled(), e.TaskSucceeded(result={"engine": "checker", "model": None})]
    return [*said, random_source.choice(ends)]


def recorded(name: str, said: list[Said]) -> dict[str, Any]:
    """A log with the snapshot after each of its events."""
    envelopes = []
    for index, data in enumerate(said):
        event_type, body = (data.type, data.model_dump(mode="json")) if isinstance(data, e.EventData) else data
        at = START + 250 * index
        envelopes.append(e.Event(task_id="t", epoch=3, seq=index + 1, at=at, type=event_type, data=body))
    folds = [fold(envelopes[: count + 1]) for count in range(len(envelopes))]
    return {
        "name": name,
        "events": [event.model_dump(mode="json") for event in envelopes],
        "snapshots": [snapshot.model_dump(mode="json") for snapshot in folds if snapshot],
    }


def text() -> str:
    """The whole file; the random part has a fixed seed."""
    random_source = random.Random(7)  # noqa: S311 - draws test logs, guards nothing
    logs = [recorded(name, said) for name, said in written()]
    logs += [recorded(f"drawn {n}", drawn(random_source)) for n in range(RANDOM_LOGS)]
    return "[\n" + ",\n".join(json.dumps(log, ensure_ascii=False) for log in logs) + "\n]\n"


def main(arguments: list[str]) -> int:
    """Write the file, or with ``--check`` say whether it is what it should be."""
    fresh = text()
    if arguments != ["--check"]:
        TARGET.write_text(fresh)
        return 0
    if TARGET.exists() and TARGET.read_text() == fresh:
        return 0
    sys.stderr.write("web/test/fixtures/logs.json is stale: run python web/test/generate_logs.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
