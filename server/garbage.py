"""Python's garbage collector, set for a process that serves many connections for long."""

from __future__ import annotations

import gc


def spare_collections() -> None:
    """Have the garbage collector look at what requests leave behind, and seldom. Call it once everything is loaded.

    With its defaults it walks through all modules, models and connections again and again: a tenth of a
    request's time, a third of an event's with a thousand sockets, and pauses of milliseconds for everybody.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
