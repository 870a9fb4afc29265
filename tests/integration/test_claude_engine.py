"""The real SDK against the simulator, over HTTP: what the engine makes of every answer and every fault."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from processes import own_port

from tasks.contract.documents import Document, Section
from tasks.contract.errors import AccountPaused, EngineError, FinalFailure, PassingFailure, RateLimited
from tasks.contract.events import EventData, FindingMade, TaskSucceeded, TextAdded, UsageReported
from tasks.contract.limits import LimitsLearned
from tasks.engines.claude import ClaudeEngine
from tasks.engines.engine import Question, Review, Turn
from tasks.engines.opening import open_engine
from tasks.frameworks.shelf import Shelf
from tasks.settings import read_settings
from tests.simulator.ledger import Call
from tests.simulator.simulator import Simulator

FIRST = Section(
    section_id="s1",
    title="Costs",
    level=1,
    text="The project cost more than planned because steel became dearer. “Nobody foresaw it,” the builder said. "
    "The council paid the difference out of its reserve. A second tender was never opened, although rules ask for it.",
)
SECOND = Section(
    section_id="s2",
    title="Outlook",
    level=1,
    text="Work on the bridge will go on until the autumn of next year. Traffic is led over the old ferry meanwhile. "
    * 20,
)
DOCUMENT = Document(
    document_id="d1", owner="o", name="bridge.md", format="md", sections=(FIRST, SECOND), guidelines="Be strict."
)
MODEL = "claude-sonnet-5-5"
QUICK = {"GALLEY_TIME_FACTOR": "0.01"}  # 0.6 s of silence is a stall, 3 s of nothing but pings too


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator().running() as running:
        yield running


@asynccontextmanager
async def engine_for(simulator: Simulator, **env: str) -> AsyncIterator[ClaudeEngine]:
    engine = open_engine(
        read_settings({"ANTHROPIC_BASE_URL": simulator.url, "ANTHROPIC_API_KEY": "key-1", "CLAUDE_MODEL": MODEL, **env})
    )
    assert isinstance(engine, ClaudeEngine)
    try:
        yield engine
    finally:
        await engine.close()


class Heard:
    """Collects what an engine says, and what it learned before."""

    def __init__(self) -> None:
        self.limits: list[LimitsLearned] = []
        self.events: list[EventData] = []

    async def learn(self, limits: LimitsLearned) -> None:
        self.limits.append(limits)

    async def all_of(self, events: AsyncIterator[EventData]) -> Heard:
        async for event in events:
            self.events.append(event)
        return self

    @property
    def findings(self) -> list[FindingMade]:
        return [e for e in self.events if isinstance(e, FindingMade)]

    @property
    def result(self) -> dict[str, Any]:
        last = self.events[-1]
        assert isinstance(last, TaskSucceeded)
        return last.result


async def review(engine: ClaudeEngine, section: Section = FIRST) -> Heard:
    heard = Heard()
    return await heard.all_of(engine.review(Review("t1", section, DOCUMENT), heard.learn))


async def failure_of(simulator: Simulator, fault: str | dict[str, Any], **env: str) -> EngineError:
    """The error a review ends with under that fault; the books prove that the fault really struck."""
    simulator.change({"queue": [fault]})
    async with engine_for(simulator, **env) as engine:
        with pytest.raises(EngineError) as caught:
            await review(engine)
    assert simulator.ledger.calls[-1].fault == (fault if isinstance(fault, str) else fault["name"])
    assert caught.value.message.endswith(".")
    return caught.value


async def test_review_gives_anchored_findings_and_names_the_model_when_nothing_fails(simulator: Simulator) -> None:
    async with engine_for(simulator) as engine:
        heard = await review(engine)
    assert len(heard.findings) == 3
    for made in heard.findings:
        anchor = made.finding.anchor
        assert anchor is not None
        assert FIRST.text[anchor.start : anchor.end] == anchor.exact
        assert made.finding.source.model == f"simulator:{MODEL}"
    assert heard.result == {"engine": "claude", "model": f"simulator:{MODEL}", "dropped": 0}


async def test_findings_name_checkpoints_of_the_framework_when_there_is_one(simulator: Simulator) -> None:
    framework = Shelf().chosen("general")
    document = DOCUMENT.model_copy(update={"framework": framework})
    async with engine_for(simulator) as engine:
        heard = Heard()
        await heard.all_of(engine.review(Review("t1", FIRST, document), heard.learn))
    named = [made.finding.checkpoint for made in heard.findings]
    assert any(named)
    assert {c.name for c in framework.checkpoints}.issuperset(name for name in named if name)


async def test_review_gives_the_same_ids_when_it_is_repeated(simulator: Simulator) -> None:
    async with engine_for(simulator) as engine:
        first, second = await review(engine), await review(engine)
    assert [m.finding.finding_id for m in first.findings] == [m.finding.finding_id for m in second.findings]


async def test_review_gives_the_first_finding_when_the_answer_still_streams(simulator: Simulator) -> None:
    simulator.change({"queue": [{"name": "stall", "after_events": 20}]})
    async with engine_for(simulator) as engine:
        heard = Heard()
        async with aclosing(engine.review(Review("t1", FIRST, DOCUMENT), heard.learn)) as events:
            async for event in events:
                if isinstance(event, FindingMade):
                    break
        assert simulator.ledger.calls[0].end is None or simulator.ledger.calls[0].end == "client_closed"
        calls = await simulator.ledger.until(lambda calls: calls[0].end is not None)
    assert calls[0].end == "client_closed"


async def test_closing_the_iterator_closes_the_stream_when_the_answer_still_comes(simulator: Simulator) -> None:
    simulator.change({"pace_ms": 40})
    async with engine_for(simulator) as engine:
        heard = Heard()
        async with aclosing(
            engine.answer(Question("t1", "What did it cost?", document=DOCUMENT), heard.learn)
        ) as events:
            async for event in events:
                if isinstance(event, TextAdded):
                    break
        calls = await simulator.ledger.until(lambda calls: calls[0].end is not None)
    assert calls[0].end == "client_closed"
    assert calls[0].closed_at is not None


async def test_usage_says_what_the_cache_saved_when_a_second_section_follows(simulator: Simulator) -> None:
    async with engine_for(simulator) as engine:
        first, second = await review(engine), await review(engine, SECOND)
    usages = [[e.usage for e in heard.events if isinstance(e, UsageReported)][-1] for heard in (first, second)]
    assert usages[0].cache_creation_input_tokens > 0
    assert usages[1].cache_read_input_tokens == usages[0].cache_creation_input_tokens
    call = simulator.ledger.calls[1]
    assert (usages[1].input_tokens, usages[1].cache_read_input_tokens) == (
        call.input_tokens,
        call.cache_read_input_tokens,
    )


async def test_limits_are_learned_before_the_body_when_headers_have_them(simulator: Simulator) -> None:
    simulator.change({"rpm": 60, "queue": ["stall_with_pings"]})
    async with engine_for(simulator) as engine:
        heard = Heard()
        async with aclosing(engine.review(Review("t1", FIRST, DOCUMENT), heard.learn)) as events:
            async for event in events:
                if isinstance(event, UsageReported):
                    break
    assert heard.limits == [LimitsLearned(60.0, 59.0)]


async def test_limits_are_learned_when_the_call_is_refused(simulator: Simulator) -> None:
    simulator.change({"rpm": 1})
    async with engine_for(simulator) as engine:
        await review(engine)
        heard = Heard()
        with pytest.raises(RateLimited) as caught:
            await heard.all_of(engine.review(Review("t1", FIRST, DOCUMENT), heard.learn))
    assert heard.limits == [LimitsLearned(1.0, 0.0)]
    assert 50_000 < caught.value.retry_after_ms <= 60_000


async def test_key_is_sent_as_it_was_set_when_there_is_one(simulator: Simulator) -> None:
    async with engine_for(simulator) as engine:
        await review(engine)
    assert simulator.ledger.calls[0].key == "key-1"


async def test_engine_opens_without_a_key_when_a_gateway_is_set(simulator: Simulator) -> None:
    async with engine_for(simulator, ANTHROPIC_API_KEY="") as engine:
        heard = Heard()
        await heard.all_of(engine.test(heard.learn))
    assert heard.result["engine"] == "claude"
    assert heard.result["latency_ms"] >= 0


async def test_no_call_is_repeated_unseen_when_one_fails(simulator: Simulator) -> None:
    await failure_of(simulator, "server_error")
    assert len(simulator.ledger.calls) == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("overloaded", "overloaded"),
        ("overloaded_in_stream", "overloaded"),
        ("server_error", "server_error_500"),
        ("reset", "connection_lost"),
        ("reset_early", "connection_lost"),
        ("early_end", "ended_early"),
        ("malformed_event", "garbled"),
        ("prose", "garbled"),
    ],
)
async def test_failure_passes_when_claude_or_the_network_fails(simulator: Simulator, fault: str, reason: str) -> None:
    failure = await failure_of(simulator, fault)
    assert isinstance(failure, PassingFailure)
    assert failure.reason == reason


@pytest.mark.parametrize("fault", ["stall", "slow_start", "stall_with_pings"])
async def test_failure_passes_as_a_stall_when_nothing_comes(simulator: Simulator, fault: str) -> None:
    failure = await failure_of(simulator, fault, **QUICK)
    assert isinstance(failure, PassingFailure)
    assert failure.reason == "stalled"
    await simulator.ledger.until(lambda calls: calls[0].end == "client_closed")


async def test_review_succeeds_when_the_first_event_is_slow(simulator: Simulator) -> None:
    simulator.change({"queue": [{"name": "slow_start", "seconds": 0.2}]})
    async with engine_for(simulator, GALLEY_TIME_FACTOR="0.05") as engine:  # 3 s of silence is a stall
        assert len((await review(engine)).findings) == 3


async def test_failure_passes_when_nobody_listens() -> None:
    gone = Simulator()
    gone.url = f"http://127.0.0.1:{own_port()}"
    async with engine_for(gone) as engine:
        with pytest.raises(PassingFailure) as caught:
            await review(engine)
    assert caught.value.reason == "connection_lost"


async def test_failure_tells_the_time_when_the_rate_is_limited(simulator: Simulator) -> None:
    failure = await failure_of(simulator, {"name": "rate_limited", "retry_after_s": 7})
    assert isinstance(failure, RateLimited)
    assert failure.retry_after_ms == 7000


@pytest.mark.parametrize(
    "fault",
    ["unauthorized", "forbidden", "unknown_model", "credit_exhausted", {"name": "rate_limited", "retry_after_s": 3600}],
)
async def test_account_pauses_when_nobodys_call_can_work(simulator: Simulator, fault: str | dict[str, Any]) -> None:
    assert isinstance(await failure_of(simulator, fault), AccountPaused)


@pytest.mark.parametrize(
    ("fault", "code"), [("bad_request", "bad_request"), ("too_large", "too_large"), ("refusal", "refused")]
)
async def test_failure_is_final_when_the_request_itself_is_the_reason(
    simulator: Simulator, fault: str, code: str
) -> None:
    failure = await failure_of(simulator, fault)
    assert isinstance(failure, FinalFailure)
    assert failure.final_code == code


async def test_review_keeps_complete_findings_when_the_answer_is_cut_off(simulator: Simulator) -> None:
    simulator.change({"queue": ["max_tokens"]})
    async with engine_for(simulator) as engine:
        heard = await review(engine)
    assert 0 < len(heard.findings) < 3
    assert heard.result["truncated"] is True


async def test_failure_is_final_when_the_answer_is_cut_off_before_the_first_finding(simulator: Simulator) -> None:
    simulator.change({"findings": 1})
    failure = await failure_of(simulator, "max_tokens")
    assert isinstance(failure, FinalFailure)
    assert failure.final_code == "output_too_long"


@pytest.mark.parametrize("fault", ["broken_finding", "invented_quote"])
async def test_review_drops_only_the_finding_when_it_cannot_be_used(simulator: Simulator, fault: str) -> None:
    simulator.change({"queue": [fault]})
    async with engine_for(simulator) as engine:
        heard = await review(engine)
    assert len(heard.findings) == 3
    assert heard.result["dropped"] == 1


async def test_answer_cites_only_what_the_document_says_when_it_quotes(simulator: Simulator) -> None:
    async with engine_for(simulator) as engine:
        heard = Heard()
        question = Question("t1", "Who paid the difference out of the reserve?", "c1", DOCUMENT)
        await heard.all_of(engine.answer(question, heard.learn))
    text = "".join(e.text for e in heard.events if isinstance(e, TextAdded))
    assert "simulator" in text
    assert {"section_id": "s1", "quote": "The council paid the difference out of its reserve."} in heard.result[
        "citations"
    ]
    assert heard.result["conversation_id"] == "c1"


async def test_a_second_question_reads_the_document_from_the_cache(simulator: Simulator) -> None:
    async with engine_for(simulator) as engine:
        for history in ((), (Turn("Until when?", "Until autumn."),)):
            heard = Heard()
            await heard.all_of(
                engine.answer(Question("t1", "And why?", "c1", DOCUMENT, None, (), history), heard.learn)
            )
    first, second = simulator.ledger.calls
    assert second.cache_read_input_tokens == first.cache_creation_input_tokens > 0


async def test_invented_quotes_of_an_answer_are_no_citations() -> None:
    said = (
        "It says «The council paid the difference» and «The zebra signed it», and «Traffic is led over the old ferry»."
    )
    async with Simulator(script=lambda asked: said).running() as simulator, engine_for(simulator) as engine:
        heard = Heard()
        await heard.all_of(engine.answer(Question("t1", "Who paid?", "c1", DOCUMENT), heard.learn))
    assert heard.result["citations"] == [
        {"section_id": "s1", "quote": "The council paid the difference"},
        {"section_id": "s2", "quote": "Traffic is led over the old ferry"},
    ]


async def test_answer_takes_earlier_turns_along_when_there_are_some(simulator: Simulator) -> None:
    history = (Turn("And the ferry?", "It runs."), Turn("", "nothing was asked"), Turn("Why?", ""))
    async with engine_for(simulator) as engine:
        heard = Heard()
        await heard.all_of(
            engine.answer(Question("t1", "Until when?", "c1", DOCUMENT, SECOND, (), history), heard.learn)
        )
    call: Call = simulator.ledger.calls[0]
    assert call.status == 200  # the API refuses empty messages
    assert heard.result["engine"] == "claude"
