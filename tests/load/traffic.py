"""Up to an hour of traffic against a virtual account: how much of its limit the rules of admission use, whom they
let be refused, who gets what, and how honest the estimates are. Judged by the account's own books.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from tests.load.effort import Effort
from tests.load.figures import Fact, Figure, Outcome, Target
from tests.simulation.traffic.judge import MINUTE, Judge
from tests.simulation.traffic.scenes import scenes_of
from tests.simulation.traffic.traffic import Traffic, play

RPM: Final = 60.0
_SETTLED: Final = 5 * MINUTE
_SCENES: Final = ("requests", "input", "output", "short_burst")


@dataclass(frozen=True, slots=True)
class _Row:
    """One figure of one scene; ``end`` is where its judged time ends, None at the scene's."""

    scene: str
    words: str
    unit: str
    value: Callable[[Judge], float]
    target: Target | None = None
    begin: float = _SETTLED
    end: float | None = None


def _rows() -> list[_Row]:
    full, none = Target(97, at_least=True), Target(0)
    rows = [_Row(name, f"{name}: used of the limit", "%", lambda judge: 100 * judge.used, full) for name in _SCENES]
    return [
        *rows,
        _Row("requests", "429s at true limits", "", lambda judge: judge.refused, none),
        _Row("short_burst", "429s, a provider that saves up 6 s only", "", lambda judge: judge.refused, none),
        _Row("requests", "Jain's index of the equally busy", "", lambda judge: judge.fairness, Target(0.98, True)),
        _Row("requests", "the flood's share above max-min", "pts", lambda judge: judge.off_share("flood"), Target(3)),
        _Row("requests", "the light owner's wait, p95", "s", lambda judge: judge.wait_s("light")),
        _Row("requests", "the estimate is off by, median", "%", lambda judge: 100 * judge.estimate_error, Target(25)),
        _Row("believed_high", "25 % too high: 429s in two minutes", "%", _refused, Target(1), 0, 2 * MINUTE),
        _Row("believed_high_untold", "the same, never told", "%", _refused, Target(1), 0, 2 * MINUTE),
        _Row("believed_high_untold", "the same, all the time", "%", _refused, Target(1), 0),
        _Row("believed_low", "20 % too low: used after five minutes", "%", lambda judge: 100 * judge.used, full),
        _Row("lowered_and_raised", "limits halved and raised: used", "%", lambda judge: 100 * judge.used, full),
        _Row("lowered_and_raised", "limits halved and raised: 429s", "%", _refused, Target(1)),
        _Row("outage", "after an outage of 10 min: used", "%", lambda judge: 100 * judge.used, full, 22 * MINUTE),
    ]


def _refused(judge: Judge) -> float:
    return 100 * judge.refused_share


async def measure(effort: Effort) -> Outcome:
    """Play each scene with one seed a run."""
    rows = _rows()
    scenes = {row.scene for row in rows}
    played = {name: [_play(name, seed, effort) for seed in range(1, effort.runs + 1)] for name in sorted(scenes)}
    figures = [_figure(row, played[row.scene]) for row in rows]
    failed = sum(len(traffic.failed) for runs in played.values() for traffic in runs)
    calls = sum(len(traffic.account.calls) for runs in played.values() for traffic in runs)
    facts = [Fact(f"{calls:,} calls, an outage and bursts of errors among them; {failed} tasks failed", failed == 0)]
    return Outcome("Traffic in virtual time, ten owners who ask for twice the limit", figures, facts)


def _play(name: str, seed: int, effort: Effort) -> Traffic:
    """The scene, whole, or shortened as far as what happens in it allows."""
    scene = scenes_of(RPM)[name]
    happens_until = max([6 * MINUTE, *(1000 * (t.at_s + t.for_s + 300) for t in scene.troubles)]) / MINUTE
    happens_until = max([happens_until, *(c.at_s / 60 + 5 for c in scene.changes)])
    return play(replace(scene, minutes=max(effort.part * scene.minutes, min(happens_until, scene.minutes))), seed)


def _figure(row: _Row, runs: list[Traffic]) -> Figure:
    values = tuple(float(row.value(Judge(traffic, row.begin, row.end))) for traffic in runs)
    return Figure(row.words, row.unit, values, row.target)
