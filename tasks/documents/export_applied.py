"""The uploaded text with the accepted suggestions carried out, and nothing else changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tasks.contract.documents import Document
from tasks.documents.export_remarks import Applied, Remark
from tasks.documents.text_source import TextSource, read_source


@dataclass(frozen=True)
class _Edit:
    """``text`` instead of code points ``start`` to ``end`` (exclusive)."""

    start: int
    end: int
    text: str


def apply_accepted(data: bytes, document: Document, remarks: Sequence[Remark]) -> Applied:
    """Carry out the suggestions of the accepted findings in the file ``data``, which is md or txt.

    Raises:
        UnreadableDocument: the file is not the one that was uploaded.
    """
    source = read_source(data, document)
    wanted = [remark for remark in remarks if _is_wanted(remark)]
    edits = list(_without_overlaps(sorted(_edits(source, wanted), key=lambda edit: (edit.start, edit.end))))
    text = "".join(_pieces(source.text, edits))
    # Lines end as they did: a whole file that differs would hide what was changed.
    ended = text.replace("\n", "\r\n") if b"\r\n" in data.replace(b"\0", b"") else text
    return Applied(ended.encode("utf-8", "replace"), len(edits), len(wanted) - len(edits))


def _is_wanted(remark: Remark) -> bool:
    finding = remark.finding
    return finding.status == "accepted" and finding.suggestion.kind != "none"


def _edits(source: TextSource, wanted: Sequence[Remark]) -> Iterator[_Edit]:
    for remark in wanted:
        place = source.place_of(remark.finding)
        if place is not None:
            yield _edit(source.text, *place, remark)


def _edit(text: str, start: int, end: int, remark: Remark) -> _Edit:
    """The suggestion as an edit; no two blanks stay where words are deleted, nor do added words stick."""
    suggestion = remark.finding.suggestion
    if suggestion.kind == "insert":
        glued = end > 0 and not text[end - 1].isspace() and suggestion.text[:1].isalnum()
        return _Edit(end, end, f" {suggestion.text}" if glued else suggestion.text)
    if suggestion.kind == "delete" or not suggestion.text:
        doubled = text[max(start - 1, 0) : start] in {"", " ", "\n"} and text[end : end + 1] == " "
        return _Edit(start, end + 1 if doubled else end, "")
    return _Edit(start, end, suggestion.text)


def _without_overlaps(edits: Sequence[_Edit]) -> Iterator[_Edit]:
    """Of edits of the same words the first: two answers to one question cannot both be written."""
    done = 0
    for edit in edits:
        if edit.start >= done:
            yield edit
            done = edit.end


def _pieces(text: str, edits: Sequence[_Edit]) -> Iterator[str]:
    done = 0
    for edit in edits:
        yield text[done : edit.start]
        yield edit.text
        done = edit.end
    yield text[done:]
