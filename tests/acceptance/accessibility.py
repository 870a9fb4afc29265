"""The rules of axe on what a page shows."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from playwright.async_api import Page
from processes import ROOT

from tests.conftest import missing

_AXE: Final = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RUN: Final = """
async () => (await axe.run({ resultTypes: ["violations"] })).violations.flatMap(
  ({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html} ${node.failureSummary}`),
)
"""


@cache
def _source() -> str:
    if not _AXE.is_file():
        missing("axe-core, which comes with `make run`'s build of the page")
    return _AXE.read_text()


async def violations(page: Page) -> list[str]:
    """What breaks a rule of WCAG 2.2 AA or of axe's own, one line for each element."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_source())
    found: list[Any] = await page.evaluate(_RUN)
    return [str(each) for each in found]


async def violations_in_both_schemes(page: Page) -> list[str]:
    """As `violations`, in light and in dark."""
    found: list[str] = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found += [f"{scheme}: {each}" for each in await violations(page)]
    return found
