"""Exported Word files in LibreOffice: they open, look as the uploads do, and their comments are all there."""

from __future__ import annotations

import asyncio
import random
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium

from tasks.contract.findings import Anchor
from tasks.documents.docx_fields import WrittenAnew
from tasks.documents.docx_names import w
from tasks.documents.docx_package import open_package
from tasks.documents.docx_reader import MappedSection, map_sections, read as read_word
from tasks.documents.export_docx import export_docx
from tasks.documents.export_remarks import Remark
from tasks.documents.pdf_reader import read as read_pdf
from tests.corpus.commented import AT, document_of, finding_at, in_main_story
from tests.corpus.shelf import READABLE
from tests.quality.annotations import Annotation, annotations_of
from tests.quality.report import Report, Target
from tests.samples.make_report import make_docx
from tests.samples.rich_docx import rich_docx

_OTHER_RANGE: Final = "On “"
REMARKS: Final = 6
"""On each file."""
AUTHOR: Final = "Galley · built-in checker"
UPLOADED, EXPORTED = "uploaded", "exported"
KNOWN: Final = {
    "content controls.docx": "any comment in the first paragraph of a control around paragraphs costs text",
    "tables in tables, first and empty.docx": "a comment from inside of a nested table to behind it is lost",
    "field that never ends.docx": "all that follows is taken as the field's code, comments too",
    "note that is lost.docx": "another note is shown in place of one that is lost",
    "emoji and combining marks.docx": "a PDF does not name the letters that fallback fonts draw",
}
"""Where LibreOffice 7.4 itself goes wrong; told, and not counted."""
_ROOT: Final = Path(__file__).parents[2]
_LIMIT_S: Final = 600
_WORD: Final = re.compile(r"\S*\w\S*")


@dataclass(frozen=True)
class Exported:
    """A file with our remarks; ``quotes`` are by what the remark on them says."""

    name: str
    uploaded: bytes
    exported: bytes
    quotes: Mapping[str, str | None]


async def measure(quick: bool) -> Report:
    """Every Word file of the corpus; quickly three of them."""
    files = {"report.docx": make_docx, "rich.docx": rich_docx}
    files |= {specimen.name: specimen.make for specimen in READABLE if specimen.format == "docx"}
    chosen = list(files.items())[:3] if quick else list(files.items())
    made = [_export(name, make()) for name, make in chosen]
    with tempfile.TemporaryDirectory() as folder:
        await asyncio.to_thread(_convert, Path(folder), made)
        return _report(Path(folder), made)


def _export(name: str, data: bytes) -> Exported:
    """The file with remarks on a few whole words each. A cut inside of a letter and its accents, or of an Arabic
    word, would be drawn otherwise, and no engine quotes so."""
    document = document_of(data)
    package = open_package(data)
    main = package.xml(package.main)
    mapped, anew = map_sections(main, package), WrittenAnew(main)
    chance = random.Random(name)
    numbers = [number for number, section in enumerate(document.sections) if section.text.strip()] or [0]
    remarks, quotes = [], {}
    for remark in range(REMARKS):
        number = chance.choice(numbers)
        words = list(_WORD.finditer(document.sections[number].text))
        first = chance.randrange(len(words) or 1)
        chosen = words[first : first + chance.randint(1, 5)]
        message = f"Remark {remark} on this."
        start, end = (chosen[0].start(), chosen[-1].end()) if chosen else (0, 0)
        quote = document.sections[number].text[start:end]
        anchor = Anchor(exact=quote, start=start, end=end) if quote else None
        remarks.append(Remark(finding_at(document.sections[number].section_id, anchor, message=message), AT))
        quotes[message] = _shown(mapped[number], anew, start, end)
    return Exported(name, data, export_docx(data, document, remarks), quotes)


def _shown(section: MappedSection, anew: WrittenAnew, start: int, end: int) -> str | None:
    """What of a quote LibreOffice shows as it is written; None when that is not so of its beginning or end."""
    spans = [span for span in section.spans if span.start < end and span.end > start and in_main_story(span)]
    plain = [span.node.tag == w("t") and anew.around(span.run) is None for span in spans]
    if not spans or not plain[0] or not plain[-1]:
        return None
    kept = [span for span, is_plain in zip(spans, plain, strict=True) if is_plain]
    return "".join(section.draft.text[max(span.start, start) : min(span.end, end)] for span in kept)


