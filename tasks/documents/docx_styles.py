"""What styles say: a paragraph's heading level, its numbering, whether it is a contents line; a run's letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.documents.docx_names import Element, is_on, number_of, value_of, w

_HEADING_NAME = re.compile(r"heading ?([1-9])", re.I)
_BODY_OUTLINE = 9
_SIZE_OF_WORD = 20
"""Half points that Word takes where a file says nothing."""
_MAX_INHERITANCE = 30
"""Styles may be based on each other in a circle in a damaged file."""


class Styles:
    """The paragraph styles of a document; built from ``styles.xml``, or from None without one."""

    def __init__(self, root: Element | None) -> None:
        styles = [] if root is None else root.findall(w("style"))
        self._by_id = {value_of(style, "styleId"): style for style in styles}
        self._usual_size = _usual_size(root, styles)

    def heading_level(self, paragraph: Element) -> int:
        """1 to 9 for a heading, 0 for anything else. A title counts as level 1."""
        own = number_of(paragraph.find(f"{w('pPr')}/{w('outlineLvl')}"))
        if own is not None:
            return own + 1 if 0 <= own < _BODY_OUTLINE else 0
        return next((level for style in self._chain(paragraph) if (level := _level_of(style)) is not None), 0)

    def numbering(self, paragraph: Element) -> tuple[int, int] | None:
        """``(numId, level)`` of a numbered or bulleted paragraph; 0 as numId turns an inherited one off."""
        sources = [paragraph, *self._chain(paragraph)]
        properties = [source.find(f"{w('pPr')}/{w('numPr')}") for source in sources]
        ids = [number_of(found.find(w("numId"))) for found in properties if found is not None]
        levels = [number_of(found.find(w("ilvl"))) for found in properties if found is not None]
        number = next((value for value in ids if value is not None), 0)
        level = next((value for value in levels if value is not None), 0)
        return (number, min(max(level, 0), 8)) if number else None

    def is_contents(self, paragraph: Element) -> bool:
        """Whether the paragraph is a line of a table of contents."""
        return any(_name_of(style).lower().startswith("toc ") for style in self._chain(paragraph))

    def is_bold(self, run: Element) -> bool:
        """Whether a run is set in bold, by itself or by its styles."""
        switches = (look.find(w("b")) for look in self._looks(run))
        return is_on(next((switch for switch in switches if switch is not None), None))

    def size_of(self, run: Element) -> int:
        """The height of a run's letters in half points."""
        sizes = (number_of(look.find(w("sz"))) for look in self._looks(run))
        return next((size for size in sizes if size is not None), self._usual_size)

    def _looks(self, run: Element) -> Iterator[Element]:
        """What is said of a run's letters, nearest first."""
        own = run.find(w("rPr"))
        if own is not None:
            yield own
        for style in (*self._chain(run, "r"), *self._chain(next(run.iterancestors(w("p"))))):
            look = style.find(w("rPr"))
            if look is not None:
                yield look

    def _chain(self, element: Element, kind: str = "p") -> Iterator[Element]:
        """The style of a paragraph (or run, ``r``) and those that it is based on, nearest first."""
        style_id = value_of(element.find(f"{w(f'{kind}Pr')}/{w(f'{kind}Style')}"))
        for _ in range(_MAX_INHERITANCE):
            style = self._by_id.get(style_id)
            if style is None:
                return
            yield style
            style_id = value_of(style.find(w("basedOn")))


def _usual_size(root: Element | None, styles: list[Element]) -> int:
    """The size of letters of which nothing is said."""
    normal = [style for style in styles if value_of(style, "type") == "paragraph" and value_of(style, "default") == "1"]
    places = [style.find(f"{w('rPr')}/{w('sz')}") for style in normal]
    if root is not None:
        places.append(root.find(f"{w('docDefaults')}/{w('rPrDefault')}/{w('rPr')}/{w('sz')}"))
    return next((size for place in places if (size := number_of(place)) is not None), _SIZE_OF_WORD)


def _name_of(style: Element) -> str:
    return value_of(style.find(w("name"))) or ""


def _level_of(style: Element) -> int | None:
    """What this one style says; None leaves the word to the style it is based on."""
    outline = number_of(style.find(f"{w('pPr')}/{w('outlineLvl')}"))
    if outline is not None:
        return outline + 1 if 0 <= outline < _BODY_OUTLINE else 0
    name = _name_of(style)
    heading = _HEADING_NAME.fullmatch(name)
    if heading:
        return int(heading[1])
    return 1 if name.lower() == "title" else None
