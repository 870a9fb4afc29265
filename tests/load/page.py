"""The page in a real Chromium: how much it is, how soon it is there, and whether it ever stalls.

A stall is what a person feels: a task of the browser's main thread that keeps it from answering for
more than 50 ms (a "long task" of the Long Tasks API). The browser shares the machine with the server,
the store and the writer, as it does on a developer's own.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Browser, Page, async_playwright, expect

from tasks.store.redis_store import RedisStore
from tests.load.effort import Effort
from tests.load.figures import Fact, Figure, Outcome, Target, percentile
from tests.load.ground import Ground
from tests.load.page_documents import claim_reviews, keep_document, keep_long_document
from tests.processes import ROOT, Running

_ASSETS: Final = ROOT / "web" / "dist" / "assets"
LARGEST_KB: Final = 60.0
_FIRST_PAINT_MS: Final = 500.0
_LONG_TASK_MS: Final = 50.0
_TASKS: Final = 50
_PER_SECOND: Final = 1_000
_SECONDS: Final = 10
_FINDING_EVERY: Final = 20
_PAGES: Final = 300
_FINDINGS: Final = 1_000
_WAIT_MS: Final = 60_000

_OBSERVE: Final = """
window.longTasks = [];
new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((entry) => entry.duration)))
  .observe({ type: "longtask", buffered: true });
