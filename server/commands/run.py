"""``galley run``: the whole product in one terminal, or for one file."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from server.commands.files import content_of
from server.review.report import as_json, as_text, exit_status
from server.supervisor.log_lines import LogLines
from server.supervisor.once import review_once
from server.supervisor.parentage import end_with_parent
from server.supervisor.signals import until_signalled
from server.supervisor.stack import Stack, run_until_stopped
from tasks.settings import read_settings


def run(
    *,
    once: Path | None = None,
    as_json_value: Annotated[bool, Parameter(name="--json", negative="")] = False,
    with_parent: Annotated[bool, Parameter(negative="", show=False)] = False,
) -> int:
    """Run store, workers and server, supervised, until Ctrl-C.

    Parameters
    ----------
    once
        Review this file with the whole product, print the findings and stop.
    as_json_value
        With --once: print one JSON value instead of text.
    with_parent
        Stop when the process that started this one dies; the Makefile asks for it.
    """
    if with_parent:
        end_with_parent()
    if once is not None:
        return _review_once(once, as_json_value)
    stack = Stack(read_settings(), {})
    asyncio.run(until_signalled(lambda hurry: run_until_stopped(stack, LogLines(), hurry)))
    return 0


def _review_once(path: Path, as_json_value: bool) -> int:
    content = content_of(path)
    review = asyncio.run(until_signalled(lambda hurry: review_once(path.name, content, hurry)))
    if review is None:
        return 1  # stopped by a signal
    sys.stdout.write(as_json(review) if as_json_value else as_text(review))
    return exit_status(review)
