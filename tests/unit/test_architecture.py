"""Rules of the house that import rules cannot say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EVENTS = "tasks/store/scripts/prelude/events.lua"
SOURCES = [*ROOT.glob("server/**/*.py"), *ROOT.glob("tasks/**/*.py"), *ROOT.glob("tasks/**/*.lua")]


def _places(pattern: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in SOURCES if re.search(pattern, path.read_text(), flags=re.MULTILINE)}


def _modules() -> Iterator[Path]:
    yield from (path for path in SOURCES if path.suffix == ".py")


@pytest.mark.parametrize(
    ("what", "pattern", "places"),
    [
        ("appends events on Redis", r"'RPUSH', K\('log'", {EVENTS}),
        ("makes events in memory", r"\bEvent\($", {"tasks/store/memory_log.py"}),
        ("publishes an event", r"K\('task_channel', id\), EPOCH .. ':' .. seq", {EVENTS}),
        ("spells what goes to sockets", r'_EVENT\}\[', {"server/relay/frames.py"}),
        ("emits by the library, as a client", r"(sio|wire|server)\.emit\(", {"server/follow.py"}),
        ("imports anthropic", r"^(from|import) anthropic", {"tasks/engines/claude.py"}),
        ("has keys of the cell spelt out", r'"\{galley\}', {"tasks/contract/names.py"}),
    ],
)  # fmt: skip
def test_one_place_only(what: str, pattern: str, places: set[str]) -> None:
    assert _places(pattern) == places, what


def test_modules_begin_with_a_sentence_on_what_they_are_for() -> None:
    written = (path for path in _modules() if path.stat().st_size)
    bare = [str(path.relative_to(ROOT)) for path in written if not path.read_text().startswith('"""')]
    assert bare == []


def test_modules_import_nothing_inside_a_function() -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = {
        str(path.relative_to(ROOT))
        for path in _modules()
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, functions)
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))
    }
    assert found == set()


def test_scripts_list_their_arguments_and_answers_at_their_head() -> None:
    scripts = [path for path in ROOT.glob("tasks/store/scripts/*.lua") if path.stem != "greet"]
    for path in scripts:
        head = path.read_text().split("\n\n")[0].split("\nlocal ")[0]
        assert "ARGV:" in head, path.name
