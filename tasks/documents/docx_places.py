"""Where in a Word file a finding's comment stands: from offsets in a section to runs of the main story.

Word takes comments in the main story only. What is said of a note or a text box is therefore put on the
run that refers to it, and the comment says where it belongs. A range may begin or end inside of a link, a tracked
insertion or a content control, but not inside of what Word writes anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tasks.documents.docx_fields import WrittenAnew
from tasks.documents.docx_names import Element, w
from tasks.documents.docx_reader import MappedSection, Span
from tasks.documents.docx_runs import RunCuts

_RUN: Final = w("r")
_PARAGRAPH: Final = w("p")
_BOX: Final = w("txbxContent")


@dataclass(frozen=True)
class Place:
    """``first`` to ``last``, runs or what wraps them, are what a comment covers.

    ``exact`` tells whether they hold nothing but the quote. ``aside`` names the part of the document
    that the quote is in when it is not the main story, and is empty otherwise.
    """

    first: Element
    last: Element
    exact: bool = False
    aside: str = ""


class Places:
    """Finds places in one main story, and cuts its runs where quotes begin and end."""

    def __init__(self, story: Element) -> None:
        self._cuts = RunCuts()
        self._written_anew = WrittenAnew(story)

    def of_quote(self, section: MappedSection, start: int, end: int) -> Place | None:
        """The place of code points ``start`` to ``end`` (exclusive) of the section; None: nothing to hold on to.

        A quote of generated characters alone, such as a list marker, is put on the text nearest to it.
        """
        covered = [span for span in section.spans if span.start < end and span.end > start]
        own = [span for span in covered if _aside_of(span) == ""]
        if own:
            return self._cut_out(own, covered, start, end)
        if covered:
            return self._around([covered[0].run], _asides(covered))
        nearest = min(section.spans, key=lambda span: max(span.start - end, start - span.end), default=None)
        return None if nearest is None else self._around([nearest.run], _aside_of(nearest))

    def of_heading(self, section: MappedSection) -> Place | None:
        """The section's heading, without one its first paragraph; None: there is neither, but only formulas."""
        runs = list(section.heading) or _first_paragraph(section.spans)
        return self._around(runs, "") if runs else None

    def _cut_out(self, own: Sequence[Span], covered: Sequence[Span], start: int, end: int) -> Place:
        head, tail = (self._written_anew.around(span.run) for span in (own[0], own[-1]))
        first = head[0] if head else self._cuts.run_from(*_at(own[0], max(start, own[0].start)))
        last = tail[1] if tail else self._cuts.run_until(*_at(own[-1], min(end, own[-1].end)))
        exact = not head and not tail and len(own) == len(covered)
        return Place(first, last, exact=exact, aside=_asides(covered))

    def _around(self, runs: Sequence[Element], aside: str) -> Place | None:
        """From the first to the last of the runs, all in reading order; whole, as no cut is made."""
        first, last = _main_run(runs[0]), _main_run(runs[-1])
        if first is None or last is None:
            return None
        head, tail = self._written_anew.around(first), self._written_anew.around(last)
        return Place(head[0] if head else first, tail[1] if tail else last, aside=aside)


def _first_paragraph(spans: Sequence[Span]) -> list[Element]:
    runs = [run for run in (_main_run(span.run) for span in spans) if run is not None]
    return [run for run in runs if _paragraph_of(run) is _paragraph_of(runs[0])]


def _at(span: Span, offset: int) -> tuple[Element, int]:
    """An offset of the section as a node and an offset in it."""
    return span.node, offset - span.start + span.skipped


def _asides(spans: Sequence[Span]) -> str:
    return next((aside for aside in map(_aside_of, spans) if aside), "")


def _aside_of(span: Span) -> str:
    """What the span's text is in, if not in the main story."""
    if span.node is None:
        return "note"
    return "text box" if _boxes(span.run) else ""


def _boxes(run: Element) -> list[Element]:
    """The text boxes that the run is in, the innermost first."""
    return list(run.iterancestors(_BOX))


def _main_run(run: Element) -> Element | None:
    """The run of the main story that the run is, or whose text box it is in; None: the box hangs on nothing, as
    in a damaged file."""
    boxes = _boxes(run)
    return next(boxes[-1].iterancestors(_RUN), None) if boxes else run


def _paragraph_of(run: Element) -> Element:
    return next(run.iterancestors(_PARAGRAPH))
