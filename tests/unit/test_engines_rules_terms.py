"""What the checker can follow of a user's guidelines and of a framework's word lists."""

from __future__ import annotations

import pytest
from engine_subjects import document_of, quotes_in

from tasks.contract.documents import Document
from tasks.contract.frameworks import Checkpoint, Framework, Preference
from tasks.engines.rules.rule import Subject
from tasks.engines.rules.terms import check_terms, terms_of


def guided(text: str, guidelines: str, framework: Framework | None = None) -> Document:
    given = {"guidelines": guidelines, "framework": framework}
    return document_of(("A", 1, text)).model_copy(update=given)


@pytest.mark.parametrize(
    ("guidelines", "wanted"),
    [
        ("Use “customer”, not “client”.", {"client": "customer"}),
        ("- use sign in, not log in", {"log in": "sign in"}),
        ("1. Write email instead of e-mail.", {"e-mail": "email"}),
        ("utilise -> use\nleverage → use", {"utilise": "use", "leverage": "use"}),
        ("Instead of 'whilst', use 'while'.", {"whilst": "while"}),
        ("Please always use “GitHub”, never “Github”.", {"Github": "GitHub"}),
        (
            "Forbidden words: synergy, going forward and simply",
            {"synergy": None, "going forward": None, "simply": None},
        ),
        ("Avoid “very” and “obviously”. Be kind.", {"very": None, "obviously": None}),
        ("Never use the word 'cheap'.", {"cheap": None}),
        ("Be strict. Avoid long sentences. Use the active voice.", {}),
    ],
)
def test_terms_are_read_from_guidelines_that_say_them_plainly(guidelines: str, wanted: dict[str, str | None]) -> None:
    assert terms_of(guidelines).wanted == wanted


def test_unwanted_words_are_found_whole_in_any_case_and_never_inside_the_wanted_ones() -> None:
    document = guided(
        "Clients log in. The client-side client cliental.", "Use customers, not clients.\nUse log into, not log."
    )
    assert quotes_in(check_terms, document, 0) == ["Clients", "log"]


def test_a_spelling_is_found_only_as_it_is_written_when_both_are_the_same_word() -> None:
    document = guided("GitHub and Github and github.", "Use GitHub, not Github.")
    assert quotes_in(check_terms, document, 0) == ["Github"]


def test_a_suggestion_keeps_the_capital_when_the_sentence_begins_with_it() -> None:
    document = guided("Client lists grow.", "Use customer, not client.")
    (violation,) = check_terms(Subject(document.sections[0], document))
    assert (violation.suggestion.kind, violation.suggestion.text) == ("replace", "Customer")


def test_sentences_are_measured_by_the_guidelines_when_they_give_a_length() -> None:
    document = guided("One two three four five six seven. Short one.", "Sentences should have at most 6 words.")
    assert quotes_in(check_terms, document, 0) == ["One two three four five six seven."]


def test_a_frameworks_own_words_are_looked_for_too() -> None:
    checkpoint = Checkpoint(id="a", title="A", look_for="x", category="tone")
    framework = Framework(
        id="f",
        name="F",
        checkpoints=(checkpoint,),
        avoid=("simply",),
        prefer=(Preference(use="use", instead_of=("utilise",)),),
    )
    assert set(quotes_in(check_terms, guided("We simply utilise it.", "", framework), 0)) == {"utilise", "simply"}
