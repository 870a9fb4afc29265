"""The pictures of the documentation, taken from a running Galley.

``RATE_LIMIT_ANALYSIS=6/m make run`` in one terminal, so that reviews start slowly enough to be seen
waiting; ``.venv/bin/python -m tests.screenshots`` in another. They go into docs/images.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Browser, async_playwright, expect

ROOT: Final = Path(__file__).parents[1]
REPORT: Final = ROOT / "tests" / "samples" / "report.docx"
IMAGES: Final = ROOT / "docs" / "images"
REVIEWED: Final = 4
"""The picture is taken when so many sections are done and the others still wait."""
SHOWN: Final = "Scope and method"
OPENED: Final = "is plural"
WAIT_MS: Final = 120_000


async def take_pictures(url: str) -> None:
    """Upload the sample, have it reviewed, and keep what the page shows meanwhile."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        address = await _review_under_way(browser, url)
        for scheme in ("light", "dark"):
            await _take(browser, address, scheme)
        await browser.close()


async def _review_under_way(browser: Browser, url: str) -> str:
    page = await browser.new_page()
    await page.goto(url)
    await page.get_by_label("Choose a file").set_input_files(REPORT)
    await page.get_by_role("button", name="Analyze all", exact=True).click()
    done = page.locator('.standing[data-shape="done"]')
    await expect(done).to_have_count(REVIEWED, timeout=WAIT_MS)
    return page.url


async def _take(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> None:
    page = await browser.new_page(
        viewport={"width": 1360, "height": 850},
        device_scale_factor=1.5,
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    await page.goto(address)
    await page.locator("nav").get_by_role("button", name=SHOWN).click()
    await page.locator(".card", has_text=OPENED).locator(".card-head").click()
    await page.wait_for_timeout(1_500)  # estimates come once a second
    await page.screenshot(path=IMAGES / f"review-{scheme}.png")
    await page.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8000")
    IMAGES.mkdir(parents=True, exist_ok=True)
    asyncio.run(take_pictures(parser.parse_args().url))
