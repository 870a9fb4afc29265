"""Fleets and stages for the fault tests, and the report of their long form."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from crew import Crew
from fleet import SimulatorProcess
from sizes import LIMIT_S, LONG
from stage import Stage

Report = Callable[[str], None]
_lines: list[str] = []


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Short enough for the store's socket."""
    return tmp_path / "f"


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One store and one server, for all tests of a module."""
    async with Stage(tmp_path_factory.mktemp("stage") / "f") as stage:
        yield stage


@pytest.fixture(scope="module")
async def crew(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crew]:
    """One store, one server and one simulator, for all tests of a module; each starts its workers."""
    with SimulatorProcess() as simulator:
        async with Crew(tmp_path_factory.mktemp("crew") / "f", simulator) as crew:
            yield crew


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Takes the figures of a test for the report of the long form."""
    return lambda words: _lines.append(f"{request.node.name.removeprefix('test_').replace('_', ' ')}: {words}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).parent == Path(__file__).parent and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(LIMIT_S))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LONG and _lines:
        terminalreporter.section("what the faults were and what became of them")
        for line in _lines:
            terminalreporter.write_line(line)
