"""The verdict over journals: each event once and in order, or a reset that says otherwise; and at the
end every page shows what ``GET /task_status`` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from journal import Journal, Screen


def judge(journal: Journal, status: dict[str, Any], *, may_reset: bool = False) -> None:
    """Fail, in words, unless the journal is what a person should have been shown."""
    name = f"task {journal.task_id}"
    assert journal.offences == [], f"{name}: {journal.offences[:5]}"
    before, seen = (None, 0), set()
    for entry in journal.entries:
        epoch, seq = entry.number
        if entry.name == "reset":
            # who comes to a long task for the first time is given its present state
            assert may_reset or before == (None, 0), f"{name}: a reset to {entry.number} where nothing was lost"
        else:
            assert entry.number not in seen, f"{name}: event {entry.number} was shown twice"
            assert before[0] in (None, epoch), f"{name}: from {before} to {entry.number} without a reset"
            assert seq == before[1] + 1, f"{name}: {entry.number} was shown after {before}"
            seen.add(entry.number)
        before = entry.number
    assert before == (status["epoch"], status["seq"]), f"{name}: shown up to {before}, and the truth is {status}"
    assert journal.screen == Screen.of(status), f"{name}: it shows {journal.screen} and the truth is {status}"


def judge_all(journals: Iterable[Journal], statuses: Mapping[str, dict[str, Any]], *, may_reset: bool = False) -> int:
    """Judge every journal; how many events were shown in all."""
    shown = 0
    for journal in journals:
        judge(journal, statuses[journal.task_id], may_reset=may_reset)
        shown += len(journal.applied)
    assert shown > 0, "nothing was shown, so nothing was judged"
    return shown
