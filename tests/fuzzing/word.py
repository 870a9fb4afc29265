"""Damage done to Word files: to their trees, to their parts, to their archives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

from lxml import etree

from tests.corpus.word import W
from tests.fuzzing.chance import NASTY_NUMBERS, NASTY_TEXTS, Chance

_NAMES: Final = (
    *(
        "p",
        "r",
        "t",
        "tbl",
        "tr",
        "tc",
        "sdt",
        "sdtContent",
        "hyperlink",
        "ins",
        "del",
        "moveTo",
        "moveFrom",
        "fldSimple",
    ),
    *(
        "fldChar",
        "instrText",
        "footnoteReference",
        "tab",
        "br",
        "sym",
        "ruby",
        "rubyBase",
        "txbxContent",
        "drawing",
        "pPr",
    ),
    *(
        "rPr",
        "numPr",
        "ilvl",
        "numId",
        "outlineLvl",
        "vanish",
        "commentRangeStart",
        "commentReference",
        "smartTag",
        "body",
    ),
)


def damage_word(data: bytes, other: bytes, chance: Chance) -> bytes:
    """The file with damage of some kind; pieces may come from the ``other`` one."""
    if chance.odds(0.1):
        return chance.damage(data)
    parts = _unpacked(data)
    for _ in chance.times(3):
        name = chance.one_of([name for name in parts if name.endswith((".xml", ".rels"))])
        # The main part is most of what there is to read.
        name = "word/document.xml" if chance.odds(0.6) and "word/document.xml" in parts else name
        parts[name] = _damage_part(parts[name], _unpacked(other), chance)
    if chance.odds(0.1):
        _damage_parts(parts, chance)
    return _packed(parts)


def _damage_part(content: bytes, others: dict[str, bytes], chance: Chance) -> bytes:
    if chance.odds(0.15):
        return chance.damage(content)
    try:
        root = etree.fromstring(content)
        donor = etree.fromstring(others.get("word/document.xml", content))
    except etree.XMLSyntaxError:
        return chance.damage(content)
    for _ in chance.times(6):
        chance.one_of(_DAMAGES)(root, donor, chance)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return written


def _any(root: Any, chance: Chance) -> Any:
    return chance.one_of(list(root.iter(etree.Element)))


def _remove(root: Any, _: Any, chance: Chance) -> None:
    element = _any(root, chance)
    if element is not root:
        element.getparent().remove(element)


def _double(root: Any, _: Any, chance: Chance) -> None:
    element = _any(root, chance)
    if element is not root:
        for _ in chance.times(5):
            element.addnext(deepcopy(element))


def _move(root: Any, _: Any, chance: Chance) -> None:
    element, target = _any(root, chance), _any(root, chance)
    if element is not root and element not in {target, *target.iterancestors()}:
        target.insert(chance.randint(0, len(target)), element)


def _graft(root: Any, donor: Any, chance: Chance) -> None:
    target = _any(root, chance)
    target.insert(chance.randint(0, len(target)), deepcopy(_any(donor, chance)))


def _rename(root: Any, _: Any, chance: Chance) -> None:
    element = _any(root, chance)
    if element is not root:
        element.tag = f"{{{W}}}{chance.one_of(_NAMES)}"


def _wrap(root: Any, _: Any, chance: Chance) -> None:
    element = _any(root, chance)
    if element is root:
        return
    for _ in range(chance.one_of((1, 2, 30))):
        holder = etree.Element(f"{{{W}}}{chance.one_of(_NAMES)}")
        element.addprevious(holder)
        holder.append(element)


def _attribute(root: Any, _: Any, chance: Chance) -> None:
    element = _any(root, chance)
    names = list(element.attrib) or [f"{{{W}}}val"]
    element.set(chance.one_of(names), _writable(chance.one_of((*NASTY_NUMBERS, *NASTY_TEXTS))))


def _text(root: Any, _: Any, chance: Chance) -> None:
    texts = list(root.iter(f"{{{W}}}t")) or [root]
    chance.one_of(texts).text = _writable(chance.one_of(NASTY_TEXTS))


def _stray(root: Any, _: Any, chance: Chance) -> None:
    """Text between elements, comments and instructions, where a reader expects elements only."""
    element = _any(root, chance)
    stray: Any = chance.one_of((etree.Comment("x"), etree.ProcessingInstruction("x", "y")))
    element.insert(chance.randint(0, len(element)), stray)
    stray.tail = "stray"


_DAMAGES: Final[tuple[Callable[[Any, Any, Chance], None], ...]] = (
    *(_remove, _double, _move, _graft, _rename, _wrap, _attribute, _text, _stray),
)


def _writable(text: str) -> str:
    """What XML can hold of a text."""
    return "".join(char for char in text if char in "\t\n\r" or char >= " ").replace("\ufffe", "")


def _damage_parts(parts: dict[str, bytes], chance: Chance) -> None:
    name = chance.one_of(list(parts))
    content = parts.pop(name)
    if chance.odds(0.5):
        parts[chance.one_of((f"{name}x", name.upper(), f"a/{name}", "word/styles.xml"))] = content


def _unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()
