"""What one client was told about one task, in order, with the rules by which a page applies it.

Written from the design, not from the product's own clients, so that it can judge all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Number = tuple[int, int]
Event = dict[str, Any]


@dataclass
class Screen:
    """What a person sees of the task."""

    state: str | None = None
    progress: int = 0
    text: str = ""
    findings: list[str] = field(default_factory=list)

    def show(self, event: Event) -> None:
        """Apply one event."""
        data = event["data"]
        match event["type"]:
            case "task_queued":
                self.state = "PENDING"
            case "task_admitted":
                self.state = "PROGRESS"
            case "task_started":
                self.progress, self.text = 0, ""
            case "progress_made":
                self.progress = data["percent"]
            case "finding_made":
                self.findings.append(data["finding"]["finding_id"])
            case "text_added":
                self.text += data["text"]
            case "task_retrying":
                self.state = "RETRY"
            case "task_restored":
                self._restore(data["snapshot"])
            case "task_succeeded":
                self.state, self.progress = "SUCCESS", 100
            case "task_failed":
                self.state = "FAILURE"
            case "task_cancelled":
                self.state = "REVOKED"

    def _restore(self, snapshot: dict[str, Any]) -> None:
        self.progress, self.text = snapshot["progress"], snapshot["text"]
        self.findings = [finding["finding_id"] for finding in snapshot["findings"]]

    @classmethod
    def of(cls, snapshot: dict[str, Any]) -> Screen:
        """What a snapshot, of a reset or of ``GET /task_status``, shows."""
        result = snapshot.get("result") or {}
        text = snapshot["text"] if "text" in snapshot else result.get("answer", "")
        findings = snapshot["findings"] if "findings" in snapshot else result.get("findings", [])
        return cls(snapshot["state"], snapshot["progress"], text, [finding["finding_id"] for finding in findings])


@dataclass
class Entry:
    """One thing that was applied: an event, or a reset to ``number``."""

    name: str
    number: Number
    reason: str | None = None


class Journal:
    """One client's view of one task."""

    def __init__(self, task_id: str) -> None:
        self.task_id = task_id
        self.entries: list[Entry] = []
        self.screen = Screen()
        self.at: Number | None = None
        self.gone = False
        self.answers: list[Number] = []
        self.offences: list[str] = []  # what the server should not have sent
        self.batches = 0  # messages with more than one event: those come from the log
        self.delays_ms: list[tuple[int, float]] = []
        self._held: list[Event] | None = None
        self._asked_here = 0  # watches on this connection: after the first, repeats may be on their way

    @property
    def resets(self) -> int:
        """How often it was told to forget what it had shown."""
        return sum(entry.name == "reset" for entry in self.entries)

    @property
    def applied(self) -> list[int]:
        """The numbers of all events that were applied, in order."""
        return [entry.number[1] for entry in self.entries if entry.name != "reset"]

    def connect(self) -> None:
        """The connection is new: nothing of the old one can arrive any more."""
        self._held, self._asked_here = None, 0

    def ask(self) -> dict[str, Any]:
        """The payload of a watch; from now on events are held."""
        self._asked_here += 1
        self._held = self._held or []
        position = {"epoch": self.at[0], "seq": self.at[1]} if self.at else {}
        return {"task_id": self.task_id, **position}

    def hear_answer(self, answer: dict[str, Any]) -> bool:
        """The answer to a watch. True: watch again."""
        held, self._held = self._held or [], None
        if not answer["ok"]:
            self.gone = self.gone or answer["code"] == "not_found"
            return not self.gone
        self.answers.append((answer["epoch"], answer["seq"]))
        strict = self._asked_here == 1
        if held and strict:
            self.offences.append(f"event {held[0]['seq']} came before the answer to the watch")
        if "snapshot" in answer:
            self._reset((answer["epoch"], answer["seq"]), answer["snapshot"])
        elif self.at is None:
            self.at = (answer["epoch"], 0)
        return self._apply(answer.get("events", []), strict) or self._apply(held, False)

    def hear_events(self, events: list[Event]) -> bool:
        """A ``task_events`` message. True: there was a gap, watch again."""
        self.batches += len(events) > 1
        if self._held is not None:
            self._held += events
            return False
        return self._apply(events, True)

    def hear_reset(self, reset: dict[str, Any]) -> None:
        """A ``task_reset``."""
        self.gone = reset["snapshot"] is None
        self._reset((reset["epoch"], reset["seq"]), reset["snapshot"])

    def _reset(self, number: Number, snapshot: dict[str, Any] | None) -> None:
        self.at = number
        self.screen = Screen.of(snapshot) if snapshot else Screen()
        self.entries.append(Entry("reset", number))
        if self._held:
            self._held = [event for event in self._held if (event["epoch"], event["seq"]) > number]

    def _apply(self, events: list[Event], strict: bool) -> bool:
        for event in events:
            number = (event["epoch"], event["seq"])
            if self.at is not None and number <= self.at:
                if strict:
                    self.offences.append(f"event {number} was sent again at {self.at}")
                continue
            if self.at is None or number != (self.at[0], self.at[1] + 1):
                self.offences.append(f"event {number} left a gap after {self.at}")
                return True
            self.at = number
            self.entries.append(Entry(event["type"], number, event["data"].get("reason")))
            self.screen.show(event)
        return False
