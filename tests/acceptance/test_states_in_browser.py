"""Each state that a task can be in, as a person reads it, at both widths and in both colour schemes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from accessibility import violations
from fleet import Fleet, SimulatorProcess
from playwright.async_api import expect
from review_page import ReviewPage

from tasks.contract.states import TaskState

TITLES = ("Done", "Refused", "Retried", "Held one", "Held two", "Held three", "Waits", "Stopped")
TEXT = "The number of errors fell from 420 to 180, which is a drop of 75% in two weeks. It stands here too."
NARROW = {"width": 360, "height": 780}
WIDE = {"width": 1400, "height": 1000}
HELD = {"name": "held", "after_events": 25}


def text_of(title: str, path: Path) -> str:
    """A section's text. No other test has the same: an answer that was given before is given again at once."""
    return f"{title} in {path.stem}: {TEXT}"


def document_of(titles: Sequence[str], path: Path) -> Path:
    """A file with these sections."""
    path.write_text("\n\n".join(f"# {title}\n\n{text_of(title, path)}" for title in titles))
    return path


def of(title: str, path: Path, fault: object) -> dict[str, object]:
    """A rule for the next call that reviews that section: only there its text stands behind a tag."""
    return {"contains": f">\n{text_of(title, path)}", "fault": fault, "times": 1}


FAULTS = {
    "Refused": {"name": "bad_request", "message": "this cannot be read"},
    "Retried": {"name": "server_error", "retry_after_s": 80},
    **dict.fromkeys(("Held one", "Held two", "Held three"), HELD),
}


@pytest.fixture
async def review_of_all_states(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage, tmp_path: Path
) -> AsyncIterator[ReviewPage]:
    """A document with a section in each state, which stay so until something is done."""
    fleet, simulator = shared
    path = document_of(TITLES, tmp_path / f"{tmp_path.name}.md")
    simulator.control(rules=[of(title, path, fault) for title, fault in FAULTS.items()])
    await review.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    document_id = await review.upload(fleet.url, path=path)
    await review.press("Analyze all")
    await expect(review.standing_as(TaskState.PROGRESS)).to_have_count(3)
    await review.stop("s8")
    yield review
    fleet.http.post(f"/documents/{document_id}/cancel").raise_for_status()


def standing(review: ReviewPage, title: str) -> str:
    return f"s{TITLES.index(title) + 1}"


async def expect_words(review: ReviewPage, title: str, state: TaskState, words: str) -> None:
    """The section's line has the shape of that state, and says it in words that match."""
    section_id = standing(review, title)
    await review.expect_shape(section_id, state)
    await expect(review.section(section_id).locator(".standing-line")).to_have_text(re.compile(words))


async def test_every_state_is_told_by_shape_and_words_with_what_can_be_done(review_of_all_states: ReviewPage) -> None:
    review = review_of_all_states
    await expect_words(review, "Done", TaskState.SUCCESS, r"^done, 2 findings · \d+ s")
    await expect_words(review, "Refused", TaskState.FAILURE, r"^could not be reviewed: ")
    await expect_words(
        review, "Retried", TaskState.RETRY, r"^trying again in \d+ s \(attempt 2 of 3\): Claude had an error$"
    )
    await expect_words(review, "Held one", TaskState.PROGRESS, r"^1 finding so far… · \d+ s$")
    await expect_words(review, "Waits", TaskState.PENDING, r"^next in line")
    await expect_words(review, "Stopped", TaskState.REVOKED, r"^stopped")
    stop = await review.send_late("/cancel_task/*")
    await review.stop("s4")
    await expect_words(review, "Held one", TaskState.REVOKED, r"^stopping…$")
    assert await violations(review.page) == []
    await review.page.get_by_role("tab", name="Activity").click()
    await expect(review.page.locator(".log tbody tr")).to_have_count(len(TITLES))
    assert await violations(review.page) == []
    await review.page.keyboard.press("Escape")

    refused = review.section(standing(review, "Refused"))
    await review.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await refused.get_by_role("button", name="Copy details").click()
    copied = await review.page.evaluate("navigator.clipboard.readText()")
    assert "this cannot be read" in copied and "error bad_request" in copied

    await refused.get_by_role("button", name="Try again").click()
    retried = review.section(standing(review, "Retried"))
    await retried.get_by_role("button", name="Try now").click()
    stop.set()
    await expect_words(review, "Held one", TaskState.REVOKED, "^stopped")
    for title in ("Refused", "Retried", "Waits"):
        await expect_words(review, title, TaskState.SUCCESS, "^done, 2 findings")


async def test_no_state_breaks_a_rule_at_360_pixels_and_nothing_needs_scrolling_sideways(
    review_of_all_states: ReviewPage,
) -> None:
    review = review_of_all_states
    await review.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    for title, state in (
        ("Refused", TaskState.FAILURE),
        ("Retried", TaskState.RETRY),
        ("Held one", TaskState.PROGRESS),
    ):
        await review.expect_shape(standing(review, title), state)
    assert await violations(review.page) == []
    sideways = "document.documentElement.scrollWidth > innerWidth"
    assert not await review.page.evaluate(sideways)
    inline = review.section("s1").locator(".inline-findings .card")
    await expect(inline).to_have_count(2)
    await inline.first.get_by_role("button", name="Accept: ").click()
    await expect(inline.first).to_have_attribute("data-status", "accepted")

    await review.page.get_by_role("tab", name="Chat").click()
    box = await review.page.locator(".drawer").bounding_box()
    assert box is not None and (box["y"], box["width"], box["height"]) == (0, 360, 780), "the chat is a whole sheet"
    assert await violations(review.page) == []
    await review.page.keyboard.press("Escape")
    for screen in ("#/", "#/queue", "#/settings"):
        await review.page.evaluate("(at) => (location.hash = at)", screen)
        await expect(review.page.get_by_role("heading", level=1)).to_be_visible()
        assert not await review.page.evaluate(sideways), screen
        assert await violations(review.page) == [], screen


