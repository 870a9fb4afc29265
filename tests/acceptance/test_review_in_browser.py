"""The whole product with a real browser before it: live, through faults, and equal to the log."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from pathlib import Path
from typing import Any

from accessibility import violations
from fleet import Fleet, SimulatorProcess
from playwright.async_api import expect
from processes import ROOT, WAIT_S, wait_until
from review_page import Card, ReviewPage, card_of

from tasks.contract.events import Event
from tasks.contract.findings import Finding
from tasks.contract.states import Snapshot, TaskState, fold

REPORT = ROOT / "tests" / "samples" / "report.docx"
ENDS = {"task_succeeded", "task_failed", "task_cancelled"}
FIRST_FINDING = 25
"""A call that is held after so many pieces has given its first finding."""


def tasks_of(fleet: Fleet, document_id: str) -> dict[str, str]:
    """Section -> its task, as the server has them."""
    whole = fleet.http.get(f"/documents/{document_id}").json()
    return {task["section_id"]: task["task_id"] for task in whole["tasks"]}


def log_of(fleet: Fleet, task_id: str) -> list[dict[str, Any]]:
    """The log of an ended task: without a gap, and with one end, at its end."""
    events = fleet.events(task_id)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["type"] in ENDS for event in events].index(True) == len(events) - 1, "it ended exactly once"
    return events


def folded(log: list[dict[str, Any]]) -> Snapshot:
    """The state that a log gives."""
    snapshot = fold(Event.model_validate(event) for event in log)
    assert snapshot is not None
    return snapshot


async def expect_page_equals_log(review: ReviewPage, fleet: Fleet) -> dict[str, Snapshot]:
    """Each section has the state and the findings that its task's log gives, and so has the document's answer."""
    document_id = review.document_id
    told = {section: folded(log_of(fleet, task)) for section, task in tasks_of(fleet, document_id).items()}
    cards = sorted(card_of(finding) for snapshot in told.values() for finding in snapshot.findings)
    for section_id, snapshot in told.items():
        await review.expect_shape(section_id, snapshot.state)
    await expect(review.cards).to_have_count(len(cards))
    assert await review.read_cards() == cards
    assert kept_cards(fleet, document_id) == cards
    return told


def kept_cards(fleet: Fleet, document_id: str) -> list[Card]:
    """The cards that ``GET /documents/<id>`` asks for."""
    whole = fleet.http.get(f"/documents/{document_id}").json()
    return sorted(card_of(Finding.model_validate(finding)) for finding in whole["findings"])


async def test_review_ends_every_task_once_and_page_equals_log_when_tasks_are_cancelled_and_a_worker_is_killed(
    fleet: Fleet, simulator: SimulatorProcess, review: ReviewPage
) -> None:
    simulator.control(queue=["none"])
    simulator.hold(FIRST_FINDING)
    document_id = await review.upload(fleet.url, path=REPORT)
    await review.press("Analyze all")

    # Two of the first three are held after their first finding; the third ends, and the line moves on.
    sections = list(await review.shapes())
    await expect(review.standing_as(TaskState.SUCCESS)).to_have_count(1)
    await expect(review.standing_as(TaskState.PROGRESS)).to_have_count(3)
    await expect(review.figures).to_contain_text("1 of 10 sections · 9 under way")
    first = await review.shapes()
    assert Counter(first[section] for section in sections[:3]) == {"running": 2, "done": 1}
    assert first[sections[-1]] == "waiting", "findings of some have arrived while others still wait"
    stopped, lost = (section for section in sections[:3] if first[section] == "running")
    tasks = tasks_of(fleet, document_id)
    for section in (stopped, lost):
        await expect(review.section(section).locator(".standing-words")).to_have_text("1 finding so far…")

    waiting = sections[-1]
    await review.stop(waiting)
    await review.stop(stopped)
    for section in (waiting, stopped):
        await review.expect_shape(section, TaskState.REVOKED)
    await asyncio.to_thread(
        wait_until,
        lambda: [call["end"] for call in simulator.ledger()].count("client_closed") == 1,
        "the stream of the stopped one is closed",
    )

    fleet.kill_worker()
    before = await review.read_cards()
    await review.page.reload()
    for card in before:
        await expect(review.card(card.finding_id)).to_be_visible()
    await expect(review.figures).to_contain_text("1 of 10 sections · 7 under way")
    simulator.release()
    await asyncio.to_thread(fleet.start_worker)

    await expect(review.figures).to_contain_text("8 of 10 sections")
    await expect(review.figures).not_to_contain_text("under way")
    told = await expect_page_equals_log(review, fleet)
    assert Counter(snapshot.state for snapshot in told.values()) == {TaskState.SUCCESS: 8, TaskState.REVOKED: 2}
    assert {told[waiting].state, told[stopped].state} == {TaskState.REVOKED}
    logs = {section: log_of(fleet, task) for section, task in tasks.items()}
    assert [event["type"] for event in logs[waiting]] == ["task_queued", "task_cancelled"]
    assert "finding_made" in [event["type"] for event in logs[stopped]], "it ran when it was stopped"
    reasons = [event["data"]["reason"] for event in logs[lost] if event["type"] == "task_queued"]
    assert "worker_lost" in reasons, "the fault really happened"
    assert told[lost].attempt >= 2
    assert len(told[lost].findings) == 3, "what the first attempt had found is not there twice"

    await review.page.reload()
    await expect_page_equals_log(review, fleet)


async def test_banner_tells_the_truth_and_nothing_is_missing_when_the_server_dies_and_comes_back(
    fleet: Fleet, simulator: SimulatorProcess, review: ReviewPage
) -> None:
    simulator.hold(FIRST_FINDING)
    await review.upload(fleet.url, path=REPORT)
    await review.page.evaluate("window.neverReloaded = true")
    await review.press("Analyze all")
    await expect(review.cards).not_to_have_count(0)
    await expect(review.banner).to_be_hidden()

    assert fleet.server.stop(signal.SIGKILL) == -signal.SIGKILL
    await review.expect_said("Reconnecting; your review continues on the server.")
    before = await review.cards.count()
    assert before <= 3, "the server died before the review was done"
    simulator.release()
    ended = {"ended": 10, "wait": WAIT_S}
    await asyncio.to_thread(simulator.http.get, "/control/ledger", params=ended, timeout=2 * WAIT_S)
    assert [call["end"] for call in simulator.ledger()] == ["complete"] * 10, "the workers went on without a server"
    assert await review.cards.count() == before
    await expect(review.banner).to_be_visible()
    assert await violations(review.page) == []

    await asyncio.to_thread(fleet.start_server)
    await review.expect_said("Back, caught up.")
    await expect(review.figures).to_contain_text("10 of 10 sections · 30 findings")
    await expect_page_equals_log(review, fleet)
    await expect(review.banner).to_be_hidden()
    assert await review.page.evaluate("window.neverReloaded")


async def test_sample_is_reviewed_by_the_built_in_checker_when_there_is_no_key(
    keyless: Fleet, review: ReviewPage
) -> None:
    await review.page.goto(keyless.url)
    await review.press("Try the sample report")
    await review.press("Analyze all")
    await expect(review.figures).to_contain_text("10 of 10 sections")
    await expect(review.page.get_by_text("Reviewed by Built-in checker (rules, English, no AI)")).to_be_visible()
    told = await expect_page_equals_log(review, keyless)
    assert {snapshot.engine for snapshot in told.values()} == {"checker"}
    quotes = [card.quote for card in await review.read_cards()]
    for planted in ("recieved", "75%", "Table9", "QVRS", "TODO"):
        assert any(planted in quote for quote in quotes), planted
    assert await review.cards.get_by_text("Claude").count() == 0


async def test_each_section_is_counted_once_when_its_task_is_heard_of_before_the_answer_to_its_request(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage
) -> None:
    fleet, simulator = shared
    simulator.hold(FIRST_FINDING)
    await review.upload(fleet.url, path=REPORT)
    answer = await review.answer_late("/analyze_document")
    async with review.page.expect_event("requestfinished", lambda request: request.url.endswith("/analyze_document")):
        await review.press("Analyze all")
        await expect(review.standing_as(TaskState.PROGRESS)).to_have_count(3)
        await expect(review.figures).to_contain_text("0 of 10 sections · 10 under way · 3 findings")
        simulator.release()
        await expect(review.figures).to_contain_text("10 of 10 sections · 30 findings")
        assert await review.section_words() == ["done, 3 findings"] * 10
        answer.set()
    await review.page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert await review.section_words() == ["done, 3 findings"] * 10
    await expect_page_equals_log(review, fleet)


async def test_two_tabs_and_a_reload_show_the_same_when_one_starts_the_review_and_the_other_stops_a_part(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage
) -> None:
    fleet, simulator = shared
    simulator.hold(FIRST_FINDING)
    await review.upload(fleet.url, path=REPORT)
    other = await review.second_tab()
    await review.press("Analyze all")
    last = list(await other.shapes())[-1]
    await other.expect_shape(last, TaskState.PENDING)
    await other.stop(last)
    await review.expect_shape(last, TaskState.REVOKED)
    simulator.release()

    for tab in (review, other):
        await expect(tab.figures).to_contain_text("9 of 10 sections")
        told = await expect_page_equals_log(tab, fleet)
        assert Counter(snapshot.state for snapshot in told.values()) == {TaskState.SUCCESS: 9, TaskState.REVOKED: 1}
    assert await review.figures.text_content() == await other.figures.text_content()
    seen = await review.shapes(), await review.read_cards()
    assert len(seen[1]) == 27
    assert (await other.shapes(), await other.read_cards()) == seen
    await review.page.reload()
    await expect(review.cards).to_have_count(27)
    assert (await review.shapes(), await review.read_cards()) == seen


async def test_chat_answer_streams_in_and_its_quote_leads_into_the_text(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage
) -> None:
    fleet, simulator = shared
    simulator.hold(after_events=3)
    await review.upload(fleet.url, path=REPORT)
    await review.page.set_viewport_size({"width": 1400, "height": 900})
    await review.ask("What did the support agency cost, and who was called in for two days?")
    answer = review.conversation.locator(".prose")
    await expect(answer).to_contain_text("This is the simulator.")
    begun = await answer.inner_text()
    await expect(review.conversation.get_by_role("button", name="Stop")).to_be_visible()
    simulator.release()

    quotes = review.conversation.get_by_role("list", name="Quotes").get_by_role("button")
    quote = quotes.filter(has_text="called in for two days")
    await expect(quote).to_be_visible()
    await expect(review.conversation.get_by_role("button", name="Stop")).to_have_count(0)
    whole = await answer.inner_text()
    assert whole.startswith(begun)
    assert len(whole) > len(begun), "it came in parts"
    await expect(review.conversation).to_contain_text("Claude · claude-sonnet-5-5")

    cited = review.page.locator("mark[data-cited]")
    await expect(cited).to_have_count(0)
    await quote.click()
    await expect(cited).to_be_in_viewport()
    assert f"“{await cited.inner_text()}”" in await quote.inner_text()
    assert "Costs" in await quote.inner_text()
    await review.page.reload()
    await review.page.get_by_role("tab", name="Chat").click()
    await expect(answer).to_have_text(whole)


async def test_chat_keeps_what_was_said_and_closes_the_stream_when_it_is_stopped(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage
) -> None:
    fleet, simulator = shared
    simulator.hold(after_events=2)
    document_id = await review.upload(fleet.url, path=REPORT)
    await review.ask("How long was the outage?")
    answer = review.conversation.locator(".prose")
    await expect(answer).to_contain_text("This is the simulator.")
    assert simulator.ledger()[-1]["end"] is None, "it is still being answered"
    said = await answer.inner_text()
    await review.conversation.get_by_role("button", name="Stop").click()

    await expect(review.conversation).to_contain_text("stopped")
    assert await answer.inner_text() == said
    await asyncio.to_thread(
        wait_until, lambda: simulator.ledger()[-1]["end"] == "client_closed", "the stream to Claude is closed"
    )
    tasks = fleet.http.get("/tasks", params={"document_id": document_id}).json()["tasks"]
    snapshot = folded(log_of(fleet, tasks[0]["task_id"]))
    assert (len(tasks), snapshot.state, snapshot.text.strip()) == (1, TaskState.REVOKED, said.strip())
    simulator.release()
    await review.conversation.get_by_role("button", name="Ask again").click()
    await expect(review.conversation.get_by_role("list", name="Quotes")).to_be_visible()


HOSTILE = '<img src=x onerror="injected=1"><b id=injected>bold</b><script>injected=1</script>'


async def test_html_is_shown_as_text_when_name_title_text_finding_and_answer_contain_it(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage, tmp_path: Path
) -> None:
    fleet, _ = shared
    path = tmp_path / "<b id=injected>plan.md"
    path.write_text(f"# The `<i id=injected>plan</i>`\n\n{HOSTILE} stands in the first sentence.\n")
    await review.upload(fleet.url, path=path)
    section_id = (await review.shapes()).popitem()[0]
    await expect(review.section(section_id)).to_contain_text(HOSTILE)
    await expect(review.page.get_by_role("heading", level=2, name="The <i id=injected>plan</i>")).to_be_visible()

    await review.press("Analyze all")
    await expect(review.figures).to_contain_text("1 of 1 section · 1 finding")
    await review.section(section_id).locator("mark").click()
    await expect(review.cards.locator("del")).to_contain_text("<img src=x onerror=")
    await expect(review.cards.locator("ins")).to_contain_text("<img src=x onerror=")
    await review.ask("What stands in the first sentence?")
    await expect(review.conversation.locator(".prose")).to_contain_text(HOSTILE)
    await expect(review.conversation.get_by_role("list", name="Quotes")).to_contain_text(HOSTILE)

    assert await review.page.locator("#injected, #app img, #app script").count() == 0
    assert await review.page.evaluate("window.injected") is None
