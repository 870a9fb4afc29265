"""Names of WordprocessingML elements as lxml spells them."""

from __future__ import annotations

from typing import Any, Final

TRANSITIONAL_MAIN: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT_MAIN: Final = "http://purl.oclc.org/ooxml/wordprocessingml/main"
REL: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}"
MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
W14: Final = "{http://schemas.microsoft.com/office/word/2010/wordml}"
MATH: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"

Element = Any
"""An lxml element; lxml ships no types."""


def w(name: str) -> str:
    """The full name of ``w:name``."""
    return f"{{{TRANSITIONAL_MAIN}}}{name}"


def local_name(element: Element) -> str:
    """An element's name without its namespace; empty for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def value_of(element: Element | None, attribute: str = "val") -> str | None:
    """The ``w:val`` (or another ``w:`` attribute) of an element, or None."""
    return None if element is None else element.get(w(attribute))


def number_of(element: Element | None, attribute: str = "val") -> int | None:
    """The same as a whole number; None also when it is no number."""
    value = value_of(element, attribute)
    return int(value) if value is not None and value.lstrip("-").isdecimal() and len(value) < 12 else None


def is_on(element: Element | None) -> bool:
    """Whether a switch such as ``w:vanish`` is present and not turned off."""
    return element is not None and value_of(element) not in {"0", "false", "off"}