def _convert(folder: Path, made: Sequence[Exported]) -> None:
    """Uploads and exports to PDF, exports to flat OpenDocument as well."""
    program = subprocess.run(
        ["sh", _ROOT / ".ci" / "office"], check=True, capture_output=True, text=True
    ).stdout.strip()
    for kind in (UPLOADED, EXPORTED):
        (folder / kind).mkdir()
        for file in made:
            (folder / kind / file.name).write_bytes(file.uploaded if kind == UPLOADED else file.exported)
    for kind, form in ((UPLOADED, "pdf"), (EXPORTED, "pdf"), (EXPORTED, "fodt")):
        given = [str(folder / kind / file.name) for file in made]
        words = ["--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", form]
        subprocess.run(
            [program, *words, "--outdir", str(folder / kind), *given], check=True, capture_output=True, timeout=_LIMIT_S
        )


def _report(folder: Path, made: Sequence[Exported]) -> Report:
    report = Report()
    rows, same, there, signed, exact, claimed = [], 0, 0, 0, 0, 0
    judged = [file for file in made if file.name not in KNOWN]
    for file in made:
        looks = [_pdf_words(folder / kind / file.name) for kind in (UPLOADED, EXPORTED)]
        read = [note for note in annotations_of((folder / EXPORTED / file.name).with_suffix(".fodt")) if _is_ours(note)]
        found = {said: note for note in read for said in file.quotes if said in note.text}
        # A comment that names its quote says by that that its range is another.
        precise = {said: note for said, note in found.items() if f"\n{_OTHER_RANGE}" not in note.text}
        compared = [(note.range, quote) for said, note in precise.items() if (quote := file.quotes[said]) is not None]
        right = sum(_covers(shown, quote) for shown, quote in compared)
        rows.append((file.name, looks[0] == looks[1], f"{len(found)}/{REMARKS}", f"{right}/{len(compared)}"))
        if file in judged:
            same += looks[0] == looks[1] != []
            there, exact, claimed = there + len(found), exact + right, claimed + len(compared)
            signed += sum(note.at == datetime.fromtimestamp(AT / 1000, UTC) for note in found.values())
    report.add_table("Word files in LibreOffice", ("file", "same text", "comments read", "on exactly the quote"), rows)
    report.text += ["", *(f"known: {name}: {why}" for name, why in KNOWN.items())]
    report.targets += [
        Target("exported Word files with the text of the upload in LibreOffice", same / len(judged), 1),
        Target("comments that LibreOffice reads back", there / len(judged) / REMARKS, 1),
        Target("comments with their author and time", signed / len(judged) / REMARKS, 1),
        Target("comments that LibreOffice shows on exactly their quote", exact / claimed, 1),
        Target(
            "sections of the sample report found in the PDF that LibreOffice makes of it", _found_in_print(folder), 1
        ),
    ]
    return report


def _found_in_print(folder: Path) -> float:
    """The share of sections with the title, the level and four fifths of the words that the Word file has."""
    printed = read_pdf((folder / UPLOADED / "report.pdf").read_bytes()).drafts
    written = read_word(make_docx()).drafts
    words = [set(draft.text.split()) for draft in written]
    alike = [
        (one.title, one.level) == (other.title, other.level)
        and len(known & set(other.text.split())) >= 0.8 * len(known)
        for one, other, known in zip(written, printed, words, strict=False)
    ]
    return sum(alike) / len(written)


def _is_ours(note: Annotation) -> bool:
    return note.author == AUTHOR


def _covers(shown: str, quote: str) -> bool:
    """Whether the range begins and ends with the quote and holds all of it. In between LibreOffice shows more
    than is read: deletions, hidden text, boxes. White space is each program's own."""
    quoted, there = "".join(quote.split()), "".join(shown.split())
    rest = iter(there)
    return there[:1] == quoted[:1] and there[-1:] == quoted[-1:] and all(char in rest for char in quoted)


def _pdf_words(path: Path) -> list[str]:
    document = pdfium.PdfDocument(path.with_suffix(".pdf"))
    try:
        return [word for page in document for word in page.get_textpage().get_text_range().split()]
    finally:
        document.close()
