"""What is sent with a script, and what is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tasks.contract.timing import Timing
from tasks.store.redis_scripts import Scripts, pieces_of, used_pieces

FOLDER = Path(__file__).resolve().parents[2] / "tasks" / "store" / "scripts"
NAMES = sorted(path.stem for path in FOLDER.glob("*.lua") if path.stem not in ("prelude", "greet"))
SCRIPTS = Scripts(Timing(lease_ms=12_345))


@pytest.mark.parametrize("name", NAMES)
def test_script_is_sent_with_everything_that_it_uses(name: str) -> None:
    text = SCRIPTS.text_of(name).decode()
    defined = set(re.findall(r"^local (?:function )?(\w+)", text, flags=re.MULTILINE))
    used = pieces_of((FOLDER / "prelude.lua").read_text()).keys() & set(
        re.findall(r"\w+", (FOLDER / f"{name}.lua").read_text())
    )
    assert used <= defined
    for key in re.findall(r"K\('(\w+)'", text):
        assert f"{key} = '{{galley}}" in text
    for bound in re.findall(r"LIMIT\.(\w+)", text):
        assert f"{bound} = " in text


def test_script_is_sent_with_nothing_else() -> None:
    text = SCRIPTS.text_of("append").decode()
    assert "append_event" in text
    assert "live_cards" not in text
    assert "lease_ms" not in text
    assert "lease_ms = 12345" in SCRIPTS.text_of("renew").decode()


def test_script_that_ends_things_may_write_into_a_full_store() -> None:
    assert SCRIPTS.text_of("append").startswith(b"#!lua flags=allow-oom\n")
    assert not SCRIPTS.text_of("submit").startswith(b"#!")


def test_pieces_follow_their_uses_in_the_preludes_order() -> None:
    pieces = pieces_of("local a = 1\n-- on b\nlocal function b()\n  return a\nend\nlocal function c()\nend\n")
    assert list(pieces) == ["a", "b", "c"]
    assert "".join(used_pieces(pieces, "return b()")) == "local a = 1\n-- on b\nlocal function b()\n  return a\nend\n"
