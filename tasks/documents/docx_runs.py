"""Cut runs, so that a comment's range can begin and end inside of what was one run.

A comment covers whole runs. A cut divides a run, and if need be the text node in it, into two that look
the same: the second gets a copy of the first one's properties. Nothing is joined and nothing removed.
"""

from __future__ import annotations

from bisect import bisect_right
from copy import deepcopy
from typing import Final

from tasks.documents.docx_names import Element, w

_TEXT: Final = w("t")
_PROPERTIES: Final = w("rPr")
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"


class RunCuts:
    """The cuts made in one document. Offsets count code points of a node as it was before any cut."""

    def __init__(self) -> None:
        self._pieces: dict[Element, list[tuple[int, Element]]] = {}

    def run_from(self, node: Element, offset: int) -> Element:
        """A run that begins with what stands at ``offset`` of ``node``."""
        piece = self._piece_from(node, offset) if node.tag == _TEXT else node
        return _run_beginning_with(piece)

    def run_until(self, node: Element, offset: int) -> Element:
        """A run that ends right before ``offset`` of ``node``; a tab or a note's mark is never divided."""
        piece = self._piece_until(node, offset) if node.tag == _TEXT else node
        following = piece.getnext()
        if following is not None:
            _run_beginning_with(following)
        return piece.getparent()

    def _piece_from(self, node: Element, offset: int) -> Element:
        pieces = self._pieces.setdefault(node, [(0, node)])
        place = bisect_right(pieces, offset, key=lambda piece: piece[0])
        start, piece = pieces[place - 1]
        if start == offset:
            return piece
        rest = _cut_text(piece, offset - start)
        pieces.insert(place, (offset, rest))
        return rest

    def _piece_until(self, node: Element, offset: int) -> Element:
        pieces = self._pieces.setdefault(node, [(0, node)])
        start, last = pieces[-1]
        if offset < start + len(last.text or ""):
            self._piece_from(node, offset)
        return next(piece for start, piece in reversed(pieces) if start < offset)


def _cut_text(node: Element, offset: int) -> Element:
    """Divide a text node; the answer is its second part, a sibling of the first."""
    text = node.text or ""
    rest = node.makeelement(node.tag, dict(node.attrib))
    node.text, rest.text = text[:offset], text[offset:]
    # Without this, Word drops the white space at a text node's ends.
    for part, edge in ((node, text[offset - 1]), (rest, text[offset])):
        if edge.isspace():
            part.set(_SPACE, "preserve")
    node.addnext(rest)
    return rest


def _run_beginning_with(child: Element) -> Element:
    """The run of ``child``, cut before it unless it is the run's first content."""
    run = child.getparent()
    if all(earlier.tag == _PROPERTIES for earlier in child.itersiblings(preceding=True)):
        return run
    rest = run.makeelement(run.tag, dict(run.attrib))
    properties = run.find(_PROPERTIES)
    following = [child, *child.itersiblings()]
    rest.extend([*([] if properties is None else [deepcopy(properties)]), *following])
    run.addnext(rest)
    return rest
