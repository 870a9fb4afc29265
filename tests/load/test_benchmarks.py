"""The benchmarks themselves, for a moment: they must not rot, and what they count must hold always."""

from __future__ import annotations

import pytest

from tests.load import admission, append, event_latency, queue_stats, submissions
from tests.load.effort import Effort

A_MOMENT = Effort(runs=1, part=0.02)


@pytest.mark.parametrize("benchmark", [submissions, queue_stats, event_latency, append, admission])
async def test_nothing_is_lost_or_doubled_under_load(benchmark) -> None:
    outcome = await benchmark.measure(A_MOMENT)
    assert [fact.words for fact in outcome.facts if not fact.holds] == []
    assert len(outcome.facts) > 0
