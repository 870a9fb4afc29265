"""The journal of everything that the store ever published, and what must be true of each event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from tasks.contract.events import Event
from tasks.contract.states import ENDED, Snapshot, fold
from tasks.store.memory_log import Record
from tests.simulation.broken import require
from tests.simulation.budgets import Budgets
from tests.simulation.run import Run

TRIES: Final = 3
MOST_MISPLACED: Final = 50


@dataclass(slots=True)
class Line:
    """A task by its events alone. ``serial`` is that of its last admission."""

    expected: Snapshot | None = None
    serial: int = 0
    claimed: bool = False
    losses: int = 0
    misplaced: int = 0  # times in a row that no process was found for it
    log: list[tuple[int, str]] = field(default_factory=list)
    lossy: bool = False  # it came back from older data, and no worker has told its memory yet

    def copy(self) -> Line:
        """The same, to be kept."""
        return replace(self, log=list(self.log))


class Ledger:
    """Hears each event at the moment at which it comes into being, and judges it.

    ``writer`` is the attempt whose call is being carried out, None when it is nobody's.
    """

    def __init__(self, record_of: Callable[[str], Record | None], budgets: Budgets) -> None:
        self.lines: dict[str, Line] = {}
        self.runs: dict[int, Run] = {}
        self.deleted: set[str] = set()
        self.writer: Run | None = None
        self.events = 0
        self._record_of = record_of
        self._budgets = budgets
        self._given: dict[tuple[str, int, int], str] = {}
        self._serials = 0

    def backup(self) -> dict[str, Line]:
        """What the store's data say at this moment."""
        return {task_id: line.copy() for task_id, line in self.lines.items()}

    def restore(self, lines: dict[str, Line]) -> None:
        """The store is back at older data. What was given out stays given out."""
        self.lines = {task_id: line.copy() for task_id, line in lines.items()}
        self.deleted -= set(self.lines)
        for line in self.lines.values():
            line.lossy = True
        for run in self.runs.values():
            run.excused = True

    def begin(self, run: Run) -> None:
        """A worker has claimed the task's last admission."""
        line = self.lines[run.task_id]
        run.serial = line.serial  # after a restore, a message of before may come first, which harms nobody
        require(not line.claimed, "an admission is claimed once", run.task_id)
        line.claimed, line.lossy = True, False
        self.runs[run.serial] = run

    def take(self, task_id: str, epoch: int, seq: int, text: str) -> Event | None:
        """A publish on a task's channel. None: a doorbell, which tells that the task was deleted."""
        record = self._record_of(task_id)
        if record is None:
            self.deleted.add(task_id)
            self.lines.pop(task_id, None)
            return None
        self.events += 1
        if self._given.setdefault((task_id, epoch, seq), text) != text:
            require(False, "a number is given out once", f"{task_id} {epoch}:{seq} {text}")
        event = Event.model_validate_json(text)
        line = self.lines.setdefault(task_id, Line())
        before = line.expected
        self._check_number(event, before)
        line.expected = fold([event], onto=before)
        line.log.append((seq, text))
        if record.snapshot != line.expected:
            require(False, "the snapshot is the fold of the log", f"{record.snapshot!r} is not {line.expected!r}")
        self._judge(event, line, before, record)
        return event

    @staticmethod
    def _check_number(event: Event, before: Snapshot | None) -> None:
        if event.seq != (before.seq if before else 0) + 1:
            require(False, "a log has no gap", f"{event} after {before and before.seq}")
        if before is None:
            return
        if before.state in ENDED:
            require(False, "nothing follows the end", event)
        if event.epoch < before.epoch:
            require(False, "epochs rise", event)

    def _judge(self, event: Event, line: Line, before: Snapshot | None, record: Record) -> None:
        writer = self.writer
        if writer is not None and writer.serial != line.serial:
            require(False, "an attempt is fenced by the next", f"{event} by {writer.task_id}/{writer.attempt}")
        match event.type:
            case "task_admitted":
                self._judge_admission(event, line, before, record)
            case "task_queued" if before is not None:
                self._judge_return(event, line, record)
            case "task_retrying" if event.data["reason"] == "placed_elsewhere":
                self._judge_return(event, line, record)
            case "task_cancelled":
                if line.serial and not line.claimed and before is not None and before.state == "PROGRESS":
                    self._budgets.refund(record.new.kind)
            case "task_failed" if event.data["error"]["code"] == "worker_lost":
                self._judge_loss(event, line)
                require(line.losses >= TRIES, "worker_lost comes after three losses", event)
            case "task_restored":
                line.lossy = False
            case "finding_made":
                self._judge_findings(event, record)
        if writer is not None and writer.memory is not None and (not line.lossy or event.type == "task_succeeded"):
            self._judge_memory(event, writer.memory, record)

    def _judge_admission(self, event: Event, line: Line, before: Snapshot | None, record: Record) -> None:
        require(before is not None and before.state == "PENDING", "only what waits is admitted", event)
        attempt = event.data["attempt"]
        require(before is not None and attempt == before.attempt + 1, "attempts are counted", event)
        self._serials += 1
        line.serial, line.claimed = self._serials, False
        self._budgets.start(record.new.kind)

    def _judge_return(self, event: Event, line: Line, record: Record) -> None:
        if event.data["reason"] in ("message_lost", "placed_elsewhere"):
            require(not line.claimed, "only what nobody began is refunded", event)
            self._budgets.refund(record.new.kind)
            self._judge_placing(event, line)
        elif event.data["reason"] == "worker_lost":
            self._judge_loss(event, line)

    def _judge_placing(self, event: Event, line: Line) -> None:
        line.misplaced = line.misplaced + 1 if event.data["reason"] == "placed_elsewhere" else 0
        spins = line.misplaced >= MOST_MISPLACED
        require(not spins, "a task that nobody may run does not spin", event)

    def _judge_loss(self, event: Event, line: Line) -> None:
        line.losses += 1
        run = self.runs.get(line.serial)
        healthy = run is not None and not run.worker.dead and not run.excused
        require(not healthy, "a healthy worker keeps its lease", event)

    @staticmethod
    def _judge_findings(event: Event, record: Record) -> None:
        prints = Counter(finding.fingerprint for finding in record.snapshot.findings)
        require(max(prints.values()) == 1, "a finding is made once", event)

    @staticmethod
    def _judge_memory(event: Event, memory: Snapshot, record: Record) -> None:
        """The store has exactly what the one worker said: nothing of another attempt, nothing twice."""
        snapshot = record.snapshot
        if snapshot.text != memory.text or snapshot.progress != memory.progress:
            require(False, "the text is that of the live attempt", f"{event}: {snapshot.text!r}, said {memory.text!r}")
        if [f.fingerprint for f in snapshot.findings] != [f.fingerprint for f in memory.findings]:
            require(False, "findings are those that were made", event)