window.shownAt = new Promise((shown) => {
  new MutationObserver((_, observer) => {
    if (!document.querySelector(".section .text")) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => shown(performance.now())));
  }).observe(document, { childList: true, subtree: true });
});
"""
_SCROLL: Final = """
async (seconds) => {
  const frames = [];
  const until = performance.now() + 1000 * seconds;
  const step = (document.documentElement.scrollHeight - innerHeight) / (60 * seconds);
  let last = performance.now();
  while (last < until) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
    scrollBy(0, step);
  }
  return frames;
}
"""
_FILTER: Final = """
async () => {
  const took = [];
  for (const box of document.querySelectorAll(".filter input")) {
    const began = performance.now();
    box.click();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    took.push(performance.now() - began);
    box.click();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  }
  return took;
}
"""


async def measure(effort: Effort) -> Outcome:
    """Everything that the page promises, on one server."""
    async with async_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium") or playwright.chromium.executable_path
        args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = await playwright.chromium.launch(executable_path=path, args=args)
        with Ground() as ground:
            ground.start_server()
            store = ground.open_store()
            try:
                return await _Measured(browser, ground, store, effort).outcome()
            finally:
                await store.close()
                await browser.close()


def kilobytes() -> float:
    """All script and style, gzipped, in kB of 1,000 bytes."""
    files = [path for path in _ASSETS.iterdir() if path.suffix in {".js", ".css"}]
    return sum(len(gzip.compress(path.read_bytes())) for path in files) / 1000


class _Measured:
    """One measurement: a browser before a server whose store it may write to."""

    def __init__(self, browser: Browser, ground: Ground, store: RedisStore, effort: Effort) -> None:
        self._browser, self._ground, self._store, self._effort = browser, ground, store, effort
        self._outcome = Outcome(f"The page in Chromium {browser.version}")

    async def outcome(self) -> Outcome:
        size = Target(LARGEST_KB)
        self._outcome.figures.append(Figure("all script and style, gzipped", "kB", (kilobytes(),), size))
        await self._first_paint()
        await self._streaming()
        await self._long_document()
        return self._outcome

    @asynccontextmanager
    async def _page(self, document_id: str) -> AsyncIterator[Page]:
        """The review page of a document in a fresh browser profile."""
        context = await self._browser.new_context(viewport={"width": 1400, "height": 900})
        page = await context.new_page()
        await page.add_init_script(_OBSERVE)
        await page.goto(f"{self._ground.url}/#/documents/{document_id}")
        await page.evaluate("shownAt")
        yield page
        await context.close()

    async def _first_paint(self) -> None:
        await keep_document(self._store, "d_paint", 10, 500)
        async with self._page("d_paint"):
            pass  # what the server reads for the first time is not the page's doing
        shown, painted = [], []
        for _ in range(max(3, self._effort.runs)):
            async with self._page("d_paint") as page:
                shown.append(float(await page.evaluate("shownAt")))
                entry = 'performance.getEntriesByName("first-contentful-paint")[0].startTime'
                painted.append(float(await page.evaluate(entry)))
        self._outcome.figures += [
            Figure("first paint, nothing cached", "ms", tuple(painted), Target(_FIRST_PAINT_MS)),
            Figure("until the document's text is painted", "ms", tuple(shown), Target(_FIRST_PAINT_MS)),
        ]

    async def _streaming(self) -> None:
        longest, counts, is_complete = [], [], []
        for run in range(self._effort.runs):
            tasks, found, wanted = await self._stream_once(f"d{run}")
            longest.append(max(tasks, default=0.0))
            counts.append(float(len(tasks)))
            is_complete.append(found == wanted)
        words = f"{_PER_SECOND:,} events/s over {_TASKS} tasks"
        self._outcome.figures += [
            Figure(f"{words}: tasks over {_LONG_TASK_MS:.0f} ms", "", tuple(counts), Target(0)),
            Figure(f"{words}: the longest of them", "ms", tuple(longest), Target(_LONG_TASK_MS)),
        ]
        self._outcome.facts.append(Fact("every finding that was streamed is counted on the page", all(is_complete)))

    async def _stream_once(self, document_id: str) -> tuple[list[float], str, str]:
        """The long tasks while all is streamed, and what the page says of it and should."""
        count = int(self._effort.seconds(_SECONDS) * _PER_SECOND) // _TASKS
        document = await keep_document(self._store, document_id, _TASKS, 200)
        task_ids = await claim_reviews(self._store, document)
        async with self._page(document_id) as page:
            await expect(page.locator(".figures")).to_contain_text(f"{_TASKS} under way", timeout=_WAIT_MS)
            await page.evaluate("longTasks.length = 0")
            argv = [self._ground.redis_url, str(_PER_SECOND), str(count), *task_ids]
            options = ("--finding-every", str(_FINDING_EVERY))
            with Running((sys.executable, "-m", "tests.load.appender", *argv, *options)) as appender:
                await asyncio.to_thread(appender.wait_for_line, r"^{.*}$")
            wanted = f"{_TASKS} of {_TASKS} sections · {_TASKS * (count // _FINDING_EVERY):,} findings"
            await expect(page.locator(".figures")).to_contain_text(f"{_TASKS} of {_TASKS}", timeout=_WAIT_MS)
            return await _long_tasks(page), await page.locator(".figures").inner_text(), wanted

    async def _long_document(self) -> None:
        pages, findings = self._effort.count(_PAGES), self._effort.count(_FINDINGS)
        await keep_long_document(self._store, "d_long", pages, findings)
        opened, frames, scrolled, filtered = [], [], [], []
        for _ in range(self._effort.runs):
            async with self._page("d_long") as page:
                opened.append(float(await page.evaluate("shownAt")))
                await page.evaluate("longTasks.length = 0")
                each: list[float] = await page.evaluate(_SCROLL, self._effort.seconds(6))
                frames.append(percentile(each, 0.99))
                scrolled.append(max(await _long_tasks(page), default=0.0))
                await page.evaluate("scrollTo(0, 0)")
                await page.locator(".filter > summary").click()
                filtered.append(max(await page.evaluate(_FILTER)))
        words = f"{pages} pages, {findings:,} findings"
        self._outcome.figures += [
            Figure(f"{words}: until its text is painted", "ms", tuple(opened)),
            Figure(f"{words}: scrolled through, frames, p99", "ms", tuple(frames)),
            Figure(f"{words}: scrolled through, the longest task", "ms", tuple(scrolled), Target(_LONG_TASK_MS)),
            Figure(f"{words}: a filter set, until it is drawn", "ms", tuple(filtered), Target(100)),
        ]


async def _long_tasks(page: Page) -> list[float]:
    found: list[float] = await page.evaluate("new Promise((done) => setTimeout(() => done(longTasks), 200))")
    return found
