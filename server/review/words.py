"""Text of a document on its way to a terminal."""

from __future__ import annotations


def one_line(text: str) -> str:
    """Without line breaks and control characters: a document's text must not steer a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
