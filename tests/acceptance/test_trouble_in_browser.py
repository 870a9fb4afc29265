"""What the page says when something is gone: the store, or the document that it shows."""

from __future__ import annotations

import asyncio
import re
import signal
from pathlib import Path

import httpx
from accessibility import violations
from fleet import Fleet, SimulatorProcess
from playwright.async_api import WebSocketRoute, expect
from processes import ROOT, wait_until
from review_page import ReviewPage

from tasks.contract.states import TaskState

REPORT = ROOT / "tests" / "samples" / "report.docx"


async def test_page_says_that_the_store_is_away_and_the_review_goes_on_when_it_is_back(
    fleet: Fleet, simulator: SimulatorProcess, review: ReviewPage
) -> None:
    simulator.hold(after_events=25)
    await review.upload(fleet.url, path=REPORT)
    await review.press("Analyze all")
    await expect(review.cards).not_to_have_count(0)

    assert fleet.store.stop(signal.SIGKILL) == -signal.SIGKILL
    await expect(review.banner).to_have_text(
        "The store cannot be reached. Your review continues as soon as it is back."
    )
    assert "10 of 10 sections" not in await review.figures.inner_text(), "the store died before the review was done"
    library = await review.page.context.new_page()
    await library.goto(fleet.url)
    await expect(library.locator(".load-problem")).to_be_visible()
    assert await violations(library) == []

    simulator.release()
    await asyncio.to_thread(fleet.start_store)
    await expect(review.banner).to_be_hidden()
    await expect(review.figures).to_contain_text("10 of 10 sections · 30 findings")
    await expect(library.get_by_role("link", name="report.docx")).to_contain_text("10 of 10 sections reviewed")
    await expect(library.locator(".load-problem")).to_be_hidden()


async def test_page_says_that_the_document_was_deleted_when_it_was_deleted_elsewhere(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage
) -> None:
    fleet, _ = shared
    document_id = await review.upload(fleet.url, path=REPORT)
    await review.press("Analyze all")
    await expect(review.figures).to_contain_text("10 of 10 sections")
    assert fleet.http.delete(f"/documents/{document_id}").status_code == httpx.codes.NO_CONTENT
    await expect(review.page.get_by_role("heading", name="This document was deleted")).to_be_visible()
    await expect(review.page.get_by_role("alert").get_by_role("paragraph")).to_have_count(0)
    assert await violations(review.page) == []


MINUTE_LATER = """
() => {
  const was = Date.now;
  Date.now = () => was() + 60_000;
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


async def test_a_tab_that_slept_shows_what_happened_meanwhile_when_it_wakes(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage
) -> None:
    fleet, simulator = shared
    asleep = False

    async def drowsy(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda message: None if asleep else socket.send(message))

    await review.page.route_web_socket(re.compile("socket.io"), drowsy)
    simulator.hold(after_events=25)
    document_id = await review.upload(fleet.url, path=REPORT)
    await review.press("Analyze all")
    await expect(review.standing_as(TaskState.PROGRESS)).to_have_count(3)
    await expect(review.cards).to_have_count(3)

    asleep = True
    simulator.release()
    await asyncio.to_thread(
        wait_until,
        lambda: fleet.http.get(f"/documents/{document_id}").json()["progress"] == 100,
        "the review is done while the tab sleeps",
    )
    await expect(review.figures).to_contain_text("0 of 10 sections · 10 under way")
    asleep = False
    await review.page.evaluate(MINUTE_LATER)
    await expect(review.figures).to_contain_text("10 of 10 sections · 30 findings")
    await expect(review.standing_as(TaskState.SUCCESS)).to_have_count(10)
    await expect(review.banner).to_be_hidden()


async def test_a_reached_cost_limit_is_told_with_what_costs_nothing(
    review: ReviewPage, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    with Fleet(tmp_path / "f", DAILY_COST_LIMIT_USD="0", **simulator.env) as fleet:
        await review.upload(fleet.url, path=REPORT)
        await review.press("Analyze all")
        notice = review.page.get_by_role("alert").get_by_role("paragraph")
        await expect(notice).to_contain_text("Today's cost limit is reached.")
        await review.page.get_by_role("tab", name="Cost").click()
        await expect(review.page.get_by_text("The limit is reached; it opens again at")).to_be_visible()
        assert await violations(review.page) == []
        await review.press("Check without AI")
        await expect(notice).to_have_count(0)
        await expect(review.figures).to_contain_text("10 of 10 sections")
        await expect(review.page.get_by_text("Reviewed by Built-in checker (rules, English, no AI)")).to_be_visible()


async def test_a_file_that_cannot_be_taken_is_refused_with_the_reason_and_the_next_step(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage, tmp_path: Path
) -> None:
    fleet, _ = shared
    await review.page.goto(fleet.url)
    await expect(review.page.get_by_role("button", name="Try the sample report")).to_be_visible()
    refused = review.page.locator(".drop").get_by_role("alert")
    for name, content, words in (
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(99), "Choose a docx, pdf, md or txt file"),
        ("broken.docx", b"PK\x03\x04 this is no Word file", "Word"),
        ("large.pdf", bytes(25_000_000), "20 MB"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        await review.page.get_by_label("Choose a file").set_input_files(path)
        await expect(refused).to_contain_text(words)
    assert await violations(review.page) == []
