"""How long things may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations in ms. Tests scale all of it by one factor; see `tasks.settings.Settings.timing`."""

    claim_ms: int = 10_000  # from admission to a worker's claim
    lease_ms: int = 30_000  # a claimed lease, renewed at a third of it
    sweep_ms: int = 5_000  # between sweeps
    store_away_ms: int = 15_000  # a last sweep older than this means that the store itself was away
    announce_ms: int = 2_000  # between a worker's announcements; a card lives three of them
    warm_ms: int = 30_000  # how long the other calls of a document wait for the first to write the cache
    cache_ms: int = 270_000  # how long a written cache is counted on: it lives five minutes from its last use
    tick_ms: int = 1_000  # a dispatcher asks at least this often
    log_kept_ms: int = 3_600_000  # a log after its task ended
    retention_ms: int = 30 * 86_400_000  # snapshots, documents, findings
    idempotency_ms: int = 24 * 3_600_000
