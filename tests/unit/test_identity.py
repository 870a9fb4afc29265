"""What makes two reviews the same."""

from __future__ import annotations

import pytest

from tasks.contract.documents import Document, Section
from tasks.contract.identity import identity_of_document, identity_of_section, identity_of_text

SECTIONS = (
    Section(section_id="s1", title="One", level=1, text="First text."),
    Section(section_id="s2", title="Two", level=1, text="Second text."),
)
DOCUMENT = Document(document_id="d1", owner="ann", name="a.md", format="md", sections=SECTIONS, guidelines="Be strict.")


@pytest.mark.parametrize("changed", [{"document_id": "d2"}, {"owner": "bob"}, {"name": "b.md"}, {"created_at": 7}])
def test_document_is_the_same_whoever_uploads_it_under_whatever_name(changed: dict[str, object]) -> None:
    assert identity_of_document(DOCUMENT.model_copy(update=changed)) == identity_of_document(DOCUMENT)


@pytest.mark.parametrize(
    "changed",
    [
        {"guidelines": "Be lenient."},
        {"guidelines": None},
        {"sections": SECTIONS[:1]},
        {"sections": (SECTIONS[0], SECTIONS[1].model_copy(update={"text": "Second  text."}))},
        {"sections": (SECTIONS[0], SECTIONS[1].model_copy(update={"title": "2"}))},
    ],
)
def test_document_is_another_when_claude_would_be_sent_something_else(changed: dict[str, object]) -> None:
    assert identity_of_document(DOCUMENT.model_copy(update=changed)) != identity_of_document(DOCUMENT)


def test_sections_of_one_document_differ_and_texts_keep_their_borders() -> None:
    whole = identity_of_document(DOCUMENT)
    assert identity_of_section(whole, "s1") != identity_of_section(whole, "s2")
    assert identity_of_text("ab", "c") != identity_of_text("a", "bc")
