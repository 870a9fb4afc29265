"""The Lua scripts as they are sent: each with the pieces of the prelude that it uses, and no more.

A script's text runs from its first line at every call, so a function that it does not use still
costs its definition. Most of an append was the prelude's forty functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Final

from tasks.contract.names import KEYS
from tasks.contract.timing import Timing
from tasks.store.admission import (
    AGEING_MS,
    AWAY_AFTER,
    BEHIND_MS,
    BURST_MS,
    CUT,
    CUT_EVERY_MS,
    EASED,
    FIRST_BYTE_TOKENS,
    FIRST_GUESS,
    HEAD_START,
    LOOK_AT_MOST,
    LOOK_AT_OWNERS,
    LOOK_AT_TASKS,
    OUTPUT_WEIGHT,
    RAISED,
    SLOW,
    SPENT,
    TELLING,
    TOKENS_PER_CHAR,
    WIDENS,
)
from tasks.store.history import KEPT_MS, SHORTEST_WAIT_MS, STEP_RATIO
from tasks.store.reading import DOORBELL_BYTES, LOG_BOUND
from tasks.store.turns import TIE_BREAK

REFUSED_WHEN_FULL: Final = frozenset({"submit", "record_answer"})
"""In a full store nothing new is accepted, but what runs may end."""
PRELUDE: Final = ("ground", "lines", "money", "events", "budgets", "workers", "calls", "leases")
"""The files of ``scripts/prelude`` in their order."""
_PIECE: Final = re.compile(r"^local (?:function )?(\w+)", flags=re.MULTILINE)
_WORD: Final = re.compile(r"\w+")
_STRING: Final = re.compile(r"'[^'\n]*'")
_STRING_OR_COMMENT: Final = re.compile(r"'[^'\n]*'|--[^\n]*")
_BOUND: Final = re.compile(r"LIMIT\.(\w+)")
_KEY: Final = re.compile(r"\bK\('(\w+)'((?:, *[\w.\[\]]+)*)\)")
"""With arguments that are names or fields; any other is formatted as the script runs."""


def script_source(name: str) -> str:
    """The text of ``scripts/<name>.lua``."""
    return resources.files("tasks.store").joinpath("scripts", f"{name}.lua").read_text()


def prelude_source() -> str:
    """What scripts share, as one text: a piece may use those before it."""
    return "\n".join(script_source(f"prelude/{part}") for part in PRELUDE)


class Scripts:
    """The scripts for one timing. ``greet`` stands alone: it runs before anything is known."""

    def __init__(self, timing: Timing) -> None:
        self.greet = script_source("greet")
        self._limits = limits_of(timing)
        self._prelude = {name: self._ready(piece) for name, piece in pieces_of(prelude_source()).items()}
        self._texts: dict[str, bytes] = {}

    def text_of(self, name: str) -> bytes:
        """A whole script: its flags, the tables and functions that it uses, and itself."""
        if name not in self._texts:
            source = self._ready(script_source(name))
            body = "".join(used_pieces(self._prelude, source)) + source
            flags = "" if name in REFUSED_WHEN_FULL else "#!lua flags=allow-oom\n"
            self._texts[name] = (flags + self._tables(body) + body).encode()
        return self._texts[name]

    def _ready(self, code: str) -> str:
        """Without comments, and with keys and bounds in their places: to build tables of them and to look
        into these was a third of an append."""
        code = without_comments(code)
        code = _BOUND.sub(lambda named: repr(self._limits[named[1]]), code)
        return _KEY.sub(_key_expression, code)

    def _tables(self, body: str) -> str:
        """The key templates and bounds that code names only as it runs; a bound by its beginning."""
        words = set(_WORD.findall("".join(_STRING.findall(body))))
        keys = {name: template for name, template in KEYS.items() if name in words and "KEY[" in body}
        bounds = {n: v for n, v in self._limits.items() if n.rpartition("_")[0] + "_" in words and "LIMIT[" in body}
        tables = (("KEY", keys), ("LIMIT", bounds))
        return "".join(f"local {name} = {{{_pairs(table)}}}\n" for name, table in tables if table)


def without_comments(code: str) -> str:
    """The same to Lua."""
    return _STRING_OR_COMMENT.sub(lambda found: "" if found[0].startswith("--") else found[0], code)


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
        "away_ms": timing.sweep_ms,
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
        **{f"first_input_{kind.value}": guess[0] for kind, guess in FIRST_GUESS.items()},
        **{f"first_output_{kind.value}": guess[1] for kind, guess in FIRST_GUESS.items()},
        "behind_ms": BEHIND_MS,
        "history_ms": KEPT_MS,
        "shortest_wait_ms": SHORTEST_WAIT_MS,
        "step_ratio": STEP_RATIO,
        "log_bound": LOG_BOUND,
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


def pieces_of(prelude: str) -> dict[str, str]:
    """The prelude's top-level locals by name, in order; a comment goes with what stands before it."""
    starts = list(_PIECE.finditer(prelude))
    ends = [start.start() for start in starts[1:]] + [len(prelude)]
    return {start[1]: prelude[start.start() : end] for start, end in zip(starts, ends, strict=True)}


def used_pieces(pieces: Mapping[str, str], source: str) -> Iterable[str]:
    """The pieces that a script uses, directly or through others, in the prelude's order."""
    used: set[str] = set()
    unread = [source]
    while unread:
        named = pieces.keys() & set(_WORD.findall(_STRING.sub("", unread.pop()))) - used
        used |= named
        unread += (pieces[name] for name in named)
    return [text for name, text in pieces.items() if name in used]


def _pairs(table: Mapping[str, str | float]) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in table.items())
