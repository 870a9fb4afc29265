"""What the library of scripts is made of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tasks.contract.names import KEYS
from tasks.contract.timing import Timing
from tasks.store.redis_scripts import OURS, PRELUDE, REFUSED_WHEN_FULL, Library, script_names

FOLDER = Path(__file__).resolve().parents[2] / "tasks" / "store" / "scripts"
LIBRARY = Library(Timing(lease_ms=12_345))
TEXT = LIBRARY.text.decode()


def test_every_script_is_a_function_of_the_library_but_the_greeting() -> None:
    named = re.findall(r"function_name = '(\w+)'", TEXT)
    files = {path.stem for path in FOLDER.glob("*.lua")}
    assert set(named) == {LIBRARY.function(name) for name in files - {"greet"}}
    assert len(named) == len(set(named))


@pytest.mark.parametrize("name", script_names())
def test_script_may_write_into_a_full_store_unless_it_takes_something_new(name: str) -> None:
    head = next(line for line in TEXT.splitlines() if f"'{LIBRARY.function(name)}'" in line)
    assert ("allow-oom" in head) == (name not in REFUSED_WHEN_FULL)


def test_library_is_named_by_its_text() -> None:
    assert LIBRARY.name.startswith(OURS)
    assert TEXT.startswith(f"#!lua name={LIBRARY.name}\n")
    assert Library(Timing(lease_ms=12_345)).text == LIBRARY.text
    assert Library(Timing()).name != LIBRARY.name, "another timing is another text"


def test_keys_are_spelt_where_they_are_named() -> None:
    assert "('{galley}:task:' .. id)" in TEXT
    assert "('{galley}:line:' .. level .. ':' .. owner)" in TEXT
    for name in re.findall(r"\bK\('(\w+)'", TEXT):
        assert name in KEYS


def test_bounds_are_in_the_table_of_bounds() -> None:
    (bounds,) = re.findall(r"^local LIMIT = \{(.*)\}$", TEXT, flags=re.MULTILINE)
    assert "lease_ms = 12345" in bounds
    for name in re.findall(r"LIMIT\.(\w+)", TEXT):
        assert f"{name} = " in bounds


def test_every_file_of_the_prelude_is_named_in_its_order() -> None:
    assert sorted(PRELUDE) == sorted(path.stem for path in (FOLDER / "prelude").glob("*.lua"))
