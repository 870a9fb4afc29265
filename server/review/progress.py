"""A review's progress on standard error: bars on a terminal, plain lines anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from server.review.client import OnNews, SectionInfo, TaskStatus, Uploaded
from server.review.words import one_line
from tasks.contract.events import FindingMade, data_of
from tasks.contract.findings import Finding
from tasks.contract.states import ENDED, TaskState

_TITLE_CHARS: Final = 40


@contextmanager
def shown_progress(document: Uploaded) -> Iterator[OnNews]:
    """Show the news of a document's tasks while the block runs."""
    console = Console(file=sys.stderr)
    titles = {section.section_id: title_of(section) for section in document.sections}
    if not console.is_terminal:
        yield _PlainLines(titles)
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"), console=console
    ) as progress:
        yield _Bars(progress, titles)


def silent(_: TaskStatus) -> None:
    """Show nothing."""


def title_of(section: SectionInfo) -> str:
    """A section's title, short enough for one line."""
    title = section.title or section.section_id
    return title if len(title) <= _TITLE_CHARS else f"{title[: _TITLE_CHARS - 1]}…"


def words_of(status: TaskStatus) -> str:
    """What a task does, or waits for, in a few words."""
    if status.state is TaskState.FAILURE and status.error:
        return f"{status.status}: {status.error.get('message', '')}"
    if status.state is TaskState.PENDING and status.position:
        eta = f", about {status.eta_s} s" if status.eta_s is not None else ""
        return f"{status.status}, place {status.position}{eta}"
    return status.status


class _PlainLines:
    """One line a change, never the same twice: for logs and pipes."""

    def __init__(self, titles: dict[str, str]) -> None:
        self._titles = titles
        self._last: dict[str, str] = {}

    def __call__(self, status: TaskStatus) -> None:
        title = self._titles.get(status.section_id or "", "")
        for finding in _new_findings(status):
            self._write(status.task_id, f"{title}: {finding.severity}: {one_line(finding.message)}")
        self._write(status.task_id, f"{title}: {status.progress} % {words_of(status)}")

    def _write(self, task_id: str, line: str) -> None:
        if self._last.get(task_id) != line:
            self._last[task_id] = line
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


class _Bars:
    """One bar a section, with what it does at the moment."""

    def __init__(self, progress: Progress, titles: dict[str, str]) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {
            section_id: progress.add_task(escape(title), total=100, words="") for section_id, title in titles.items()
        }

    def __call__(self, status: TaskStatus) -> None:
        bar = self._bars.get(status.section_id or "")
        if bar is None:
            return
        for finding in _new_findings(status):
            self._progress.console.print(f"{finding.severity}: {one_line(finding.message)}", markup=False)
        done = 100 if status.state in ENDED else status.progress
        self._progress.update(bar, completed=done, words=escape(words_of(status)))


def _new_findings(status: TaskStatus) -> Iterator[Finding]:
    for event in status.events or ():
        data = data_of(event)
        if isinstance(data, FindingMade):
            yield data.finding
