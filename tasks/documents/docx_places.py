"""Where in a Word file a finding's comment stands: from offsets in a section to runs of the main story.

Word takes comments in the main story only. What is said of a note or a text box is therefore put on the
run that refers to it, and the comment says where it belongs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tasks.documents.docx_names import Element, w
from tasks.documents.docx_reader import MappedSection, Span
from tasks.documents.docx_runs import RunCuts

_RUN: Final = w("r")
_PARAGRAPH: Final = w("p")
_BOX: Final = w("txbxContent")


@dataclass(frozen=True)
class Place:
    """Children ``first`` to ``last`` of paragraphs are what a comment covers.

    ``exact`` tells whether they hold nothing but the quote. ``aside`` names the part of the document
    that the quote is in when it is not the main story, and is empty otherwise.
    """

    first: Element
    last: Element
    exact: bool = False
    aside: str = ""


def place_of_quote(section: MappedSection, start: int, end: int, cuts: RunCuts) -> Place | None:
    """The place of code points ``start`` to ``end`` (exclusive) of the section; None: nothing to hold on to.

    Runs are cut where the quote begins and ends. A quote of generated characters alone, such as a list
    marker, is put on the text nearest to it.
    """
    covered = [span for span in section.spans if span.start < end and span.end > start]
    own = [span for span in covered if _aside_of(span) == ""]
    if own:
        first = cuts.run_from(*_at(own[0], max(start, own[0].start)))
        last = cuts.run_until(*_at(own[-1], min(end, own[-1].end)))
        whole = _child_of_paragraph(first) is first and _child_of_paragraph(last) is last and own == covered
        return Place(_child_of_paragraph(first), _child_of_paragraph(last), exact=whole, aside=_asides(covered))
    if covered:
        return _around([covered[0].run], _asides(covered))
    nearest = min(section.spans, key=lambda span: max(span.start - end, start - span.end), default=None)
    return None if nearest is None else _around([nearest.run], _aside_of(nearest))


def place_of_heading(section: MappedSection) -> Place | None:
    """The section's heading, without one its first paragraph; None: there is neither, but only formulas."""
    runs = list(section.heading) or _first_paragraph(section.spans)
    return _around(runs, "") if runs else None


def _first_paragraph(spans: Sequence[Span]) -> list[Element]:
    runs = [_main_run(span.run) for span in spans]
    return [run for run in runs if _paragraph_of(run) is _paragraph_of(runs[0])]


def _around(runs: Sequence[Element], aside: str) -> Place:
    """From the first to the last of the runs, all in reading order; whole, as no cut is made."""
    ends = (_main_run(runs[0]), _main_run(runs[-1]))
    return Place(_child_of_paragraph(ends[0]), _child_of_paragraph(ends[1]), aside=aside)


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


def _main_run(run: Element) -> Element:
    """The run of the main story that the run is, or whose text box it is in."""
    boxes = _boxes(run)
    return next(boxes[-1].iterancestors(_RUN)) if boxes else run


def _paragraph_of(run: Element) -> Element:
    return next(run.iterancestors(_PARAGRAPH))


def _child_of_paragraph(run: Element) -> Element:
    """The run, or what wraps it: ranges that begin in a link or a tracked change are lost on some readers."""
    element = run
    while element.getparent().tag != _PARAGRAPH:
        element = element.getparent()
    return element
