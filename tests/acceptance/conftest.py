"""A real browser, and fleets for it to look at."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from fleet import Fleet, SimulatorProcess
from playwright.async_api import BrowserContext, BrowserType, Error, expect
from processes import WAIT_S
from review_page import LISTEN, ReviewPage

from tests.conftest import missing

ARGS = (
    "--no-sandbox",  # root has none, and containers run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",  # containers have little of it
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWPORT = {"width": 1400, "height": 3000}
"""So tall that every section of the sample is near the reader: only those have cards."""
PATIENT = {"WORKER_CONCURRENCY": "4", "CLAUDE_RPM": "60000"}
"""Three reviews at once, and one slot for questions; the account's limit is never what holds them up."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], browser_type: BrowserType) -> dict[str, Any]:
    """The browser that was named, else the system's, else the one that Playwright brings."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or browser_type.executable_path
    if shutil.which(path) is None:
        missing(f"a browser (CHROMIUM, chromium on PATH, or {path})")
    return {**browser_type_launch_args, "executable_path": path, "args": list(ARGS)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": VIEWPORT}


@pytest.fixture
async def review(context: BrowserContext) -> AsyncIterator[ReviewPage]:
    """A tab. No error of the page's own may go unseen, in it and in those that a test opens beside it."""
    expect.set_options(timeout=WAIT_S * 1000)
    context.set_default_timeout(WAIT_S * 1000)
    errors: list[Error] = []
    await context.add_init_script(LISTEN)
    context.on("weberror", lambda news: errors.append(news.error))
    yield ReviewPage(await context.new_page())
    assert not errors


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    """A simulator for one test."""
    with SimulatorProcess() as running:
        yield running


@pytest.fixture
def fleet(tmp_path: Path, simulator: SimulatorProcess) -> Iterator[Fleet]:
    """A fleet for one test, which may kill parts of it."""
    with Fleet(tmp_path / "f", **PATIENT, **simulator.env) as running:
        yield running


@pytest.fixture(scope="session")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fleet, SimulatorProcess]]:
    """A fleet and its simulator for all tests that leave them whole."""
    folder = tmp_path_factory.mktemp("f")
    with SimulatorProcess() as simulator, Fleet(folder, **PATIENT, **simulator.env) as fleet:
        fleet.wait_for_end(fleet.submit())  # before a model's first success no failure counts as a try
        yield fleet, simulator


@pytest.fixture
def shared(lasting: tuple[Fleet, SimulatorProcess]) -> tuple[Fleet, SimulatorProcess]:
    """The lasting fleet, with a simulator and a library that know nothing of the tests before: the same
    document reviewed again would be answered from the first review."""
    fleet, simulator = lasting
    fleet.http.delete("/documents").raise_for_status()
    simulator.http.post("/control/reset").raise_for_status()
    simulator.control(duration_ms=0)
    return fleet, simulator


@pytest.fixture
def keyless(tmp_path: Path) -> Iterator[Fleet]:
    """A fleet without a key for Claude."""
    with Fleet(tmp_path / "f") as running:
        yield running
