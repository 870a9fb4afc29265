"""What the server counts, in Prometheus' text format."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from tasks.store.ports import Stats

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0)


class Metrics:
    """One server's figures; a registry of its own, so that several servers fit into one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter("galley_requests", "Answered requests", ["method", "status"], registry=self._registry)
        self._counters: dict[tuple[str, int], Counter] = {}  # looking up a label costs more than counting
        self._seconds = Histogram(
            "galley_request_seconds", "Seconds until an answer began", buckets=_SECONDS, registry=self._registry
        )
        self._store_up = Gauge("galley_store_up", "1 while the store answers", registry=self._registry)
        self._tasks = Gauge("galley_tasks", "Tasks that have not ended", ["kind", "stage"], registry=self._registry)
        self._workers = Gauge("galley_workers", "Live worker processes", registry=self._registry)
        self._slots = Gauge("galley_slots", "Tasks that all workers can run at once", registry=self._registry)
        self._dead = Gauge("galley_dead_tasks", "Failed tasks that can be sent again", registry=self._registry)
        self._cost = Gauge("galley_cost_usd", "Today's cost of all calls", ["part"], registry=self._registry)
        self._left = Gauge("galley_budget_left", "What a budget has left", ["budget"], registry=self._registry)

    def count(self, method: str, status: int, seconds: float) -> None:
        """Note one answered request."""
        counter = self._counters.get((method, status))
        if counter is None:
            counter = self._counters[method, status] = self._requests.labels(method, status)
        counter.inc()
        self._seconds.observe(seconds)

    def text(self, stats: Stats | None) -> bytes:
        """All figures, with the queue's as they are now, or as last known when they are not."""
        self._store_up.set(stats is not None)
        if stats is not None:
            self._note(stats)
        return generate_latest(self._registry)

    def _note(self, stats: Stats) -> None:
        self._workers.set(stats.workers)
        self._slots.set(stats.slots)
        self._dead.set(stats.dead)
        self._cost.labels("spent").set(stats.costs.spent_usd)
        self._cost.labels("held").set(stats.costs.held_usd)
        if stats.costs.limit_usd is not None:
            self._cost.labels("limit").set(stats.costs.limit_usd)
        for kind, of_kind in stats.kinds.items():
            for stage in ("waiting", "reserved", "active", "parked"):
                self._tasks.labels(kind.value, stage).set(getattr(of_kind, stage))
        for name, budget in stats.budgets.items():
            if budget.left is not None:
                self._left.labels(name).set(budget.left)
