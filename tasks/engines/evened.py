"""A text evened out for comparing, with the way back to the code points it came from."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

_SAME: Final = {
    **dict.fromkeys("‘’‚‛′ʼ`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
}
_INVISIBLE: Final = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")


@dataclass(frozen=True, slots=True)
class EvenedText:
    """``text`` with compatibility forms, case, quotes, dashes and white space evened out.

    Character ``i`` of it stands for the source's code points ``starts[i]`` to ``ends[i]`` (exclusive).
    """

    text: str
    starts: list[int]
    ends: list[int]

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The source's code points behind a non-empty stretch of ``text``."""
        return self.starts[start], self.ends[end - 1]


def even_out(source: str) -> EvenedText:
    """The source, evened out. A character stays with its combining marks, so that a letter and its
    accent compare equal to the composed letter."""
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(source):
        for char in _evened_cluster(source[start:end]):
            if char == " " and (not out or out[-1] == " "):
                continue
            out.append(char)
            starts.append(start)
            ends.append(end)
    if out and out[-1] == " ":
        out.pop(), starts.pop(), ends.pop()
    return EvenedText("".join(out), starts, ends)


def _clusters(source: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for i, char in enumerate(source):
        if spans and not char.isascii() and unicodedata.combining(char):
            spans[-1] = (spans[-1][0], i + 1)
        else:
            spans.append((i, i + 1))
    return spans


def _evened_cluster(cluster: str) -> str:
    if cluster in _INVISIBLE:
        return ""
    same = _SAME.get(cluster)
    if same is not None:
        return same
    if cluster.isspace():
        return " "
    if cluster.isascii():
        return cluster.lower()
    return "".join(_SAME.get(c, " " if c.isspace() else c) for c in unicodedata.normalize("NFKC", cluster).casefold())
