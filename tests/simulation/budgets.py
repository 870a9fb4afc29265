"""A second book of the budgets: what was started, reckoned apart from the store's own buckets."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

from tasks.contract.names import TaskKind
from tests.simulation.broken import require
from tests.simulation.plan import Plan

BURST_MS = 5_000
SLACK = 1e-6
LOOK_BACK = 20
"""Starts that a window may hold; a longer one is made of windows that were looked at before."""


@dataclass(slots=True)
class Book:
    """One limit: ``rate`` starts a minute, of which five seconds' worth may be saved up."""

    rate: float
    level: float
    at: int
    starts: list[int] = field(default_factory=list)
    refunds: list[int] = field(default_factory=list)
    at_least: bool = True  # until a 429 takes from it what is not spent

    @property
    def most(self) -> float:
        return max(1.0, self.rate * BURST_MS / 60_000)

    def reckon(self, now: int, change: int) -> None:
        """Spend one (-1) or get one back (+1)."""
        level = min(self.most, self.level + (now - self.at) * self.rate / 60_000)
        self.level, self.at = min(self.most, level + change), now
        (self.starts if change < 0 else self.refunds).append(now)

    def check_windows(self, name: str) -> None:
        """In no stretch of time that ends now were there more starts than the limit allows."""
        now, refunds = self.starts[-1], self.refunds[-LOOK_BACK:]
        for count, began in enumerate(reversed(self.starts[-LOOK_BACK:]), 1):
            back = len([at for at in refunds if at >= began])
            allowed = self.most + (now - began) * self.rate / 60_000 + back
            if count > allowed + SLACK:
                require(False, "limits are never overspent", f"{name}: {count} starts in {now - began} ms")


class Budgets:
    """The books of all limits that stay the same in a world."""

    def __init__(self, plan: Plan, clock: Callable[[], int]) -> None:
        self._clock = clock
        self.exact = True  # until the clock goes back: a level capped before that cannot be reckoned again
        self._model = plan.model
        self._books = {f"kind:{kind}": self._new(rate) for kind, rate in plan.limits.items()}
        if plan.model and plan.rpm:
            self._books[f"requests:{plan.model}"] = self._new(plan.rpm)

    def _new(self, rate: float) -> Book:
        book = Book(rate, 0, self._clock())
        book.level = book.most
        return book

    def backup(self) -> dict[str, Book]:
        """What the books say now."""
        return {name: self._copy(book) for name, book in self._books.items()}

    def restore(self, books: dict[str, Book]) -> None:
        """What the store has forgotten, it may spend again."""
        self._books = {name: self._copy(book) for name, book in books.items()}

    @staticmethod
    def _copy(book: Book) -> Book:
        new = copy.copy(book)
        new.starts, new.refunds = list(book.starts), list(book.refunds)
        return new

    def start(self, kind: TaskKind) -> None:
        """A task of this kind was admitted."""
        for name in self._of(kind):
            self._books[name].reckon(self._clock(), -1)
            self._books[name].check_windows(name)

    def refund(self, kind: TaskKind) -> None:
        """An admission was undone before any worker began it."""
        for name in self._of(kind):
            self._books[name].reckon(self._clock(), +1)

    def refuse(self) -> None:
        """A 429 closed the model's budget: what is closed saves nothing up, and less may be had then."""
        for name, book in self._books.items():
            if name.startswith("requests:"):
                book.at_least = False

    def _of(self, kind: TaskKind) -> list[str]:
        return [name for name in (f"kind:{kind}", f"requests:{self._model}") if name in self._books]

    def check(self, levels: Callable[[str], float | None]) -> None:
        """The store's buckets say what the books say. ``levels`` gives a bucket's level at this moment,
        None for one that was never used."""
        for name, book in self._books.items():
            level = levels(name)
            if level is None or not self.exact:
                continue
            mine = min(book.most, book.level + (self._clock() - book.at) * book.rate / 60_000)
            if level > mine + SLACK or (book.at_least and level < mine - SLACK):
                require(False, "a budget holds what was not spent", f"{name}: {level:.3f}, by the book {mine:.3f}")
