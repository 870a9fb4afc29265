"""Citations."""

from __future__ import annotations

from tasks.contract.documents import Document, Section
from tasks.engines.citing import citations_of

ONE = Section(section_id="s1", title="A", level=1, text="The bridge is closed. It opens in May.")
TWO = Section(
    section_id="s2", title="B", level=1, text="The bridge is closed. Ferries run every hour instead of the bus."
)
DOCUMENT = Document(document_id="d", owner="o", name="a", format="txt", sections=(ONE, TWO))


def test_citations_have_only_quotes_that_exist_when_some_are_invented() -> None:
    answer = "It says «It opens in May.» and «it never opens again, said the mayor of the town»."
    assert citations_of(answer, DOCUMENT, None) == [{"section_id": "s1", "quote": "It opens in May."}]


def test_citation_is_of_the_section_in_question_when_the_words_stand_in_several() -> None:
    assert citations_of("«The bridge is closed.»", DOCUMENT, TWO)[0]["section_id"] == "s2"


def test_citation_has_the_words_of_the_document_when_the_quote_is_only_alike() -> None:
    found = citations_of("«Ferries are run every hour instead of a bus»", DOCUMENT, None)
    assert found == [{"section_id": "s2", "quote": "Ferries run every hour instead of the bus"}]


def test_citation_comes_once_when_it_is_quoted_twice() -> None:
    assert len(citations_of("«It opens in May.» … « it opens in May. »", DOCUMENT, None)) == 1


def test_citations_are_empty_when_there_is_nothing_to_cite() -> None:
    assert citations_of("«It opens in May.»", None, None) == []
