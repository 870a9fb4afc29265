"""The shape of what may be asked of an export."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, Field

from tasks.documents.export_remarks import ExportFormat, Selection

DOCX_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXPORT_TYPES: Final = (DOCX_TYPE, "text/markdown", "text/plain", "application/json", "text/csv")


class ExportQuery(BaseModel):
    """In which form, and which findings."""

    format: Annotated[
        ExportFormat | None,
        Field(description="docx only for an uploaded docx. Left out: docx for an uploaded docx, else md"),
    ] = None
    status: Annotated[
        Selection,
        Field(
            description="accepted: only findings that were accepted. all: every finding shown; of these the rejected"
            " ones are left out of docx and md, and marked by their status in json and csv"
        ),
    ] = "all"
    applied: Annotated[
        bool,
        Field(
            description="For an uploaded md or txt, with format md or none: the uploaded text itself with the"
            " suggestions of accepted findings carried out, and no notes. The headers Galley-Applied and"
            " Galley-Left-Out count those carried out, and those that could not be because another one had"
            " changed the same words"
        ),
    ] = False
