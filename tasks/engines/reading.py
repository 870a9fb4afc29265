"""Findings out of a structured answer while it streams in.

Each object of the ``findings`` array is cut out as soon as its brace closes and parsed on its own, so a
broken one costs itself and nothing else, and the work grows with the length of the answer, not with its
square, as parsing the whole again at each piece would.
"""

from __future__ import annotations

from typing import Annotated, Literal

import jiter
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tasks.contract.findings import Category, Severity, Suggestion
from tasks.contract.frameworks import Framework
from tasks.engines.anchoring import Locator
from tasks.engines.drafting import Draft

_ITEM_DEPTH = 2  # the answer's object, then an item of its array


def _clamped(value: object) -> object:
    return min(1.0, max(0.0, float(value))) if isinstance(value, int | float) else value


class GivenSuggestion(BaseModel):
    """A suggestion as Claude gives it."""

    model_config = ConfigDict(extra="ignore")

    kind: Literal["replace", "delete", "insert", "none"] = "none"
    text: str = ""


class GivenFinding(BaseModel):
    """A finding as Claude gives it: with a quote, without a place."""

    model_config = ConfigDict(extra="ignore")

    quote: str
    prefix: str = ""
    category: Category
    severity: Severity
    confidence: Annotated[float, BeforeValidator(_clamped)] = 0.5
    message: Annotated[str, Field(min_length=1)]
    rationale: str = ""
    checkpoint: str = ""
    suggestion: GivenSuggestion = GivenSuggestion()


class FindingsReader:
    """Takes the answer in pieces and gives the findings that became complete. ``broken`` counts the ones
    that could not be read."""

    def __init__(self) -> None:
        self.broken = 0
        self._depth = 0
        self._opened = False
        self._in_string = False
        self._escaped = False
        self._item: list[str] = []

    @property
    def complete(self) -> bool:
        """Whether one JSON object came, up to its last brace."""
        return self._opened and self._depth == 0

    def feed(self, piece: str) -> list[GivenFinding]:
        """The findings that this piece completed, in order."""
        found = []
        for char in piece:
            self._item.append(char)
            if self._closes_item(char):
                found.append(self._parsed("".join(self._item)))
        return [finding for finding in found if finding is not None]

    def _closes_item(self, char: str) -> bool:
        if self._in_string:
            self._in_string = self._escaped or char != '"'
            self._escaped = char == "\\" and not self._escaped
        elif char == '"':
            self._in_string = self._depth > 0  # quotes around the object, as in prose, open no string
        elif char == "{":
            self._opened = True
            self._depth += 1
            if self._depth == _ITEM_DEPTH:
                self._item = [char]
        elif char == "}" and self._depth:
            self._depth -= 1
            return self._depth == _ITEM_DEPTH - 1
        return False

    def _parsed(self, item: str) -> GivenFinding | None:
        try:
            return GivenFinding.model_validate(jiter.from_json(item.encode(), partial_mode=False))
        except (ValueError, ValidationError):
            self.broken += 1
            return None


def draft_of(given: GivenFinding, locator: Locator, framework: Framework | None = None) -> Draft | None:
    """The finding with its place, and its checkpoint when the framework has it; None when its quote is not
    in the text: nobody could check it."""
    anchor = locator.locate(given.quote, prefix=given.prefix)
    if anchor is None and given.quote.strip():
        return None
    suggestion = Suggestion(kind=given.suggestion.kind, text=given.suggestion.text) if anchor else Suggestion()
    checkpoint = framework.checkpoint(given.checkpoint) if framework else None
    return Draft(
        category=given.category,
        severity=given.severity,
        message=given.message,
        anchor=anchor,
        confidence=given.confidence,
        rationale=given.rationale,
        suggestion=suggestion,
        checkpoint=checkpoint.name if checkpoint else None,
    )
