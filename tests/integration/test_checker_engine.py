"""The built-in checker as a whole, with the real Harper in its own threads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest

from tasks.contract.documents import Document, Section
from tasks.contract.events import EventData, FindingMade, ProgressMade, TaskSucceeded, TextAdded
from tasks.contract.findings import Finding
from tasks.contract.frameworks import Framework
from tasks.contract.limits import LimitsLearned
from tasks.documents.reader import read_document
from tasks.engines.checker import CheckerEngine
from tasks.engines.engine import Question, Review, Turn
from tasks.engines.grammar import BLOCK_CHARS, WRAPPED_CHARS, blocks_of, check_grammar
from tasks.engines.opening import open_engine
from tasks.engines.rules.rule import Subject
from tasks.frameworks.shelf import Shelf
from tasks.settings import read_settings
from tests.samples.report_text import PLANTED

REPORT = Path(__file__).parents[1] / "samples" / "report.docx"


async def learn(limits: LimitsLearned) -> None:
    raise AssertionError("the checker has no limits to tell of")


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[CheckerEngine]:
    engine = open_engine(read_settings({}))
    assert isinstance(engine, CheckerEngine)
    yield engine
    await engine.close()


def section_of(text: str, title: str = "Raw") -> Section:
    return Section(section_id="s1", title=title, level=1, text=text)


def document_of(*sections: Section, kind: Literal["md", "docx"] = "docx") -> Document:
    return Document(document_id="d", owner="o", name="a", format=kind, sections=sections)


async def events_of(events: AsyncIterator[EventData]) -> list[EventData]:
    return [event async for event in events]


async def findings_of(engine: CheckerEngine, section: Section, document: Document | None = None) -> list[Finding]:
    events = await events_of(engine.review(Review("t", section, document), learn))
    return [event.finding for event in events if isinstance(event, FindingMade)]


def words_of(findings: list[Finding]) -> list[str]:
    return [finding.anchor.exact for finding in findings if finding.anchor]


async def test_review_finds_every_planted_fault_when_it_reads_the_sample_report(engine: CheckerEngine) -> None:
    parsed = await read_document(REPORT.read_bytes(), "report.docx")
    document = document_of(*parsed.sections)
    found = [f for section in document.sections for f in await findings_of(engine, section, document)]
    for kind, planted in PLANTED.items():
        assert any(planted in words or words in planted for words in words_of(found)), kind
    assert len(found) < 2 * len(PLANTED)  # and it does not cry wolf


async def test_anchors_say_what_stands_there_when_letters_are_wide(engine: CheckerEngine) -> None:
    section = section_of("🙂 The 🙂 team recieved it. An university is is big.")
    findings = await findings_of(engine, section)
    assert {"recieved", "An"} <= set(words_of(findings))
    for finding in findings:
        assert finding.anchor is not None
        assert section.text[finding.anchor.start : finding.anchor.end] == finding.anchor.exact


async def test_names_identifiers_dialects_and_other_languages_are_left_alone(engine: CheckerEngine) -> None:
    text = (
        "Mrs Smythington set redis_url and the GalleyStore in config.toml, with the colour of her behaviour organised. "
        "See https://exmaple.org/teh-page for more of it.\n\n"
        "Der Hund ist auf der Straße und frisst den Kuchen. Das ist gut."
    )
    assert words_of(await findings_of(engine, section_of(text))) == []


async def test_findings_name_the_checkpoint_and_keep_to_the_frameworks_categories(engine: CheckerEngine) -> None:
    section = section_of("The team recieved it from our client. TBD: more.", "Action items")
    document = document_of(section).model_copy(
        update={"framework": Shelf().chosen("incident-report"), "guidelines": "Use customer, not client."}
    )
    found = {f.anchor.exact: f for f in await findings_of(engine, section, document) if f.anchor}
    named = {quote: f.checkpoint.id for quote, f in found.items() if f.checkpoint}
    assert (named["recieved"], named["client"]) == ("correct-language", "says-the-same")
    only = Framework(id="f", name="F", categories=("grammar",), checkpoints=(Shelf().chosen("general").checkpoints[1],))
    kept = await findings_of(engine, section, document.model_copy(update={"framework": only, "guidelines": None}))
    assert words_of(kept) == ["recieved"]


async def test_progress_grows_and_one_result_ends_it_when_a_section_is_reviewed(engine: CheckerEngine) -> None:
    events = await events_of(engine.review(Review("t", section_of("All is well here.")), learn))
    percents = [event.percent for event in events if isinstance(event, ProgressMade)]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert [e for e in events if isinstance(e, TaskSucceeded)] == [events[-1]]
    assert events[-1] == TaskSucceeded(result={"engine": "checker", "model": None})


async def test_review_gives_the_same_ids_when_it_is_repeated(engine: CheckerEngine) -> None:
    section = section_of("The team recieved it. The logs was lost.")
    first, second = [await findings_of(engine, section) for _ in range(2)]
    assert [f.finding_id for f in first] == [f.finding_id for f in second]
    assert len({f.finding_id for f in first}) == len(first) > 1


async def test_loop_stays_free_when_a_large_section_is_reviewed(engine: CheckerEngine) -> None:
    await findings_of(engine, section_of("Warm the linter up."))
    text = "\n\n".join(f"The team number {i} recieved the the parcel from a to b in the morning." for i in range(300))
    review = asyncio.create_task(findings_of(engine, section_of(text)))
    turns, longest = 0, 0.0
    while not review.done():
        before = time.thread_time()
        await asyncio.sleep(0)
        turns += 1
        longest = max(longest, time.thread_time() - before)
    assert len(await review) > 300
    assert longest < 0.5
    assert turns > 100


async def test_answer_quotes_the_document_and_says_what_it_is_when_asked(engine: CheckerEngine) -> None:
    document = document_of(section_of("The budget is two million euros. The mayor was late."))
    events = await events_of(engine.answer(Question("t", "How large is the budget?", "c1", document), learn))
    text = "".join(event.text for event in events if isinstance(event, TextAdded))
    assert "no AI" in text
    assert "«The budget is two million euros.»" in text
    assert events[-1] == TaskSucceeded(
        result={
            "citations": [{"section_id": "s1", "quote": "The budget is two million euros."}],
            "conversation_id": "c1",
            "engine": "checker",
            "model": None,
        }
    )


@pytest.mark.parametrize("with_document", [True, False])
async def test_answer_is_honest_when_nothing_matches(engine: CheckerEngine, with_document: bool) -> None:
    document = document_of(section_of("The mayor was late.")) if with_document else None
    events = await events_of(engine.answer(Question("t", "Steel prices?", None, document), learn))
    assert isinstance(events[-1], TaskSucceeded)
    assert events[-1].result["citations"] == []


async def test_connection_test_says_which_engine_it_is_when_there_is_no_key(engine: CheckerEngine) -> None:
    (event,) = await events_of(engine.test(learn))
    assert isinstance(event, TaskSucceeded)
    assert event.result["engine"] == "checker"
    assert event.result["latency_ms"] >= 0


PARAGRAPH = "A line of text that is not very long.\n" * 10


@pytest.mark.parametrize(("paragraph", "longest"), [(f"{PARAGRAPH}\n", BLOCK_CHARS), (PARAGRAPH, WRAPPED_CHARS)])
def test_blocks_are_the_whole_text_when_it_is_long(paragraph: str, longest: int) -> None:
    text = paragraph * 60
    blocks = blocks_of(text)
    assert len(blocks) > 2
    assert "".join(text[a:b] for a, b in blocks) == text
    assert all(b - a < longest + len(paragraph) for a, b in blocks)


def test_a_block_does_not_end_within_code() -> None:
    code = "```\n" + "x = 1\n\n" * BLOCK_CHARS + "```\n\n"
    text = PARAGRAPH + code + f"{PARAGRAPH}\n" * 9
    (_, end), *rest = blocks_of(text)
    assert text[:end].endswith(code)
    assert rest


def test_offsets_count_from_the_section_when_a_later_block_is_checked() -> None:
    text = "All is well here. " * 30 + "\nThe team recieved it."
    (violation,) = check_grammar(Subject(section_of(text)), text.index("\n") + 1, len(text))
    assert violation.span is not None
    assert text[slice(*violation.span)] == "recieved"


async def test_only_structure_is_checked_and_said_so_when_a_section_is_not_in_english(engine: CheckerEngine) -> None:
    said = "Die Anlage wurde im Mai geprüft und war in Ordnung."
    text = f"{said} TODO: Zahlen. {said}"
    events = await events_of(engine.review(Review("t", section_of(text)), learn))
    rules = {e.finding.rule.id for e in events if isinstance(e, FindingMade) and e.finding.rule}
    assert rules == {"placeholder", "repeated-sentence"}
    assert isinstance(events[-1], TaskSucceeded)
    assert "not in English" in events[-1].result["notice"]
    assert events[-2] == ProgressMade(percent=100, status=events[-1].result["notice"])


async def test_harper_is_silent_about_words_that_a_rule_of_ours_has_spoken_of(engine: CheckerEngine) -> None:
    findings = await findings_of(engine, section_of("It took less then the others had planned."))
    assert words_of(findings) == ["less then"]


async def test_a_question_without_words_of_its_own_is_answered_by_what_was_asked_before(engine: CheckerEngine) -> None:
    document = document_of(section_of("The ferry was late because of fog. The mayor had his breakfast."))
    question = Question("t", "And why?", "c1", document, history=(Turn("Was the ferry late?", "…"),))
    events = await events_of(engine.answer(question, learn))
    assert isinstance(events[-1], TaskSucceeded)
    assert [c["quote"] for c in events[-1].result["citations"]] == ["The ferry was late because of fog."]


async def test_of_equal_passages_the_one_of_the_section_in_question_comes_first(engine: CheckerEngine) -> None:
    first, second = (
        Section(section_id=f"s{n}", title="Part", level=1, text=f"The ferry {n} was late.") for n in (1, 2)
    )
    events = await events_of(
        engine.answer(Question("t", "Which ferry was late?", None, document_of(first, second), second), learn)
    )
    assert isinstance(events[-1], TaskSucceeded)
    assert events[-1].result["citations"][0]["section_id"] == "s2"
