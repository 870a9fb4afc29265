"""Strict Open XML, which is the usual kind with other namespaces, read and written as the usual kind.

Both kinds name the same elements; ISO/IEC 29500-1 and -4 differ in the address that a namespace, a relationship's
type or a drawing's kind begins with. The addresses are exchanged where attributes have them, before anything is
parsed, and back again in what is written, so that a strict file stays one. What the kinds say differently beyond
that (``start`` for ``left``, measures with units) nothing here reads.
"""

from __future__ import annotations

import re
from typing import Final

_STRICT: Final = re.compile(rb"(=\s*[\"'])http://purl\.oclc\.org/ooxml/(\w+)/")
_USUAL: Final = re.compile(rb"(=\s*[\"'])http://schemas\.openxmlformats\.org/(\w+)/2006/")
_SHARED: Final = frozenset((b"package", b"markup-compatibility"))
"""Families whose addresses are the same in both."""


def as_usual(content: bytes) -> bytes:
    """A part of a strict file as the usual kind has it."""
    return _STRICT.sub(rb"\1http://schemas.openxmlformats.org/\2/2006/", content)


def as_strict(content: bytes) -> bytes:
    """The other way round."""

    def strict(match: re.Match[bytes]) -> bytes:
        return match[0] if match[2] in _SHARED else match[1] + b"http://purl.oclc.org/ooxml/" + match[2] + b"/"

    return _USUAL.sub(strict, content)
