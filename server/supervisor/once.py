"""``galley run --once``: the whole product, for one file."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from server.review.client import Review, ReviewClient
from server.review.progress import shown_progress
from server.supervisor.children import OURSELVES
from server.supervisor.log_lines import LastLines, LogLines
from server.supervisor.preflight import StartRefused, held_port
from server.supervisor.stack import Stack, running, starting_words
from tasks.settings import read_settings


async def review_once(name: str, content: bytes, hurry: asyncio.Event) -> Review:
    """Start everything, review the file, stop everything.

    Raises:
        StartRefused: it could not be started.
        ReviewFailed: the server refused the file, or went away.
    """
    log = LogLines()
    with _stack_of_its_own() as stack:
        log(OURSELVES, starting_words(stack))
        kept = LastLines()  # on a terminal the log would bury the progress
        try:
            async with running(stack, kept, hurry):
                return await _reviewed(stack.url, name, content)
        except StartRefused:
            kept.tell(log)
            raise


async def _reviewed(url: str, name: str, content: bytes) -> Review:
    async with ReviewClient(url) as client:
        document = await client.upload(name, content)
        with shown_progress(document) as on_news:
            review = await client.review(document, on_news)
        await client.forget(document)  # a store of the user's keeps nothing of it
        return review


@contextmanager
def _stack_of_its_own() -> Iterator[Stack]:
    """A data folder that goes away with the review: it collides with no instance that runs already,
    and leaves nothing of the document behind. Reachable from this machine only, on any free port."""
    host = "127.0.0.1"
    with (
        tempfile.TemporaryDirectory(prefix="galley-", ignore_cleanup_errors=True) as folder,
        held_port(host) as port,
    ):
        env = {"DATA_DIR": folder, "HOST": host, "PORT": str(port), "ACCESS": "local"}
        yield Stack(read_settings({**os.environ, **env}), env)
