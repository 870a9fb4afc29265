"""What the page says when something is gone: the store, or the document that it shows."""

from __future__ import annotations

import asyncio
import signal

import httpx
from accessibility import violations, violations_in_both_schemes
from fleet import Fleet, SimulatorProcess
from playwright.async_api import expect
from processes import ROOT
from review_page import ReviewPage

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
    assert await violations_in_both_schemes(review.page) == []
