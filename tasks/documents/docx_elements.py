"""Ways through WordprocessingML: what wraps content, and which of two versions is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tasks.documents.docx_names import MC, Element, is_on, local_name, value_of, w

ALTERNATIVES: Final = f"{MC}AlternateContent"
CONTROL: Final = w("sdt")
_RUN_PROPERTIES = w("rPr")


def shown(element: Element) -> Element:
    """Of content in two versions the one that modern Word shows; of a content control its content."""
    if element.tag == ALTERNATIVES:
        versions = (element.find(f"{MC}Choice"), element.find(f"{MC}Fallback"))
        return next((version for version in versions if version is not None), ())
    if element.tag == CONTROL:
        content = element.find(w("sdtContent"))
        return () if content is None else content
    return element


def parts_within(element: Element, tag: str) -> Iterator[Element]:
    """Rows of a table or cells of a row, also those wrapped in content controls or insertions."""
    for child in shown(element):
        if child.tag == tag:
            yield child
        elif local_name(child) in {"sdt", "ins", "customXml", "moveTo"}:
            yield from parts_within(child, tag)


def text_boxes(holder: Element) -> Iterator[Element]:
    """The text boxes of a drawing, each once although Word writes it in two versions."""
    if holder.tag == w("txbxContent"):
        yield holder
        return
    for child in shown(holder):
        yield from text_boxes(child)


def has_switch(run: Element | None, switch: str) -> bool:
    """Whether a run's own properties turn a switch such as ``w:b`` on."""
    properties = None if run is None else run.find(_RUN_PROPERTIES)
    return properties is not None and is_on(properties.find(w(switch)))


def is_contents_control(control: Element) -> bool:
    gallery = control.find(f"{w('sdtPr')}/{w('docPartObj')}/{w('docPartGallery')}")
    return value_of(gallery) == "Table of Contents"


def ended_fields(story: Element) -> set[Element]:
    """The marks that begin a field which something ends. Marks can be lost where text was pasted."""
    opened: list[Element] = []
    ended: set[Element] = set()
    for mark in story.iter(w("fldChar")):
        kind = value_of(mark, "fldCharType")
        if kind == "begin":
            opened.append(mark)
        elif kind == "end" and opened:
            ended.add(opened.pop())
    return ended
