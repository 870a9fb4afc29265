"""Ids: how new ones are made, and which ones can exist at all."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

from tasks.contract.errors import NotFound

_POSSIBLE: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")


def new_id(prefix: str) -> str:
    """A fresh id with 128 random bits: nobody can guess another's."""
    return f"{prefix}_{secrets.token_hex(16)}"


def id_from(prefix: str, *parts: str) -> str:
    """The same id for the same parts, so that two equal requests at once make one thing."""
    return f"{prefix}_{hashlib.sha256(chr(31).join(parts).encode()).hexdigest()[:32]}"


def check_id(given: str) -> str:
    """The id as it was given.

    Raises:
        NotFound: nothing here has such an id. A colon, above all, must never reach the store, whose
            keys are separated by it: ``<task>:log`` would name another of its keys.
    """
    if _POSSIBLE.fullmatch(given) is None:
        raise NotFound
    return given
