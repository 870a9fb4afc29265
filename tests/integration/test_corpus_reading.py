"""Every file of the corpus gives the sections that a person sees in it, and offsets that lead back to it."""

from __future__ import annotations

import pytest

from tasks.documents.child import load_parser, parse
from tasks.documents.docx_package import open_package
from tasks.documents.docx_reader import map_sections
from tasks.documents.markdown_reader import split_markdown
from tasks.documents.plain_headings import split_plain_text
from tasks.documents.refusal import Refused
from tasks.documents.text_decoding import decode_text
from tests.corpus.shelf import CORPUS, READABLE, REFUSED
from tests.corpus.specimen import Specimen

WORD = [specimen for specimen in READABLE if specimen.format == "docx"]
TEXTS = [specimen for specimen in READABLE if specimen.format in {"md", "txt"}]


def name_of(specimen: Specimen) -> str:
    return specimen.name


def test_corpus_has_sixty_files_and_no_two_of_one_name() -> None:
    assert len({specimen.name for specimen in CORPUS}) == len(CORPUS) >= 60


@pytest.mark.parametrize("specimen", READABLE, ids=name_of)
def test_file_is_read_into_its_sections(specimen: Specimen) -> None:
    reading = load_parser(specimen.format)(specimen.make())

    assert [(draft.title, draft.level, draft.text) for draft in reading.drafts] == list(specimen.sections)
    assert list(reading.warnings) == list(specimen.warnings)


@pytest.mark.parametrize("specimen", REFUSED, ids=name_of)
def test_file_that_cannot_be_read_is_refused_with_its_reason(specimen: Specimen) -> None:
    with pytest.raises(Refused) as refused:
        parse(specimen.make(), load_parser(specimen.format))

    assert refused.value.reason == specimen.refused


@pytest.mark.parametrize("specimen", TEXTS, ids=name_of)
def test_section_of_a_text_is_the_stretch_of_it_that_its_offset_tells(specimen: Specimen) -> None:
    text, _ = decode_text(specimen.make())
    split = split_markdown if specimen.format == "md" else split_plain_text

    for draft in split(text):
        assert text[draft.start : draft.start + len(draft.text)] == draft.text


@pytest.mark.parametrize("specimen", WORD, ids=name_of)
def test_offsets_of_a_word_file_lead_to_the_characters_of_its_runs(specimen: Specimen) -> None:
    package = open_package(specimen.make())

    for section in map_sections(package.xml(package.main), package):
        for span in section.spans:
            written = span.node.text if span.node is not None and span.node.tag.endswith("}t") else None
            length = span.end - span.start
            shown = section.draft.text[span.start : span.end]
            assert written is None or written[span.skipped : span.skipped + length].replace("\n", " ") == shown.replace(
                "\n", " "
            )
