"""What a simulator can be told, at its start and by ``POST /control``."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Options:
    """Limits a minute, pacing and the shape of the answers. A limit of 0 means none."""

    rpm: float = 0
    input_tpm: float = 0
    output_tpm: float = 0
    concurrency: int = 0
    burst_s: float = 60.0  # how many seconds' worth a bucket holds
    pace_ms: float = 0.0  # wait before each event
    duration_ms: float = 0.0  # spread over all events of an answer; wins over pace_ms
    findings: int = 3
    chunk_chars: int = 24
    cache_ttl_s: float = 300.0
    key: str = ""  # the only key that is accepted; empty: any


def changed(options: Options, wanted: dict[str, Any]) -> Options:
    """The options with those members of ``wanted`` that are options.

    Raises:
        ValueError: a value that is no number.
    """
    kinds = {f.name: type(getattr(options, f.name)) for f in fields(options)}
    return replace(options, **{name: kinds[name](value) for name, value in wanted.items() if name in kinds})
