"""What routes answer with."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from quart import Response

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer that can be kept and given again: status, JSON body, where to look next."""

    status: int
    body: str
    location: str | None = None

    def as_text(self) -> str:
        """For keeping in the store."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Answer:
        """From what `as_text` gave."""
        return cls(**json.loads(text))

    def response(self) -> Response:
        """As it is sent."""
        response = Response(self.body, self.status, content_type=JSON)
        if self.location is not None:
            response.headers["Location"] = self.location
        return response


def json_response(body: Any, status: int = 200, **headers: str) -> Response:
    """A JSON answer; ``headers`` are spelled with underscores."""
    response = Response(json.dumps(body, ensure_ascii=False), status, content_type=JSON)
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def no_content() -> Response:
    """Done, with nothing to say."""
    return Response(b"", 204)
