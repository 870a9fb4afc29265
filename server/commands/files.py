"""Files named on the command line."""

from __future__ import annotations

from pathlib import Path

from server.review.client import ReviewFailed


def content_of(path: Path) -> bytes:
    """A file's bytes.

    Raises:
        ReviewFailed: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReviewFailed(f"{path} cannot be read: {error.strerror}") from None
