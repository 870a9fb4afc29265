"""What people do with findings, by pointer and by keys, and what they may choose."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from accessibility import violations
from fleet import Fleet, SimulatorProcess
from playwright.async_api import Locator, Page, expect
from processes import ROOT
from review_page import ReviewPage

from tests.load.page import LARGEST_KB, kilobytes

REPORT = ROOT / "tests" / "samples" / "report.docx"
SELECT = """
([section, words]) => {
  const walker = document.createTreeWalker(document.querySelector(`[data-section="${section}"]`), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.data.indexOf(words);
    if (at < 0) continue;
    getSelection().setBaseAndExtent(node, at, node, at + words.length);
    return document.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
  }
  throw new Error(`${words} does not stand there`);
}
"""


@pytest.fixture
async def reviewed(shared: tuple[Fleet, SimulatorProcess], review: ReviewPage) -> ReviewPage:
    """The sample, reviewed: thirty findings, each with a replacement."""
    fleet, _ = shared
    await review.page.set_viewport_size({"width": 1400, "height": 1000})
    await review.upload(fleet.url, path=REPORT)
    await review.press("Analyze all")
    await expect(review.figures).to_contain_text("10 of 10 sections · 30 findings")
    return review


def chosen(review: ReviewPage) -> Locator:
    """The card that is open."""
    return review.page.locator(".card[data-selected]")


async def test_findings_are_gone_through_and_decided_by_keys_alone(reviewed: ReviewPage) -> None:
    keys, card = reviewed.page.keyboard, chosen(reviewed)
    await keys.press("j")
    await expect(card.locator(".card-counter")).to_have_text("1 of 30")
    await keys.press("j")
    await keys.press("k")
    await expect(card.locator(".card-counter")).to_have_text("1 of 30")
    assert await reviewed.page.evaluate("document.activeElement === document.body"), "the focus moves only when asked"
    await keys.press("a")
    await expect(card).to_have_attribute("data-status", "accepted")
    mark = reviewed.page.locator("mark[data-selected]").first
    await expect(mark.locator("ins")).to_contain_text("(simulator)")
    await keys.press("j")
    await keys.press("x")
    await expect(card).to_have_attribute("data-status", "rejected")
    await keys.press("u")  # before the first answer may be there
    await expect(card).to_have_attribute("data-status", "open")
    await keys.press("u")
    await keys.press("k")
    await expect(card).to_have_attribute("data-status", "open")
    async with reviewed.page.expect_response(lambda answer: answer.headers.get("etag") == '"8"'):
        for key in "auaua":  # faster than the answers
            await keys.press(key)
    await expect(card).to_have_attribute("data-status", "accepted")
    await expect(reviewed.page.get_by_role("alert").get_by_role("paragraph")).to_have_count(0)
    await keys.press("Enter")
    await expect(card.locator(".card-head")).to_be_focused()
    await keys.press("Escape")
    await expect(card).to_have_count(0)

    await keys.press("?")
    await expect(reviewed.page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert await violations(reviewed.page) == []
    await keys.press("Escape")
    await expect(reviewed.page.get_by_role("dialog")).to_have_count(0)
    await keys.press("/")
    await expect(reviewed.question).to_be_focused()
    await keys.type("jax")
    await expect(reviewed.question).to_have_value("jax")
    await expect(card).to_have_count(0)
    await keys.press("Escape")
    await expect(reviewed.question).to_have_count(0)


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until that is what Enter would press."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        said = "(({ ariaLabel, innerText }) => ariaLabel ?? innerText)(document.activeElement)"
        if str(await page.evaluate(said)).startswith(name):
            return
    raise AssertionError(f"Tab does not reach {name}")


async def test_a_document_is_given_reviewed_and_decided_about_without_a_pointer(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage
) -> None:
    fleet, _ = shared
    page = review.page
    await page.set_viewport_size({"width": 1400, "height": 1000})
    await page.goto(fleet.url)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await tab_to(page, "Try the sample report")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1, name="Sample report.docx")).to_be_visible()
    await tab_to(page, "Analyze all")
    await page.keyboard.press("Enter")
    await expect(review.figures).to_contain_text("10 of 10 sections · 30 findings")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(chosen(review).locator(".card-head")).to_be_focused()
    await tab_to(page, "Accept: ")
    await page.keyboard.press("Space")
    await expect(chosen(review)).to_have_attribute("data-status", "accepted")
    await tab_to(page, "Undo: ")
    await page.keyboard.press("Enter")
    await expect(chosen(review)).to_have_attribute("data-status", "open")


async def test_an_accepted_change_stands_in_the_text_and_outdates_what_it_covers_in_both_tabs(
    reviewed: ReviewPage,
) -> None:
    page = reviewed.page
    other = await reviewed.second_tab()
    first = page.locator('[data-section="s1"] mark').first
    words = await first.inner_text()
    await page.evaluate(SELECT, ["s1", words])
    await page.get_by_role("button", name="Add a finding").click()
    dialog = page.get_by_role("dialog", name="A finding of your own")
    await expect(dialog).to_contain_text(words)
    assert await violations(page) == []
    await dialog.get_by_label("What should change, and why").fill("Name the year.")
    await dialog.get_by_label("Severity").select_option("major")
    await dialog.get_by_role("button", name="Add").click()
    own = reviewed.cards.filter(has_text="Name the year.")
    await expect(own).to_contain_text("major · clarity · yours")
    await expect(other.cards.filter(has_text="Name the year.")).to_be_visible()

    await page.keyboard.press("Escape")
    engine = reviewed.section("s1").page.locator(".card", has_not_text="Name the year.").first
    await engine.locator(".card-head").click()
    await engine.get_by_role("button", name="Edit: ").click()
    await engine.get_by_label("Instead of").fill("On 14 March 2026")
    await engine.get_by_role("button", name="Accept this").click()
    await expect(own).to_have_attribute("data-status", "outdated")
    await expect(page.locator('[data-section="s1"] mark ins').first).to_have_text("On 14 March 2026")
    await expect(other.cards.filter(has_text="Name the year.")).to_have_attribute("data-status", "outdated")

    await page.reload()
    await expect(own).to_have_attribute("data-status", "outdated")
    await expect(page.locator('[data-section="s1"] mark ins').first).to_have_text("On 14 March 2026")
    accepted = page.locator('.card[data-status="accepted"]').first
    await accepted.hover()
    await accepted.get_by_role("button", name="Undo: ").click()
    await expect(own).to_have_attribute("data-status", "open")
    await own.locator(".card-head").click()
    await own.get_by_role("button", name="Delete: ").click()
    await expect(own).to_have_count(0)
    await expect(other.figures).to_contain_text("30 findings")


async def test_filters_leave_only_what_was_chosen_and_a_question_takes_its_finding_along(
    reviewed: ReviewPage,
) -> None:
    page = reviewed.page
    await page.locator(".filter > summary").click()
    assert await violations(page) == []
    for severity in ("critical", "minor", "info"):
        await page.get_by_label(re.compile(f"^{severity}")).uncheck()
    await expect(page.locator(".filter > summary")).to_have_text(re.compile(r"^\d+ of 30 shown$"))
    await expect(page.locator('.card:not([data-severity="major"])')).to_have_count(0)
    await expect(page.locator('mark:not([data-severity="major"])')).to_have_count(0)
    await page.keyboard.press("Escape")
    await page.locator(".menu > summary", has_text="Export").click()
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Table (CSV)")).to_be_hidden()
    await page.keyboard.press("j")
    await expect(chosen(reviewed)).to_have_attribute("data-severity", "major")
    await chosen(reviewed).get_by_role("button", name="Ask: ").click()
    await expect(reviewed.question).to_have_value(re.compile("^About “"))
    await reviewed.press("Ask")
    await expect(reviewed.conversation.get_by_role("button", name="Copy this answer")).to_be_visible()
    assert await violations(page) == []
    await page.get_by_role("tab", name="Cost").click()
    assert await violations(page) == []


async def test_settings_are_kept_by_the_browser_and_a_key_is_shown_once(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage
) -> None:
    fleet, _ = shared
    page = review.page
    await page.goto(f"{fleet.url}/#/settings")
    await page.get_by_role("radio", name="Dark").check()
    await page.get_by_role("checkbox", name="Single keys").uncheck()
    await page.get_by_label("What the key is for").fill("robot")
    await review.press("Create a key")
    secret = await page.locator(".new-key code").inner_text()
    assert await violations(page) == []
    await page.reload()
    await expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    await expect(page.get_by_role("checkbox", name="Single keys")).not_to_be_checked()
    await expect(page.get_by_role("button", name="Delete the key robot")).to_be_visible()
    assert secret not in await page.content()
    assert await page.evaluate("document.documentElement.style.colorScheme") == "dark"

    await review.upload(fleet.url, path=REPORT)
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("link", name="Settings").click()
    await review.press("Delete the key robot")
    page.on("dialog", lambda dialog: dialog.accept())
    await review.press("Delete everything of mine")
    await expect(page.get_by_text("Your documents, findings, chats and tasks are gone.")).to_be_visible()
    await page.get_by_role("link", name="Galley").click()
    await expect(page.get_by_role("link", name="report.docx")).to_have_count(0)
    assert await violations(page) == []


async def test_what_is_found_above_the_reader_moves_nothing_and_can_be_gone_to(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage
) -> None:
    fleet, _ = shared
    page = review.page
    await page.set_viewport_size({"width": 1400, "height": 700})
    await review.upload(fleet.url, path=REPORT)
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    await expect(page.locator('.outline-go[aria-current="location"]').first).to_contain_text("Conclusion")
    await review.press("Analyze all")
    chip = page.get_by_role("button", name="new above")
    await expect(chip).to_be_visible()
    await expect(review.figures).to_contain_text("10 of 10 sections")
    assert await page.locator('[data-section="s10"]').evaluate("(it) => it.getBoundingClientRect().top < innerHeight")
    await chip.click()
    await expect(chosen(review).locator(".card-counter")).to_have_text("1 of 30")
    await expect(page.locator("mark[data-selected]").first).to_be_in_viewport()


TOLD = """
localStorage.setItem("galley.notify", "true");
window.told = [];
window.Notification = class {
  static permission = "granted";
  constructor(title, { body }) { told.push(`${title}. ${body}`); }
};
"""
LOOKED_AWAY_FOR_LONG = """
() => {
  const was = Date.now;
  Date.now = () => was() + 30_000;
  Object.defineProperty(document, "hidden", { get: () => true });
}
"""


async def test_the_browser_tells_when_a_long_review_is_done_and_nobody_looks(
    shared: tuple[Fleet, SimulatorProcess], review: ReviewPage, tmp_path: Path
) -> None:
    fleet, simulator = shared
    path = tmp_path / "long.md"
    path.write_text("# One\n\nThis takes a while to be read, and nobody wants to sit before it.\n")
    simulator.hold(after_events=3)
    await review.page.add_init_script(TOLD)
    await review.upload(fleet.url, path=path)
    await review.press("Analyze all")
    await expect(review.figures).to_contain_text("1 under way")
    await review.page.evaluate(LOOKED_AWAY_FOR_LONG)
    simulator.release()
    await expect(review.page.get_by_role("status")).to_contain_text("The review is done: 1 of 1 section, 1 finding.")
    assert await review.page.evaluate("told") == ["long.md is reviewed. 1 of 1 section, 1 finding."]


def test_the_page_stays_small_enough_to_be_there_at_once() -> None:
    assert kilobytes() < LARGEST_KB
