"""What routes read from a request."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from typing import Final, TypeVar

from pydantic import BaseModel
from quart import request
from werkzeug.exceptions import RequestTimeout

from server.access import Asker, header
from server.parts import parts
from tasks.contract.errors import BadRequest, PreconditionRequired, TooLarge

Model = TypeVar("Model", bound=BaseModel)

MAX_JSON_BYTES: Final = 4 * 1024 * 1024
"""Room for the longest section, each of its characters escaped or in four bytes."""
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_VERSION: Final = re.compile(r'(?:W/)?"?(\d{1,9})"?')


async def asking_owner() -> str:
    """For whom the request asks. The doorway has checked where it comes from.

    Raises:
        Unauthorized: nobody that is known.
    """
    return (await who_asks()).owner


async def who_asks() -> Asker:
    """The same, with how its tasks share what there is."""
    return await parts().access.asker(request.scope)


async def read_body(model: type[Model]) -> tuple[Model, bytes]:
    """The JSON body as that model, and as it came; an empty body is an empty object. The types are those of the
    OpenAPI document: "yes" is no boolean, and "1" no number.

    Raises:
        TooLarge, ValidationError: it is too long, or not of that form.
    """
    raw = await _whole_body() or b"{}"
    if len(raw) > MAX_JSON_BYTES:
        raise TooLarge(f"At most {MAX_JSON_BYTES // 2**20} MB of JSON are taken. Upload long texts to /documents.")
    return model.model_validate_json(raw, strict=True), raw


async def _whole_body() -> bytes:
    """As Quart's ``get_data``, less the task that it starts for its time limit."""
    try:
        async with asyncio.timeout(request.body_timeout):
            body: bytes = await request.body
            return body
    except TimeoutError:
        raise RequestTimeout from None


def read_query(model: type[Model]) -> Model:
    """The query as that model.

    Raises:
        ValidationError: not of that form.
    """
    return model.model_validate(request.args.to_dict())


def idempotency_key() -> str | None:
    """The request's Idempotency-Key, or None.

    Raises:
        BadRequest: it is not 1 to 255 visible ASCII characters.
    """
    given = header(request.scope, b"idempotency-key")
    if given is None:
        return None
    if _KEY.fullmatch(given) is None:
        raise BadRequest("Idempotency-Key takes 1 to 255 visible ASCII characters. Send a fresh UUID.")
    return given


def digest_of(raw: bytes) -> str:
    """SHA-256 of what is asked and of whom: canonical JSON, so that order and spaces do not matter."""
    canonical = json.dumps(json.loads(raw), sort_keys=True, separators=(",", ":"))
    return digest_of_parts(request.path, canonical)


def digest_of_parts(*pieces: str) -> str:
    """SHA-256 of several texts, with their borders."""
    return hashlib.sha256("\x1f".join(pieces).encode()).hexdigest()


def wants_async() -> bool:
    """Whether the client asked not to wait for the result (RFC 7240)."""
    given = header(request.scope, b"prefer") or ""
    return any(preference.partition(";")[0].strip().lower() == "respond-async" for preference in given.split(","))


def expected_version() -> int:
    """The version that If-Match names.

    Raises:
        PreconditionRequired: no If-Match, so a change made meanwhile could be overwritten.
        BadRequest: it is no version.
    """
    version = seen_version()
    if version is None:
        raise PreconditionRequired('Send If-Match with the version that you have seen, like "3".')
    return version


def seen_version() -> int | None:
    """The version that If-Match names; None when the client does not mind.

    Raises:
        BadRequest: it is no version.
    """
    given = header(request.scope, b"if-match")
    if given is None:
        return None
    match = _VERSION.fullmatch(given.strip())
    if match is None:
        raise BadRequest(f'If-Match: {given} is no version. Send the finding\'s version, like "3".')
    return int(match[1])


def has_already(etag: str) -> bool:
    """Whether the client has that version, by If-None-Match: weakly compared, as RFC 9110 has it, because a
    proxy may have added or taken away the mark of weakness."""
    given = header(request.scope, b"if-none-match") or ""
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags


def cursor_of(given: str | None) -> int | None:
    """Where a page of a list begins; None for the first page.

    Raises:
        BadRequest: no list gave this cursor.
    """
    if given is None:
        return None
    if not given.isdecimal() or len(given) > 16:
        raise BadRequest("This cursor is not from a list. Leave it out to begin with the first page.")
    return int(given)
