"""Headings that skip a level."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tasks.engines.rules.rule import Subject, Violation

_MARKDOWN_HEADING: Final = re.compile(r"^(#{1,6})\s+\S.*$", re.MULTILINE)


def check_headings(subject: Subject) -> Iterator[Violation]:
    """The section's own heading, and headings written inside its text, that go down more than one level."""
    above = next((s.level for s in reversed(subject.earlier) if s.level > 0), 0)
    level = subject.section.level
    if above and level > above + 1:
        yield _jump(None, above, level)
    last = level or above
    for match in _MARKDOWN_HEADING.finditer(subject.text):
        level = len(match[1])
        if last and level > last + 1:
            yield _jump(match.span(), last, level)
        last = level


def _jump(span: tuple[int, int] | None, above: int, level: int) -> Violation:
    return Violation(
        "heading-jump",
        span,
        "structure",
        "minor",
        f"The heading goes from level {above} to level {level}; level {above + 1} is missing.",
        "Outlines and screen readers rely on unbroken levels.",
        0.9,
    )
