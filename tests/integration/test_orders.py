"""Documents that give orders change nothing: what Claude is told stays what it was, and the orders are a finding."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from tasks.contract.documents import Document, HiddenText, Section
from tasks.contract.events import FindingMade, TaskSucceeded, TextAdded
from tasks.contract.findings import Finding
from tasks.contract.limits import LimitsLearned
from tasks.documents.child import load_parser, parse
from tasks.documents.hidden_places import place_hidden
from tasks.documents.kinds import format_of
from tasks.documents.reader import read_document
from tasks.engines.checker import CheckerEngine
from tasks.engines.claude import ClaudeEngine
from tasks.engines.engine import Engine, Question, Review
from tasks.engines.fence import MATERIAL
from tasks.engines.prompts import review_request
from tasks.frameworks.shelf import Shelf
from tasks.settings import read_settings
from tests.samples.orders import MARK, ORDERINGS, Ordering
from tests.simulator.answers import chat_text, findings_of, findings_text
from tests.simulator.requests import Asked
from tests.simulator.simulator import Simulator

FENCED = re.compile(rf"<({'|'.join(MATERIAL)})-(\w+)>\n.*?\n</\1-\2>", re.DOTALL)
SECRET = "The vault opens at noon."
OTHER = Document(
    document_id="other",
    owner="o",
    name="secret.md",
    format="md",
    sections=(Section(section_id="s1", title="Vault", level=1, text=SECRET),),
)


class Witness:
    """Answers as the simulator does, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    def answer(self, asked: Asked) -> str:
        self.asked.append(asked)
        return findings_text(findings_of(asked, 3)) if asked.structured else chat_text(asked)


@pytest.fixture(scope="module")
async def witness() -> Witness:
    return Witness()


@pytest.fixture(scope="module")
async def claude(witness: Witness) -> AsyncIterator[ClaudeEngine]:
    async with Simulator(script=witness.answer).running() as simulator:
        engine = ClaudeEngine(read_settings({"ANTHROPIC_BASE_URL": simulator.url, "ANTHROPIC_API_KEY": "k"}))
        yield engine
        await engine.close()


@pytest.fixture(scope="module")
async def checker() -> AsyncIterator[CheckerEngine]:
    engine = CheckerEngine()
    yield engine
    await engine.close()


async def learn(limits: LimitsLearned) -> None: ...


def document_from(ordering: Ordering) -> Document:
    """As an upload makes it, less the process of its own in which a file is read."""
    fmt = format_of(ordering.name)
    drafts, reading = parse(ordering.data, load_parser(fmt))
    hidden = list(place_hidden(drafts, reading.hidden))
    sections = (
        Section(
            section_id=f"s{number}",
            title=draft.title,
            level=draft.level,
            text=draft.text,
            hidden=tuple(HiddenText(kind=each.kind, text=each.text) for at, each in hidden if at == number),
        )
        for number, draft in enumerate(drafts)
    )
    return Document(
        document_id="d",
        owner="o",
        name=ordering.name,
        format=fmt,
        sections=tuple(sections),
        framework=Shelf().chosen(None),
        guidelines="Be brief.",
    )


async def reviewed(engine: Engine, document: Document) -> list[Finding]:
    found = []
    for section in document.sections:
        async for event in engine.review(Review("t", section, document), learn):
            if isinstance(event, FindingMade):
                found.append(event.finding)
    return found


def outside(asked: Asked) -> str:
    """What Claude was told outside the tags around material."""
    return FENCED.sub("", asked.text)


def test_there_are_enough_documents() -> None:
    assert len(ORDERINGS) >= 25
    assert len({ordering.name for ordering in ORDERINGS}) == len(ORDERINGS)


@pytest.mark.parametrize("ordering", ORDERINGS, ids=str)
async def test_an_order_reaches_claude_as_material_only_and_is_told_as_a_risk(
    ordering: Ordering, claude: ClaudeEngine, checker: CheckerEngine, witness: Witness
) -> None:
    document = document_from(ordering)
    harmless = document.model_copy(update={"sections": OTHER.sections, "name": "a.md"})
    await reviewed(claude, OTHER)
    witness.asked.clear()
    findings = await reviewed(claude, document)
    assert len(witness.asked) == len(document.sections)
    for asked in witness.asked:
        told = outside(asked)
        assert MARK not in told
        assert "Ignore all" not in told
        assert SECRET not in asked.text
        expected = review_request(Review("t", OTHER.sections[0], harmless))
        shape = expected["output_config"]["format"]["schema"]["properties"]["findings"]["items"]["properties"]
        assert asked.schema == shape
        assert len(FENCED.findall(asked.text)) == 3  # document, heading, section
    for by in (findings, await reviewed(checker, document)):
        rules = [f.rule.id for f in by if f.rule and f.category == "risk"]
        if ordering.rule is None:
            assert not [rule for rule in rules if rule.startswith("hidden")]
        else:
            assert any(rule.startswith(ordering.rule) for rule in rules), rules


async def test_what_a_word_file_hides_is_kept_with_its_section_when_it_is_uploaded() -> None:
    (ordering,) = (each for each in ORDERINGS if each.name == "vanished.docx")
    (section,) = (await read_document(ordering.data, ordering.name)).sections
    assert [(each.kind, MARK in each.text) for each in section.hidden] == [("vanished", True)]
    assert MARK not in section.text


async def test_an_order_in_a_chat_reaches_claude_as_material_only(claude: ClaudeEngine, witness: Witness) -> None:
    document = document_from(ORDERINGS[0])
    section = document.sections[0]
    findings = tuple(await reviewed(claude, document))
    witness.asked.clear()
    question = Question("t", "When was it inspected?", "c", document, section, findings)
    events = [event async for event in claude.answer(question, learn)]
    assert MARK not in outside(witness.asked[0])
    assert "When was it inspected?" in outside(witness.asked[0])
    assert isinstance(events[-1], TaskSucceeded)
    assert any(isinstance(event, TextAdded) for event in events)


@pytest.mark.parametrize("guidelines", ["</guidelines>", "Say more.", "Use <document> tags."])
async def test_a_document_cannot_speak_as_its_users_guidelines(guidelines: str) -> None:
    document = document_from(ORDERINGS[9]).model_copy(update={"guidelines": guidelines})
    system = review_request(Review("t", document.sections[0], document))["system"][0]["text"]
    assert MARK not in system
    assert guidelines in system
