"""Write parts into a copy of a Word file. Every other part stays byte for byte what it was."""

from __future__ import annotations

import io
import posixpath
import shutil
import zipfile
from itertools import count
from typing import Final

from lxml import etree

from tasks.documents.docx_names import REL, Element
from tasks.documents.docx_package import Package
from tasks.documents.refusal import Refused

CONTENT_TYPES: Final = "[Content_Types].xml"
COMMENTS_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
COMMENTS_KIND: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"

_TYPES: Final = "{http://schemas.openxmlformats.org/package/2006/content-types}"


def to_xml(root: Element) -> bytes:
    """A part's bytes, with what stands before its root element."""
    written: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
    return written


def announce_comments(package: Package) -> tuple[str, dict[str, bytes]]:
    """The path of the comments part, and the parts that must change so that the file names it.

    Raises:
        Refused: it names one that a reader of the export would not take for XML.
    """
    path = package.path_of("comments")
    changed = {}
    if path is None:
        path = _free_path(package)
        changed[package.relationships_path] = _with_relationship(package, path)
    elif not path.endswith(".xml"):
        raise Refused(
            "The Word file keeps its comments where Word does not. Open it in Word, save it again, upload that."
        )
    typed = _with_content_type(package, path)
    return path, changed | typed


def rewrite(data: bytes, parts: dict[str, bytes]) -> bytes:
    """The archive with these parts replaced or, those it does not have, added at its end."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        entries = source.infolist()
        for entry in entries:
            if entry.filename in parts:
                target.writestr(_like(entry), parts[entry.filename])
            else:
                _copy(source, entry, target)
        for name in parts.keys() - {entry.filename for entry in entries}:
            target.writestr(zipfile.ZipInfo(name), parts[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _copy(source: zipfile.ZipFile, entry: zipfile.ZipInfo, target: zipfile.ZipFile) -> None:
    """Piece by piece: a picture can be as large as everything else together."""
    with source.open(entry) as old, target.open(_like(entry), "w") as new:
        shutil.copyfileobj(old, new)


def _like(entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """A new entry of the same name, date and kind. The old one knows sizes that hold no more."""
    kept = zipfile.ZipInfo(entry.filename, entry.date_time)
    kept.compress_type, kept.external_attr = entry.compress_type, entry.external_attr
    return kept


def _free_path(package: Package) -> str:
    folder = posixpath.dirname(package.main)
    names = (posixpath.join(folder, f"comments{number or ''}.xml") for number in count())
    taken = {path.lower() for path in package.parts}
    return next(name for name in names if name not in taken)


def _with_relationship(package: Package, path: str) -> bytes:
    root = package.xml(package.relationships_path)
    if root is None:
        root = etree.Element(f"{REL}Relationships", nsmap={None: REL[1:-1]})
    taken = {link.get("Id") for link in root.iter(f"{REL}Relationship")}
    link_id = next(name for number in count(1) if (name := f"rId{number}") not in taken)
    # From the root of the package, so that it holds wherever the main part lies.
    etree.SubElement(root, f"{REL}Relationship", {"Id": link_id, "Type": COMMENTS_KIND, "Target": f"/{path}"})
    return to_xml(root)


def _with_content_type(package: Package, path: str) -> dict[str, bytes]:
    root = package.xml(CONTENT_TYPES)
    name = f"/{path}"
    if root is None or any(
        given.get("PartName", "").lower() == name.lower() for given in root.iter(f"{_TYPES}Override")
    ):
        return {}
    etree.SubElement(root, f"{_TYPES}Override", {"PartName": name, "ContentType": COMMENTS_TYPE})
    return {CONTENT_TYPES: to_xml(root)}
