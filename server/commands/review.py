"""``galley review``: one file on a running server."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from server.commands.files import content_of
from server.review.client import Review, ReviewClient, ReviewFailed
from server.review.progress import shown_progress, silent
from server.review.report import as_json, as_text, exit_status
from tasks.contract.findings import Severity


def review(
    file: Path,
    *,
    server: str = "http://127.0.0.1:8000",
    token: Annotated[str | None, Parameter(env_var="GALLEY_TOKEN")] = None,
    watch: Annotated[bool, Parameter(negative="")] = False,
    out: Path | None = None,
    fail_on: Severity | None = None,
    as_json_value: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Review a file on a running server and print the findings.

    Parameters
    ----------
    file
        A docx, pdf, md or txt file.
    server
        The server's address.
    token
        An API key, see `galley keys create`; not needed where ACCESS=local.
    watch
        Show live on standard error what happens.
    out
        Write the document with the findings as comments to this .docx file. Only of a docx.
    fail_on
        End with status 1 when a finding is of this severity or worse.
    as_json_value
        Print one JSON value instead of text.
    """
    result = asyncio.run(_reviewed(ReviewClient(server, token), file, watch, out))
    sys.stdout.write(as_json(result) if as_json_value else as_text(result))
    return exit_status(result, fail_on)


async def _reviewed(client: ReviewClient, file: Path, watch: bool, out: Path | None) -> Review:
    async with client:
        if out is not None and file.suffix.lower() != ".docx":
            raise ReviewFailed(f"Only a Word file can be had with comments, and {file.name} is none; leave --out away")
        if out is not None and not await client.offers("/export"):
            raise ReviewFailed("The server offers no export, so --out cannot be written; leave it out")
        document = await client.upload(file.name, content_of(file))
        if watch:
            with shown_progress(document) as on_news:
                result = await client.review(document, on_news)
        else:
            result = await client.review(document, silent)
        if out is not None:
            out.write_bytes(await client.export(document, "docx"))  # noqa: ASYNC240  # nothing else runs here
        return result
