"""The page as a person uses it: what can be pressed, and what can be read."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

from playwright.async_api import Locator, Page, Route, expect

from tasks.contract.findings import Finding
from tasks.contract.states import TaskState

SHAPES = {
    TaskState.PENDING: "waiting",
    TaskState.PROGRESS: "running",
    TaskState.RETRY: "retrying",
    TaskState.SUCCESS: "done",
    TaskState.FAILURE: "failed",
    TaskState.REVOKED: "stopped",
}
"""The dot that the page shows for a state."""

LISTEN = """
window.said = new Set();
new MutationObserver(() => {
  for (const line of document.querySelectorAll(".banner, .standing-words, .budget-words")) said.add(line.textContent);
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
"""Notes all that the page says in places where the next sentence may follow soon."""

READ = """
() => [...document.querySelectorAll("[data-section]")].map((section) => [
  section.dataset.section,
  section.querySelector(".standing").dataset.shape,
])
"""
READ_CARDS = """
() => [...document.querySelectorAll(".card")].map((card) => {
  const marks = document.querySelectorAll(`mark[data-findings~="${card.dataset.finding}"]`);
  return [
    card.dataset.finding,
    card.querySelector(".card-kind").textContent,
    card.querySelector(".card-message").textContent,
    [...marks].map((mark) => mark.textContent).join(""),
  ];
})
"""


class Card(NamedTuple):
    """A finding as it can be read beside the text."""

    finding_id: str
    kind: str
    message: str
    quote: str
    """Without white space: a quote over two paragraphs is marked in two places."""


def card_of(finding: Finding) -> Card:
    """The card that an open finding must have."""
    quote = finding.anchor.exact if finding.anchor else ""
    kind = f"{finding.severity} · {finding.category}"
    return Card(finding.finding_id, kind, finding.message, _without_space(quote))


class ReviewPage:
    """One tab."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.figures = page.locator(".figures")
        self.banner = page.locator(".banner")
        self.cards = page.locator(".card")
        self.question = page.get_by_label("Your question")
        self.conversation = page.get_by_role("log", name="Conversation")

    @property
    def document_id(self) -> str:
        """Of the document that is shown."""
        return self.page.url.rpartition("#/documents/")[2]

    async def upload(self, url: str, *, path: Path) -> str:
        """Give it a file; the document's id once it is shown."""
        await self.page.goto(url)
        await self.page.get_by_label("Choose a file").set_input_files(path)
        await expect(self.page.get_by_role("heading", level=1, name=path.name, exact=True)).to_be_visible()
        return self.document_id

    async def second_tab(self, screen: str = "") -> ReviewPage:
        """The same document, or that screen, in another tab of the same browser, which is left in the back."""
        other = ReviewPage(await self.page.context.new_page())
        await other.page.goto(urljoin(self.page.url, screen))
        await expect(other.page.get_by_role("heading", level=1)).to_be_visible()
        await self.page.bring_to_front()
        return other

    async def press(self, name: str) -> None:
        """A button, by its words."""
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def answer_late(self, path: str) -> asyncio.Event:
        """Hold back the answers to requests of that path until the event is set. The server acts at once."""
        let_go = asyncio.Event()

        async def late(route: Route) -> None:
            answer = await route.fetch()
            await let_go.wait()
            await route.fulfill(response=answer)

        await self.page.route(f"**{path}", late)
        return let_go

    async def send_late(self, path: str) -> asyncio.Event:
        """Hold back requests of that path until the event is set. The server knows nothing of them."""
        let_go = asyncio.Event()

        async def late(route: Route) -> None:
            await let_go.wait()
            await route.continue_()

        await self.page.route(f"**{path}", late)
        return let_go

    async def ask(self, question: str) -> None:
        """Open the chat where it is shut, and ask."""
        if not await self.question.is_visible():
            await self.page.get_by_role("tab", name="Chat").click()
        await self.question.fill(question)
        await self.press("Ask")

    def section(self, section_id: str) -> Locator:
        """A section's text with the line that says where its review stands."""
        return self.page.locator(f'[data-section="{section_id}"]')

    def card(self, finding_id: str) -> Locator:
        """A finding's card."""
        return self.page.locator(f'.card[data-finding="{finding_id}"]')

    def standing_as(self, state: TaskState) -> Locator:
        """The lines of all sections that stand in that state."""
        return self.page.locator(f'.standing[data-shape="{SHAPES[state]}"]')

    async def stop(self, section_id: str) -> None:
        """Stop the review of one section."""
        await self.section(section_id).get_by_role("button", name="Stop: ").click()

    async def expect_shape(self, section_id: str, state: TaskState) -> None:
        """Wait until the section's dot has the shape of that state."""
        await expect(self.section(section_id).locator(".standing")).to_have_attribute("data-shape", SHAPES[state])

    async def expect_said(self, pattern: str) -> None:
        """Wait until the page says it or has said it since it was loaded, be it for a moment only."""
        look = "(pattern) => [...said].some((words) => new RegExp(pattern).test(words))"
        await self.page.wait_for_function(look, arg=pattern)

    async def shapes(self) -> dict[str, str]:
        """Section -> the shape of its dot, all read at the same moment."""
        return dict(await self.page.evaluate(READ))

    async def section_words(self) -> list[str]:
        """What is said of each section, all read at the same moment."""
        return await self.page.locator("[data-section] .standing-words").all_inner_texts()

    async def read_cards(self) -> list[Card]:
        """All cards, all read at the same moment, in the order of their ids."""
        read: list[list[Any]] = await self.page.evaluate(READ_CARDS)
        # The sign of the severity stands before its words.
        return sorted(Card(id_, kind.split(" ", 1)[1], message, _without_space(q)) for id_, kind, message, q in read)


def _without_space(text: str) -> str:
    return "".join(text.split())
