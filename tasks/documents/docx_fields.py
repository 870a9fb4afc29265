"""Content that Word writes anew by itself: results of fields, and controls that are filled from elsewhere.

A mark inside of it goes when Word updates it, and LibreOffice loses the words of a comment that ends there. So
a comment on a part of it covers all of it. Links, which are fields too in files of some programs, are no such
content: nothing updates them.
"""

from __future__ import annotations

from typing import Final

from tasks.documents.docx_elements import CONTROL
from tasks.documents.docx_names import W14, Element, value_of, w

_MARK: Final = w("fldChar")
_CODE: Final = w("instrText")
_RUN: Final = w("r")
_SIMPLE: Final = w("fldSimple")
_FILLED: Final = {*map(w, ("dataBinding", "dropDownList", "comboBox", "date")), f"{W14}checkbox"}

Ends = tuple[Element, Element]
"""The first and the last element of such content, siblings of runs."""


class WrittenAnew:
    """Finds such content in one story; built before anything is cut in it."""

    def __init__(self, story: Element) -> None:
        self._around = dict(_complex_fields(story))

    def around(self, run: Element) -> Ends | None:
        """The whole of the content that the run is in, the outermost if it is in several; None: in none."""
        field = self._around.get(run)
        holders = [holder for holder in run.iterancestors(_SIMPLE, CONTROL) if _is_written_anew(holder)]
        if not holders:
            return field
        outermost = holders[-1]
        inside = field is None or outermost in field[0].iterancestors()
        return (outermost, outermost) if inside else field


def _is_written_anew(holder: Element) -> bool:
    """A field, or a control in a line (not one around paragraphs) that is filled from elsewhere or by choice."""
    if holder.tag == _SIMPLE:
        return True
    properties = holder.find(w("sdtPr"))
    filled = properties is not None and any(found.tag in _FILLED for found in properties)
    return filled and next(holder.iter(w("p")), None) is None


def _complex_fields(story: Element) -> list[tuple[Element, Ends]]:
    """Each run in a field with the first and last run of that field; of fields in fields the outer one comes last."""
    found: list[tuple[Element, Ends]] = []
    opened: list[_Open] = []
    for element in story.iter(_RUN, _MARK, _CODE):
        if element.tag == _RUN:
            for field in opened:
                field.runs.append(element)
        elif element.getparent().tag != _RUN:
            continue  # of a damaged file: a comment's mark would go beside what is no run, or beside the root
        elif element.tag == _CODE and opened:
            opened[-1].code += element.text or ""
        elif value_of(element, "fldCharType") == "begin":
            opened.append(_Open(element.getparent()))
        elif value_of(element, "fldCharType") == "end" and opened:
            found += opened.pop().closed(element.getparent())
    return found


class _Open:
    """A field whose end has not come yet."""

    def __init__(self, first: Element) -> None:
        self.runs: list[Element] = [first]
        self.code = ""

    def closed(self, last: Element) -> list[tuple[Element, Ends]]:
        """Its runs with its ends; none for a link."""
        if self.code.split()[:1] == ["HYPERLINK"]:
            return []
        return [(run, (self.runs[0], last)) for run in self.runs]
