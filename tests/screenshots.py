"""The pictures of the documentation: ``.venv/bin/python -m tests.screenshots``.

Starts a Galley of its own with the built-in checker, in which reviews start slowly enough to be seen
waiting, has the sample reviewed, and keeps what each screen shows meanwhile, light and dark, in
docs/images.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final, Literal, NamedTuple

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.fleet import Fleet
from tests.processes import ROOT

REPORT: Final = ROOT / "tests" / "samples" / "report.docx"
IMAGES: Final = ROOT / "docs" / "images"
STARTS: Final = "12/m"
REVIEWED: Final = 4
"""The pictures are taken when so many sections are done and the others still wait."""
SHOWN: Final = "Scope and method"
"""The section that is shown, with its first finding opened."""
QUESTION: Final = "How many customers received an error page?"
WAIT_MS: Final = 120_000

Scheme = Literal["light", "dark"]


class Size(NamedTuple):
    """A window in CSS pixels."""

    width: int
    height: int


WIDE: Final = Size(1360, 850)
PAGE: Final = Size(1000, 900)
PHONE: Final = Size(360, 740)


async def take_pictures(url: str) -> None:
    """Have the sample reviewed, and keep what the page shows meanwhile."""
    async with async_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        document = await _review_under_way(browser, url)
        for scheme in ("light", "dark"):
            await _review(browser, document, scheme)
            await _phone(browser, document, scheme)
            await _screen(browser, f"{url}/", f"library-{scheme}", scheme)
            await _screen(browser, f"{url}/#/queue", f"queue-{scheme}", scheme)
            await _screen(browser, f"{url}/#/settings", f"settings-{scheme}", scheme)
        await browser.close()


async def _review_under_way(browser: Browser, url: str) -> str:
    page = await browser.new_page()
    await page.goto(url)
    await page.get_by_label("Choose a file").set_input_files(REPORT)
    await page.get_by_role("button", name="Analyze all", exact=True).click()
    await page.get_by_role("tab", name="Chat").click()
    await page.get_by_label("Your question").fill(QUESTION)
    await page.get_by_role("button", name="Ask", exact=True).click()
    done = page.locator('.standing[data-shape="done"]')
    await expect(done).to_have_count(REVIEWED, timeout=WAIT_MS)
    return page.url


async def _open(browser: Browser, address: str, size: Size, scheme: Scheme, scale: float) -> Page:
    page = await browser.new_page(
        viewport={"width": size.width, "height": size.height},
        device_scale_factor=scale,
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    await page.goto(address)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


async def _keep(page: Page, name: str) -> None:
    await page.wait_for_timeout(1_500)  # estimates come once a second
    await page.screenshot(path=IMAGES / f"{name}.png")
    await page.close()


async def _review(browser: Browser, document: str, scheme: Scheme) -> None:
    page = await _open(browser, document, WIDE, scheme, 1.5)
    await page.locator("nav").get_by_role("button", name=SHOWN).click()
    section = await page.locator("section", has=page.get_by_role("heading", name=SHOWN)).get_attribute("data-section")
    await page.locator(f'.card[data-of="{section}"] .card-head').first.click()
    await _keep(page, f"review-{scheme}")


async def _phone(browser: Browser, document: str, scheme: Scheme) -> None:
    page = await _open(browser, document, PHONE, scheme, 1)
    await page.locator(".card").first.locator(".card-head").click()
    await page.wait_for_timeout(500)
    await page.screenshot(path=IMAGES / f"phone-{scheme}.png")
    await page.get_by_role("tab", name="Chat").click()
    await _keep(page, f"phone-chat-{scheme}")


async def _screen(browser: Browser, address: str, name: str, scheme: Scheme) -> None:
    await _keep(await _open(browser, address, PAGE, scheme, 1), name)


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="galley-") as folder,
        Fleet(Path(folder) / "f", factor=1.0, RATE_LIMIT_ANALYSIS=STARTS) as fleet,
    ):
        asyncio.run(take_pictures(fleet.url))
