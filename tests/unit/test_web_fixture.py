"""What is generated for the page from the contract is fresh."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

WEB = Path(__file__).resolve().parents[2] / "web"


@pytest.mark.parametrize(
    ("generator", "written"),
    [
        ("generate_events.py", "src/contract.gen.ts"),
        ("test/generate_logs.py", "test/fixtures/logs.json"),
    ],
)
def test_generated_file_is_what_the_contract_gives(generator: str, written: str) -> None:
    text = cast(Callable[[], str], runpy.run_path(str(WEB / generator))["text"])

    assert (WEB / written).read_text() == text(), f"stale: run python web/{generator}"
