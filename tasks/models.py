"""What is known of models: prices with their date, what counts toward limits, what can be cached.

All of it stands in ``models.json``. A model that is not in there is called all the same; what it costs is
then unknown, and said to be.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Any, Final

from tasks.contract.limits import ModelTerms, Price

_DATED: Final = re.compile(r"-(\d{8}|latest)$")
_SWITCHES: Final = ("cached_input_counts", "max_tokens_counts", "least_cached_tokens")


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(resources.files("tasks").joinpath("models.json").read_text())
    return found


def prices_as_of() -> str:
    """The day on which the prices were looked up, like ``2026-10-16``."""
    return str(_file()["as_of"])


@cache
def terms_of(model: str) -> ModelTerms:
    """The terms of a model by its name, with or without the date at its end."""
    known: dict[str, Any] | None = _file()["models"].get(_DATED.sub("", model))
    if known is None:
        return ModelTerms(model)
    switches = {name: known[name] for name in _SWITCHES if name in known}
    long: dict[str, Any] = known.get("long_prompts", {})
    return ModelTerms(
        model,
        _price(known),
        long_price=_price(long) if long else None,
        long_above=int(long.get("above_tokens", 0)),
        **switches,
    )


def _price(given: dict[str, Any]) -> Price:
    return Price(*(float(given[name]) for name in ("input", "output", "cache_write", "cache_read")))
