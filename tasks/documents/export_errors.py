"""Why an export cannot be had. Each names in its data, as ``possible``, the formats that can."""

from __future__ import annotations

from tasks.contract.errors import GalleyError


class FormatNotOffered(GalleyError):
    """Word comments go only into a Word file, replacements only into text."""

    code, status, title = "format_not_offered", 422, "This document cannot be exported in this form"


class OriginalMissing(GalleyError):
    """The kept upload was removed from the disk by someone else than us."""

    code, status, title = "original_missing", 410, "The uploaded file is no longer there"
