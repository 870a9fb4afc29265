"""The parts of a Word file as XML, after every check that must come before parsing."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Any

from lxml import etree

from tasks.documents.docx_names import REL, STRICT_MAIN, local_name, w
from tasks.documents.docx_strict import as_usual
from tasks.documents.refusal import Refused
from tasks.documents.zip_guard import unpack

MAX_XML_BYTES = 48 * 1024**2
"""Of one part. As a tree it takes up to ten times that, and the process has 1 GiB."""

_BROKEN = "The Word file is damaged. Open it in Word, save it again and upload that."
_MACROS = "The Word file holds macros. Save it as Word document (.docx) without macros and upload that."
_STRICT = (
    "The file is a Strict Open XML document in an unusual encoding. Save it in Word as ordinary Word document (.docx)."
)
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")


@dataclass(frozen=True)
class Package:
    """A checked Word file. ``main`` is the path of its main part. The parts of a ``strict`` one are given as the
    usual kind has them."""

    parts: dict[str, bytes]
    main: str
    strict: bool = False

    def xml(self, path: str) -> Any | None:
        """The root element of a part, or None when there is no such part.

        Raises:
            Refused: not well-formed XML.
        """
        return _parse_xml(self.parts[path]) if path in self.parts else None

    def related(self, kind: str) -> Any | None:
        """The root of the part that the main part names as its ``styles``, ``numbering``, ``footnotes`` …"""
        for path in _targets(self.parts, self.main, kind):
            return self.xml(path)
        return None

    def path_of(self, kind: str) -> str | None:
        """Where the main part says that its part of that kind is, there or not; None: it names none."""
        return next(iter(_targets(self.parts, self.main, kind)), None)

    @property
    def relationships_path(self) -> str:
        """Where the main part's relationships are written, there or not."""
        return _relationships_path(self.main)

    def has_external_parts(self) -> bool:
        """Whether anything but a hyperlink lives outside the file (pictures, templates, frames)."""
        return any(
            link.get("TargetMode") == "External" and not link.get("Type", "").endswith("/hyperlink")
            for path in self.parts
            if path.endswith(".rels")
            for link in _relationships(self.parts, path)
        )


def open_package(data: bytes) -> Package:
    """Unpack and check a Word file.

    Raises:
        Refused: damaged, macros, document type declarations, bombs, no Word document at all.
    """
    parts = unpack(data, (".xml", ".rels"))
    _check_macros(parts)
    for content in parts.values():
        _check_xml(content)
    package = Package(parts, _main_part(parts))
    if _root_name(package) == f"{{{STRICT_MAIN}}}document":
        package = Package({path: as_usual(content) for path, content in parts.items()}, package.main, strict=True)
    _check_root(_root_name(package))
    return package


def _root_name(package: Package) -> str:
    root = package.xml(package.main)
    assert root is not None
    return str(root.tag)


def _check_macros(parts: dict[str, bytes]) -> None:
    types = parts.get("[Content_Types].xml", b"").lower()
    if any(name.lower().endswith("vbaproject.bin") for name in parts) or b"macroenabled" in types:
        raise Refused(_MACROS, reason="hostile")


def _check_xml(content: bytes) -> None:
    if len(content) > MAX_XML_BYTES:
        limit = MAX_XML_BYTES >> 20
        raise Refused(f"The document's text takes over {limit} MB unpacked. Split it into parts.", kind="too_large")
    # UTF-16 hides the words behind zero bytes; entities expand before any later check could see them.
    plain = content.replace(b"\0", b"").upper() if b"\0" in content else content.upper()
    if any(word in plain for word in _DECLARATIONS):
        raise Refused(
            "The file declares XML entities, which no Word document does. Save it again in Word.", reason="hostile"
        )


def _parse_xml(content: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(_BROKEN) from error
    # Encodings exist in which the declaration passes the search for its letters.
    if root.getroottree().docinfo.doctype:
        raise Refused(_BROKEN, reason="hostile")
    return root


def _main_part(parts: dict[str, bytes]) -> str:
    for path in _targets(parts, "", "officeDocument"):
        if path in parts:
            return path
    if "word/document.xml" in parts:
        return "word/document.xml"
    raise Refused("The file is a zip archive but no Word document. Choose a docx file.", kind="unsupported")


def _check_root(name: str) -> None:
    if name == f"{{{STRICT_MAIN}}}document":
        raise Refused(_STRICT, kind="unsupported")
    if name != w("document"):
        raise Refused("The file is an Office file but no Word document. Choose a docx file.", kind="unsupported")


def _targets(parts: dict[str, bytes], source: str, kind: str) -> list[str]:
    """Paths of the parts inside the file that ``source`` relates to as ``kind``."""
    folder = posixpath.dirname(source)
    return [
        posixpath.normpath(posixpath.join("/" + folder, link.get("Target", ""))).lstrip("/")
        for link in _relationships(parts, _relationships_path(source))
        if link.get("Type", "").endswith(f"/{kind}") and link.get("TargetMode") != "External"
    ]


def _relationships_path(source: str) -> str:
    folder, name = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relationships(parts: dict[str, bytes], path: str) -> list[Any]:
    if path not in parts:
        return []
    return [link for link in _parse_xml(parts[path]) if local_name(link) == "Relationship" and link.tag.startswith(REL)]
