"""Fleets for the fault tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fleet import SimulatorProcess


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Short enough for the store's socket."""
    return tmp_path / "f"