async def test_queue_puts_failures_first_and_each_has_its_way_out(review_of_all_states: ReviewPage) -> None:
    review = review_of_all_states
    document, name = review.page.url, await review.page.get_by_role("heading", level=1).inner_text()
    await review.page.get_by_role("link", name="Queue").click()
    mine = review.page.locator(".my-tasks").first.get_by_role("listitem").filter(has_text=name)
    await expect(mine.first).to_contain_text(f"Review of “Refused” in {name}")
    await expect(mine.nth(1)).to_contain_text("trying again in")
    for words in ("Started a minute", "Waited to start", "Share of the limit used"):
        await expect(review.page.get_by_role("img", name=words)).to_be_visible()
    assert await violations(review.page) == []
    await mine.first.get_by_role("button", name="Try again").click()
    await expect(mine.first).to_contain_text("trying again in")
    await review.page.go_back()
    await expect(review.page).to_have_url(document)
    await expect_words(review, "Stopped", TaskState.REVOKED, "^stopped")


async def test_a_closed_limit_is_told_with_the_time_at_which_it_opens(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage, tmp_path: Path
) -> None:
    fleet, simulator = shared
    path = document_of(["One"], tmp_path / "limited.md")
    simulator.control(queue=[{"name": "rate_limited", "retry_after_s": 6}])
    await review.upload(fleet.url, path=path)
    queue = await review.second_tab("#/queue")
    await review.press("Analyze all")
    await review.expect_said(r"^starts in \d+ s, the account's limit$")
    await queue.expect_said(r"closed, opens in \d+ s")
    await review.expect_shape("s1", TaskState.SUCCESS)


async def test_a_queue_without_a_worker_says_so_and_keeps_what_it_has(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage, tmp_path: Path
) -> None:
    fleet, _ = shared
    path = document_of(["One"], tmp_path / "alone.md")
    await review.upload(fleet.url, path=path)
    fleet.kill_worker()
    try:
        await review.press("Analyze all")
        await expect(review.section("s1").locator(".standing-words")).to_contain_text("no worker is running")
        assert await violations(review.page) == []
        await review.page.get_by_role("link", name="Queue").click()
        await expect(review.page.get_by_text("No worker is running, or the store does not answer.")).to_be_visible()
    finally:  # the tests after this one need it
        await asyncio.to_thread(fleet.start_worker)
    await review.page.go_back()
    await review.expect_shape("s1", TaskState.SUCCESS)


async def test_updates_go_on_over_http_when_no_socket_can_be_opened_and_the_page_says_so(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage, tmp_path: Path
) -> None:
    fleet, simulator = shared
    path = document_of(["One", "Two"], tmp_path / "cut.md")
    blocked = True

    async def door(socket: object) -> None:
        if blocked:
            await socket.close()  # type: ignore[attr-defined]
        else:
            socket.connect_to_server()  # type: ignore[attr-defined]

    await review.page.route_web_socket(re.compile("socket.io"), door)
    await review.upload(fleet.url, path=path)
    simulator.control(rules=[of("One", path, HELD)])
    await review.press("Analyze all")
    await review.expect_said("The server is asked over HTTP instead")
    await review.expect_shape("s2", TaskState.SUCCESS)
    await expect(review.section("s1").locator(".standing-words")).to_have_text("1 finding so far…")
    assert await violations(review.page) == []
    blocked = False
    await review.expect_said("Back, caught up.")
    await review.stop("s1")
    await review.expect_shape("s1", TaskState.REVOKED)


async def test_a_limit_set_on_the_server_is_not_called_the_accounts(review: ReviewPage, tmp_path: Path) -> None:
    with Fleet(tmp_path / "f", RATE_LIMIT_ANALYSIS="1/m") as fleet:
        await review.upload(fleet.url, path=document_of(["One", "Two"], tmp_path / "limited.md"))
        await review.press("Analyze all")
        words = review.section("s2").locator(".standing-words")
        await expect(words).to_have_text(re.compile(r"^starts in \d+ s, this server's limit$"))
        await review.page.get_by_role("link", name="Queue").click()
        await expect(review.page.locator(".budgets")).to_contain_text("Reviews")
        await expect(review.page.locator(".budget-words")).to_have_text(re.compile(r"limit 1 a minute, next in \d+ s$"))
        assert await violations(review.page) == []


async def test_what_is_to_be_known_of_a_review_stays_when_it_is_done(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage, tmp_path: Path
) -> None:
    fleet, _ = shared
    path = tmp_path / "anlage.md"
    path.write_text("# Anlage\n\nDie Anlage wurde im Mai geprüft und war in Ordnung, bis auf zwei Ventile.\n")
    document_id = await review.upload(fleet.url, path=path)
    asked = {"document_id": document_id, "engine": "checker"}
    fleet.http.post("/analyze_document", json=asked).raise_for_status()
    notice = review.section("s1").locator(".standing-notice")
    await review.expect_shape("s1", TaskState.SUCCESS)
    await expect(notice).to_have_text(re.compile("not in English"))
    await review.page.reload()
    await expect(notice).to_have_text(re.compile("not in English"))
