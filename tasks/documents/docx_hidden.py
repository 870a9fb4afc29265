"""Text of a Word file that its readers do not see: such text may be there for machines only.

Looked for in a run's own properties and its character style. White letters are left alone wherever
something dark may lie behind them: shading, a table with a style, a text box, a page with a background.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, groupby, islice

from tasks.contract.documents import HiddenKind
from tasks.documents.docx_elements import has_switch
from tasks.documents.docx_names import Element, local_name, number_of, value_of, w
from tasks.documents.docx_package import Package
from tasks.documents.draft import Hidden

TINY_HALF_POINTS = 4
"""Two points and less: nobody reads that."""
MAX_HIDDEN = 200
MAX_HIDDEN_CHARS = 1_000
"""Of each; what is longer is told by its beginning."""
_WHITE = 0xF0
"""Each of red, green and blue is at least this."""
_PAPER = {None, "auto", "clear", "FFFFFF", "ffffff"}
_PROPERTIES = "docProps/core.xml"


def find_hidden(main: Element, package: Package) -> tuple[Hidden, ...]:
    """All of it, in the order of the document; comments, pictures and properties last."""
    styles = package.related("styles")
    looks = {} if styles is None else {value_of(s, "styleId"): s.find(w("rPr")) for s in styles.findall(w("style"))}
    # One after the other and no more than are kept: each hidden paragraph looks back for one that is seen.
    found = chain(_runs(main, looks), _comments(main, package), _pictures(main), _properties(package))
    return tuple(islice((h for h in found if h.text.strip()), MAX_HIDDEN))


def _runs(main: Element, looks: dict[str | None, Element]) -> Iterator[Hidden]:
    on_paper = main.find(w("background")) is None
    hidden = ((run, _hiding_of(run, looks, on_paper=on_paper)) for run in main.iter(w("r")))
    placed = ((next(run.iterancestors(w("p")), None), kind, run) for run, kind in hidden if kind is not None)
    for (paragraph, kind), runs in groupby(placed, key=lambda each: (each[0], each[1])):
        text = "".join(_text_of(run) for _, _, run in runs)
        yield _hidden(kind, text, "" if kind in ("white", "tiny") else _seen_of(paragraph, looks))


def _hiding_of(run: Element, looks: dict[str | None, Element], *, on_paper: bool) -> HiddenKind | None:
    own = run.find(w("rPr"))
    if own is None:
        return None
    if has_switch(run, "vanish"):
        return "vanished"
    style = looks.get(value_of(own.find(w("rStyle"))))
    size, colour = (_said(own, style, name) for name in ("sz", "color"))
    if size is not None and (half_points := number_of(size)) is not None and 0 < half_points <= TINY_HALF_POINTS:
        return "tiny"
    if on_paper and _is_white(value_of(colour)) and not _may_be_dark(run, own):
        return "white"
    return None


def _said(own: Element, style: Element | None, name: str) -> Element | None:
    found = own.find(w(name))
    return found if found is not None or style is None else style.find(w(name))


def _is_white(colour: str | None) -> bool:
    try:
        channels = bytes.fromhex(colour or "")
    except ValueError:
        return False
    return len(channels) == 3 and min(channels) >= _WHITE


def _may_be_dark(run: Element, own: Element) -> bool:
    if value_of(own.find(w("highlight"))) not in (None, "none", "white") or _is_shaded(own):
        return True
    for around in run.iterancestors():
        name = local_name(around)
        if name == "txbxContent" or (name in ("p", "tc", "tbl") and _is_shaded(around.find(w(f"{name}Pr")))):
            return True
        if name == "tbl" and around.find(f"{w('tblPr')}/{w('tblStyle')}") is not None:
            return True
    return False


def _is_shaded(properties: Element | None) -> bool:
    shading = None if properties is None else properties.find(w("shd"))
    return shading is not None and value_of(shading, "fill") not in _PAPER


def _text_of(element: Element) -> str:
    return "".join(text.text or "" for text in element.iter(w("t")))


def _seen_of(paragraph: Element | None, looks: dict[str | None, Element]) -> str:
    """What can be seen of a paragraph, or of the nearest one before it that shows something."""
    while paragraph is not None:
        runs = (run for run in paragraph.iter(w("r")) if not has_switch(run, "vanish"))
        if (text := "".join(map(_text_of, runs))).strip():
            return text
        paragraph = next(paragraph.itersiblings(w("p"), preceding=True), None)
    return ""


def _comments(main: Element, package: Package) -> Iterator[Hidden]:
    part = package.related("comments")
    texts = {} if part is None else {value_of(c, "id"): _text_of(c) for c in part.findall(w("comment"))}
    for mark in main.iter(w("commentReference")):
        paragraph = next(mark.iterancestors(w("p")), None)
        yield _hidden(
            "comment", texts.get(value_of(mark, "id"), ""), _text_of(paragraph) if paragraph is not None else ""
        )


def _pictures(main: Element) -> Iterator[Hidden]:
    """What is said of pictures for those who cannot see them."""
    for shape in main.iter("{*}docPr"):
        paragraph = next(shape.iterancestors(w("p")), None)
        said = " ".join(shape.get(name, "") for name in ("title", "descr"))
        yield _hidden("alt-text", said, _text_of(paragraph) if paragraph is not None else "")


def _properties(package: Package) -> Iterator[Hidden]:
    root = package.xml(_PROPERTIES)
    for element in () if root is None else root:
        yield _hidden("metadata", element.text or "", "")


def _hidden(kind: HiddenKind, text: str, near: str) -> Hidden:
    return Hidden(kind, text[:MAX_HIDDEN_CHARS], near)
