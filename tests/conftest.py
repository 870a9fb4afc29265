"""What all tests share: a real Valkey, and what happens when a part is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import redis
from processes import Running

from server.supervisor.embedded import valkey_command
from server.supervisor.preflight import StartRefused
from tasks.logs import configure_logs

# as the product logs: the library's default draws every traceback with all local variables, which takes seconds
configure_logs("text")


ONE_AT_A_TIME = ("acceptance", "faults", "load")
"""Folders whose tests run whole fleets of processes: two of them at once would starve each other."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may run beside what, where tests run in two processes (``make test``): a file stays whole,
    so that its fixtures are made once, and fleets stay in one line."""
    for item in items:
        folder, *_ = item.path.relative_to(Path(__file__).parent).parts
        group = "fleets" if folder in ONE_AT_A_TIME else item.path.stem
        item.add_marker(pytest.mark.xdist_group(group))


def missing(part: str) -> NoReturn:
    """A missing part skips on a person's machine and fails in CI, where skipping would hide it."""
    if os.environ.get("CI"):
        pytest.fail(f"{part} is missing, and CI must not skip what needs it")
    pytest.skip(f"{part} is missing")


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Valkey that runs as long as the tests, set up as the embedded one is."""
    folder = tmp_path_factory.mktemp("valkey")
    socket_path = folder / "s"
    try:
        command = valkey_command(folder, socket_path)
    except StartRefused as refused:
        missing(f"the embedded store ({refused})")
    with Running(command) as server:
        server.wait_for_line("Ready to accept connections")
        yield f"unix://{socket_path}"


@pytest.fixture
def redis_url(valkey_url: str) -> str:
    """The URL of an empty store."""
    with redis.Redis.from_url(valkey_url) as client:
        client.flushall()
        client.function_flush()
    return valkey_url


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data folder whose path is short enough for a Unix socket."""
    return tmp_path / "data"
