"""``galley dead``: tasks that failed for good, and sending them again."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Annotated, Any

from cyclopts import App, Parameter

from server.review.client import ReviewClient
from server.review.words import one_line

app = App(name="dead", help="Tasks that failed for good.")

Server = Annotated[str, Parameter(name="--server")]
Token = Annotated[str | None, Parameter(name="--token", env_var="GALLEY_TOKEN")]
HERE = "http://127.0.0.1:8000"


@app.command(name="list")
def list_dead(*, server: Server = HERE, token: Token = None) -> None:
    """List my failed tasks, newest first, with what went wrong."""
    asyncio.run(_list(server, token))


@app.command
def retry(*task_ids: str, server: Server = HERE, token: Token = None) -> None:
    """Send failed tasks again: those named, or all of mine.

    Parameters
    ----------
    task_ids
        As `galley dead list` shows them.
    """
    asyncio.run(_retry(task_ids, server, token))


async def _list(server: str, token: str | None) -> None:
    async with ReviewClient(server, token) as client:
        async for task in _dead(client):
            error = task.get("error") or {}
            words = one_line(f"{error.get('code', '')}: {error.get('message', '')}")
            sys.stdout.write(f"{task['task_id']}  {task['kind']}  {words}\n")


async def _retry(task_ids: tuple[str, ...], server: str, token: str | None) -> None:
    async with ReviewClient(server, token) as client:
        chosen = task_ids or [task["task_id"] async for task in _dead(client)]
        for task_id in chosen:
            answer = await client.request("POST", f"/retry_task/{task_id}")
            sys.stdout.write(f"{task_id} goes on as {answer['task_id']}\n")


async def _dead(client: ReviewClient) -> AsyncIterator[dict[str, Any]]:
    params: dict[str, Any] = {"state": "FAILURE"}
    while True:
        page = await client.request("GET", "/tasks", params=params)
        for task in page["tasks"]:
            yield task
        if page["cursor"] is None:
            return
        params["cursor"] = page["cursor"]
