"""One case from its number: which file, what damage, and what must hold whatever is read from it.

``python -m tests.fuzzing.case NUMBER`` does one again, and says what was read.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tasks.contract.documents import Document, Section
from tasks.contract.errors import UnreadableDocument, UnsupportedFormat
from tasks.contract.findings import Anchor, Suggestion
from tasks.documents.child import MAX_SECTIONS, load_parser, parse
from tasks.documents.draft import Draft
from tasks.documents.export_applied import apply_accepted
from tasks.documents.export_docx import export_docx
from tasks.documents.export_markdown import export_markdown
from tasks.documents.export_markdown_source import export_markdown_source
from tasks.documents.export_remarks import Remark
from tasks.documents.kinds import check_content
from tasks.documents.refusal import Refused
from tasks.documents.text_source import read_source
from tests.corpus.commented import AT, comments_of, finding_at
from tests.corpus.shelf import READABLE
from tests.corpus.specimen import Specimen
from tests.fuzzing.chance import Chance
from tests.fuzzing.pdf import damage_pdf
from tests.fuzzing.text import damage_text
from tests.fuzzing.word import damage_word

SMALL: Final = [specimen for specimen in READABLE if not specimen.name.startswith("three hundred")]
_DAMAGE: Final[dict[str, Callable[[bytes, bytes, Chance], bytes]]] = {
    **{"docx": damage_word, "pdf": damage_pdf},
    **{"md": damage_text, "txt": damage_text},
}
_FORMAT_ODDS: Final = ("docx", "docx", "docx", "pdf", "md", "txt")


@dataclass(frozen=True)
class Case:
    """A damaged file."""

    number: int
    specimen: Specimen
    data: bytes


def case_of(number: int) -> Case:
    """The case with this number, always the same."""
    chance = Chance(number)
    fmt = chance.one_of(_FORMAT_ODDS)
    alike = [specimen for specimen in SMALL if specimen.format == fmt]
    specimen, other = chance.one_of(alike), chance.one_of(alike)
    return Case(number, specimen, _DAMAGE[fmt](_made(specimen.name), _made(other.name), chance))


@functools.cache
def _made(name: str) -> bytes:
    return next(specimen.make() for specimen in SMALL if specimen.name == name)


def check(case: Case) -> str:
    """Read the file, and write what was read: in one word what came of it.

    Raises:
        Exception: whatever is not a refusal in order; that is what is looked for.
    """
    try:
        check_content(case.data, case.specimen.format)  # type: ignore[arg-type]  # one of the four
        drafts, _ = parse(case.data, load_parser(case.specimen.format))
    except (Refused, UnsupportedFormat):
        return "refused"
    _check_drafts(drafts)
    document = _document(case, drafts)
    remarks = _remarks(document, Chance(case.number))
    export_markdown(document, remarks).decode()
    _OF_FORMAT.get(case.specimen.format, lambda *_: None)(case.data, document, remarks)
    return "read"


def _check_drafts(drafts: list[Draft]) -> None:
    assert 0 < len(drafts) <= MAX_SECTIONS
    for draft in drafts:
        assert draft.title.strip() == draft.title != ""
        assert 0 <= draft.level <= 9
        f"{draft.title}{draft.text}".encode()
        assert "\0" not in draft.text


def _document(case: Case, drafts: list[Draft]) -> Document:
    sections = tuple(
        Section(section_id=f"s{n}", title=d.title, level=d.level, text=d.text) for n, d in enumerate(drafts, 1)
    )
    fields = {"document_id": "d", "owner": "o", "name": case.specimen.name, "format": case.specimen.format}
    return Document.model_validate({**fields, "sections": sections})


def _remarks(document: Document, chance: Chance) -> list[Remark]:
    """Three findings on whatever there is, with accepted suggestions."""
    remarks = []
    for _ in range(3):
        section = chance.one_of(document.sections)
        start = chance.randrange(len(section.text) or 1)
        quote = section.text[start : start + chance.randint(1, 30)]
        anchor = Anchor(exact=quote, start=start, end=start + len(quote)) if quote else None
        decided = {"status": "accepted", "suggestion": Suggestion(kind="replace", text="other")}
        remarks.append(Remark(finding_at(section.section_id, anchor, **decided), AT))
    return remarks


def _check_word(data: bytes, document: Document, remarks: list[Remark]) -> None:
    parser = load_parser("docx")
    try:
        written = export_docx(data, document, remarks)
    except UnreadableDocument:  # parts are looked at that a reader does not need
        return
    assert parser(written) == parser(data)
    assert len(comments_of(written)) == len(comments_of(data)) + len(remarks)


def _check_text(data: bytes, document: Document, remarks: list[Remark]) -> None:
    source = read_source(data, document)
    for section in document.sections:
        start = source.starts[section.section_id]
        assert source.text[start : start + len(section.text)] == section.text
    made = apply_accepted(data, document, remarks)
    assert made.applied + made.left_out == len(remarks)
    if document.format == "md":
        export_markdown_source(data, document, remarks).decode()


_OF_FORMAT: Final[dict[str, Callable[[bytes, Document, list[Remark]], None]]] = {
    **{"docx": _check_word, "md": _check_text, "txt": _check_text},
}


def main() -> None:
    """Do one case again."""
    case = case_of(int(sys.argv[1]))
    sys.stderr.write(f"{case.specimen.name}, {len(case.data)} bytes\n")
    sys.stderr.write(f"{check(case)}\n")


if __name__ == "__main__":
    main()
