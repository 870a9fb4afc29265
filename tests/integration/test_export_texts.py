"""Texts out, over the whole corpus: footnotes and replacements change what they are about, and nothing else."""

from __future__ import annotations

import random
import re

import pytest

from tasks.contract.documents import Document, Section
from tasks.contract.findings import Anchor, Suggestion
from tasks.documents.child import load_parser, parse
from tasks.documents.export_applied import apply_accepted
from tasks.documents.export_markdown import export_markdown
from tasks.documents.export_markdown_source import export_markdown_source
from tasks.documents.export_remarks import Remark
from tasks.documents.text_source import read_source
from tests.corpus.commented import AT, finding_at
from tests.corpus.shelf import READABLE
from tests.corpus.specimen import Specimen

LABEL = re.compile(r"\[\^galley-\d+\](?:: .*\n)?")
SEARCHED = "SOMETHING ELSE"
TEXTS = [specimen for specimen in READABLE if specimen.format in {"md", "txt"}]
MARKDOWN = [specimen for specimen in TEXTS if specimen.format == "md"]
SMALL = [specimen for specimen in READABLE if not specimen.name.startswith("three hundred")]


def name_of(specimen: Specimen) -> str:
    return specimen.name


def document_of(specimen: Specimen, data: bytes) -> Document:
    drafts, _ = parse(data, load_parser(specimen.format))
    sections = tuple(
        Section(section_id=f"s{n}", title=d.title, level=d.level, text=d.text) for n, d in enumerate(drafts, 1)
    )
    fmt: object = specimen.format
    return Document.model_validate(
        {"document_id": "d", "owner": "o", "name": specimen.name, "format": fmt, "sections": sections}
    )


def words_of(document: Document, chance: random.Random) -> list[Remark]:
    """A remark on a word of each section, with an accepted replacement."""
    remarks = []
    for section in document.sections:
        words = list(re.finditer(r"\w+", section.text))
        if words:
            word = chance.choice(words)
            anchor = Anchor(exact=word[0], start=word.start(), end=word.end())
            decided = {"status": "accepted", "suggestion": Suggestion(kind="replace", text=SEARCHED)}
            remarks.append(Remark(finding_at(section.section_id, anchor, **decided), AT))
    return remarks


@pytest.mark.parametrize("specimen", TEXTS, ids=name_of)
def test_accepted_replacements_are_carried_out_at_their_words_and_nowhere_else(specimen: Specimen) -> None:
    data = specimen.make()
    document = document_of(specimen, data)
    remarks = words_of(document, random.Random(specimen.name))
    source = read_source(data, document)

    made = apply_accepted(data, document, remarks)

    expected = source.text
    for place, end in sorted(filter(None, (source.place_of(remark.finding) for remark in remarks)), reverse=True):
        expected = expected[:place] + SEARCHED + expected[end:]
    assert (made.applied, made.left_out) == (len(remarks), 0)
    assert made.data.decode().replace("\r\n", "\n") == expected
    assert (b"\r\n" in made.data) == (b"\r\n" in data.replace(b"\0", b""))


@pytest.mark.parametrize("specimen", MARKDOWN, ids=name_of)
def test_markdown_less_our_footnotes_is_the_upload(specimen: Specimen) -> None:
    data = specimen.make()
    document = document_of(specimen, data)
    remarks = words_of(document, random.Random(specimen.name))
    remarks += [Remark(finding_at(section.section_id, None), AT) for section in document.sections]

    written = export_markdown_source(data, document, remarks).decode()

    assert len(set(LABEL.findall(written))) >= len(remarks)
    assert "".join(LABEL.sub("", written).split()) == "".join(read_source(data, document).text.split())


@pytest.mark.parametrize("specimen", SMALL, ids=name_of)
def test_any_upload_becomes_markdown_with_the_same_headings(specimen: Specimen) -> None:
    data = specimen.make()
    document = document_of(specimen, data)

    written = export_markdown(document, words_of(document, random.Random(specimen.name)))

    again, _ = parse(written, load_parser("md"))
    titled = [(draft.title, min(draft.level, 6)) for draft in again if draft.level]
    assert titled == [(section.title, min(section.level, 6)) for section in document.sections if section.level]
