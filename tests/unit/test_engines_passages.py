"""Passages that match a question."""

from __future__ import annotations

from tasks.contract.documents import Section
from tasks.engines.passages import find_passages

SECTIONS = (
    Section(
        section_id="s1", title="Risks", level=1, text="Delivery may be delayed by strikes. Steel may become dearer."
    ),
    Section(
        section_id="s2",
        title="Costs",
        level=1,
        text="The budget is two million euros. Nobody checked the budget twice.",
    ),
)


def test_best_passage_comes_first_when_several_match() -> None:
    found = find_passages("How large is the budget in euros?", SECTIONS)
    assert [p.quote for p in found] == ["The budget is two million euros.", "Nobody checked the budget twice."]
    assert all(p.section.text[p.start : p.end] == p.quote for p in found)


def test_passage_is_found_when_the_question_uses_another_form_of_the_word() -> None:
    assert find_passages("What delays the delivery?", SECTIONS)[0].quote == "Delivery may be delayed by strikes."


def test_passage_is_found_once_when_the_document_says_it_twice() -> None:
    again = Section(section_id="s3", title="Again", level=1, text="Delivery may be  delayed by strikes.")
    found = find_passages("What delays the delivery of steel?", (*SECTIONS, again, again))
    assert sorted(" ".join(p.quote.split()) for p in found) == [
        "Delivery may be delayed by strikes.",
        "Steel may become dearer.",
    ]


def test_nothing_is_found_when_no_word_is_shared() -> None:
    assert find_passages("Who is the mayor?", SECTIONS) == []
    assert find_passages("budget", ()) == []
