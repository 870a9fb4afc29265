"""The rules of axe on what a page shows."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from playwright.async_api import Page
from processes import ROOT

from tests.conftest import missing

_AXE: Final = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RUN: Final = """
async (rules) => (await axe.run({ resultTypes: ["violations"], ...rules })).violations.flatMap(
  ({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html} ${node.failureSummary}`),
)
"""
_OF_COLOURS: Final = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""All that can differ between light and dark."""


@cache
def _source() -> str:
    if not _AXE.is_file():
        missing("axe-core, which comes with `make run`'s build of the page")
    return _AXE.read_text()


async def violations(page: Page) -> list[str]:
    """What breaks a rule of WCAG 2.2 AA or of axe's own in light or in dark, one line for each element."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_source())
    found: list[str] = []
    for scheme, rules in (("light", {}), ("dark", _OF_COLOURS)):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        of_scheme: list[Any] = await page.evaluate(_RUN, rules)
        found += [f"{scheme}: {each}" for each in of_scheme]
    return found
