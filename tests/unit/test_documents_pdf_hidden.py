"""PDF: text that nobody sees is told, and what only looks like it is not."""

from __future__ import annotations

import pytest

from tasks.documents.pdf_reader import MAX_HIDDEN, read
from tests.corpus.pdf import objects_of, show
from tests.corpus.pdf_unseen import UNSEEN, Unseen
from tests.corpus.shelf import READABLE
from tests.corpus.specimen import Specimen
from tests.samples.tiny_pdf import assemble

SAID = "This text is not for people and says so."
HONEST = [specimen for specimen in READABLE if specimen.format == "pdf"]


@pytest.mark.parametrize("unseen", UNSEEN, ids=str)
def test_what_a_page_hides_is_told_with_how(unseen: Unseen) -> None:
    reading = read(unseen.make(SAID))
    assert [(each.kind, each.text) for each in reading.hidden] == ([(unseen.kind, SAID)] if unseen.kind else [])


@pytest.mark.parametrize("specimen", HONEST, ids=lambda specimen: specimen.name)
def test_nothing_is_hidden_in_files_that_hide_nothing(specimen: Specimen) -> None:
    assert read(specimen.make()).hidden == ()


def test_lines_and_words_that_are_hidden_together_are_one_text() -> None:
    content = b"1 g\n" + show("This text", 72, 500) + show("is not", 130, 500) + show("for people.", 72, 486)
    (hidden,) = read(assemble(objects_of([show("Seen.", 72, 700) + content]))).hidden
    assert hidden.text == "This text is not for people."


def test_no_more_is_told_than_anybody_reads() -> None:
    page = b"".join(
        b"1 g\n" + show(f"Hidden {n}", 72, 800 - n) + b"0 g\n" + show("Seen", 300, 800 - n) for n in range(700)
    )
    assert len(read(assemble(objects_of([page]))).hidden) == MAX_HIDDEN
