"""A refusal, in plain data: what the child process tells its parent.

The child does not import the contract's errors, because Pydantic would double its start-up time. The
parent turns a refusal into the error of the contract in one place (`reader`).
"""

from __future__ import annotations

from typing import Literal

RefusalKind = Literal["unreadable", "unsupported", "too_large"]
Reason = Literal["encrypted", "scanned", "broken", "hostile", "empty", "encoding"]


class Refused(Exception):
    """A file that will not be read. ``detail`` is a sentence for a person that names the next step."""

    def __init__(self, detail: str, *, reason: Reason = "broken", kind: RefusalKind = "unreadable") -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = reason
        self.kind = kind
