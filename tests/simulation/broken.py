"""How an invariant speaks."""

from __future__ import annotations


class Broken(Exception):
    """An invariant does not hold. ``invariant`` is its name, a sentence."""

    def __init__(self, invariant: str, detail: str) -> None:
        super().__init__(f"{invariant}: {detail}")
        self.invariant = invariant
        self.detail = detail


def require(holds: bool, invariant: str, detail: object = "") -> None:
    """Raise `Broken` unless it holds. Callers on the hot path build no text."""
    if not holds:
        raise Broken(invariant, str(detail))
