"""The Lua scripts as the store keeps them: the functions of one library, which is loaded once.

A text that is sent with EVALSHA runs from its first line at every call, and defines every function that
it shares with others anew. A library does that when it is loaded.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from importlib import resources
from typing import Final

from tasks.contract.names import KEYS
from tasks.contract.timing import Timing
from tasks.store.admission import (
    AGEING_MS,
    FEW_CALLS,
    FIRST_BYTE_TOKENS,
    FIRST_GUESS,
    HEAD_START,
    LOOK_AT_MOST,
    LOOK_AT_OWNERS,
    LOOK_AT_TASKS,
    MOST_ARRIVED,
    OUTPUT_WEIGHT,
    SLOW,
    TOKENS_PER_CHAR,
)
from tasks.store.buckets import (
    AWAY_AFTER,
    BEHIND_MS,
    BURST_MS,
    CUT,
    CUT_EVERY_MS,
    EASED,
    LONGEST_PAUSE,
    RAISED,
    SPENT,
    TELLING,
    WIDENS,
)
from tasks.store.history import KEPT_MS, SHORTEST_WAIT_MS, STEP_RATIO
from tasks.store.reading import DOORBELL_BYTES, LOG_BOUND, LOG_TRIMMED
from tasks.store.turns import TIE_BREAK

REFUSED_WHEN_FULL: Final = frozenset({"submit", "record_answer"})
"""In a full store nothing new is accepted, but what runs may end."""
PRELUDE: Final = ("ground", "lines", "money", "events", "budgets", "workers", "calls", "leases")
"""The files of ``scripts/prelude`` in their order: a function may use those before it."""
_FOLDER: Final = resources.files("tasks.store").joinpath("scripts")
OURS: Final = "galley_"
"""What the names of our libraries begin with, of this release or another one."""
_KEY: Final = re.compile(r"\bK\('(\w+)'((?:, *[\w.\[\]]+)*)\)")
"""With arguments that are names or fields; any other is formatted as the script runs."""


def script_source(name: str) -> str:
    """The text of ``scripts/<name>.lua``."""
    return _FOLDER.joinpath(f"{name}.lua").read_text()


def script_names() -> list[str]:
    """All scripts but ``greet``, which stands alone: it runs before anything is known."""
    names = (file.name.removesuffix(".lua") for file in _FOLDER.iterdir() if file.name.endswith(".lua"))
    return sorted(name for name in names if name != "greet")


class Library:
    """The scripts for one timing. Its name tells its text, so that two releases on one store, as during a
    rolling restart, each have their own."""

    def __init__(self, timing: Timing) -> None:
        tables = _table("KEY", KEYS) + _table("LIMIT", limits_of(timing))
        body = tables + "\n".join(_ready(script_source(f"prelude/{part}")) for part in PRELUDE)
        self.name = OURS + hashlib.sha256((body + _functions("")).encode()).hexdigest()[:16]
        self.text = f"#!lua name={self.name}\n{body}\n{_functions(self.function(''))}".encode()

    def function(self, name: str) -> str:
        """The name under which FCALL finds a script: no other library in the store may have it."""
        return f"{self.name}_{name}"


def _functions(prefix: str) -> str:
    return "\n".join(
        f"redis.register_function{{ function_name = '{prefix}{name}', {_flags(name)}callback = function(KEYS, ARGV)\n"
        f"begin(KEYS)\n{_ready(script_source(name))}\nend }}"
        for name in script_names()
    )


def _flags(name: str) -> str:
    return "" if name in REFUSED_WHEN_FULL else "flags = { 'allow-oom' }, "


def _ready(code: str) -> str:
    """With the keys spelt where they are named: to format them is a third of a small script's own time."""
    return _KEY.sub(_key_expression, code)


def _key_expression(call: re.Match[str]) -> str:
    """``K('task', id)`` as what it gives: ``('{galley}:task:' .. id)``."""
    name, given = call[1], [word.strip() for word in call[2].split(",")[1:]]
    fixed = KEYS[name].split("%s")
    assert len(fixed) == len(given) + 1, call[0]
    parts = [f"'{fixed[0]}'"]
    for value, text in zip(given, fixed[1:], strict=True):
        parts += [value, *([f"'{text}'"] if text else [])]
    return f"({' .. '.join(parts)})"


def limits_of(timing: Timing) -> dict[str, float]:
    """The bounds that scripts know, by name."""
    return {
        "burst_ms": BURST_MS,
        "ageing_ms": AGEING_MS,
        "tokens_per_char": TOKENS_PER_CHAR,
        "output_weight": OUTPUT_WEIGHT,
        "tie_break": TIE_BREAK,
        "away_after": AWAY_AFTER,
        "few_calls": FEW_CALLS,
        "away_ms": timing.tick_ms,
        "longest_pause": LONGEST_PAUSE,
        "head_start": HEAD_START,
        "cut": CUT,
        "cut_every_ms": CUT_EVERY_MS,
        "widens": WIDENS,
        "slow": SLOW,
        "first_byte_tokens": FIRST_BYTE_TOKENS,
        "eased": EASED,
        "telling": TELLING,
        "raised": RAISED,
        "spent": SPENT,
        "most_arrived": MOST_ARRIVED,
        **{f"first_input_{kind.value}": guess[0] for kind, guess in FIRST_GUESS.items()},
        **{f"first_output_{kind.value}": guess[1] for kind, guess in FIRST_GUESS.items()},
        "behind_ms": BEHIND_MS,
        "history_ms": KEPT_MS,
        "shortest_wait_ms": SHORTEST_WAIT_MS,
        "step_ratio": STEP_RATIO,
        "log_bound": LOG_BOUND,
        "log_trimmed": LOG_TRIMMED,
        "doorbell_bytes": DOORBELL_BYTES,
        "claim_ms": timing.claim_ms,
        "lease_ms": timing.lease_ms,
        "tick_ms": timing.tick_ms,
        "warm_ms": timing.warm_ms,
        "cache_ms": timing.cache_ms,
        "look_at_owners": LOOK_AT_OWNERS,
        "look_at_tasks": LOOK_AT_TASKS,
        "look_at_most": LOOK_AT_MOST,
        "store_away_ms": timing.store_away_ms,
        "log_kept_ms": timing.log_kept_ms,
        "retention_ms": timing.retention_ms,
        "idempotency_ms": timing.idempotency_ms,
    }


def _table(name: str, table: Mapping[str, str | float]) -> str:
    return f"local {name} = {{ {', '.join(f'{key} = {value!r}' for key, value in table.items())} }}\n"
