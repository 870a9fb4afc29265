"""What is sent with a script, and what is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tasks.contract.timing import Timing
from tasks.store.redis_scripts import PRELUDE, Scripts, pieces_of, prelude_source, used_pieces, without_comments

FOLDER = Path(__file__).resolve().parents[2] / "tasks" / "store" / "scripts"
NAMES = sorted(path.stem for path in FOLDER.glob("*.lua") if path.stem != "greet")
SCRIPTS = Scripts(Timing(lease_ms=12_345))


@pytest.mark.parametrize("name", NAMES)
def test_script_is_sent_with_everything_that_it_uses(name: str) -> None:
    text = SCRIPTS.text_of(name).decode()
    defined = set(re.findall(r"^local (?:function )?(\w+)", text, flags=re.MULTILINE))
    code = re.sub(r"'[^'\n]*'", "", without_comments((FOLDER / f"{name}.lua").read_text()))
    used = pieces_of(prelude_source()).keys() & set(re.findall(r"\w+", code))
    assert used - {"K"} <= defined
    assert "LIMIT." not in text
    for key in re.findall(r"\bK\('(\w+)'", text):
        assert f"{key} = '{{galley}}" in text, "what is not put in its place is in the table"
    if re.search(r"\bK\(", text):
        assert "local KEY = " in text


def test_script_is_sent_with_nothing_else() -> None:
    text = SCRIPTS.text_of("append").decode()
    assert "append_event" in text
    for unused in ("live_cards", "save_bucket", "12345", "--", "KEY =", "LIMIT"):
        assert unused not in text
    assert "NOW + 12345" in SCRIPTS.text_of("renew").decode()


def test_comments_are_dropped_and_texts_are_kept() -> None:
    assert without_comments("local a = '-- b' -- c\n-- d\nreturn a") == "local a = '-- b' \n\nreturn a"


def test_script_that_ends_things_may_write_into_a_full_store() -> None:
    assert SCRIPTS.text_of("append").startswith(b"#!lua flags=allow-oom\n")
    assert not SCRIPTS.text_of("submit").startswith(b"#!")


def test_pieces_follow_their_uses_in_the_preludes_order() -> None:
    pieces = pieces_of("local a = 1\n-- on b\nlocal function b()\n  return a\nend\nlocal function c()\nend\n")
    assert list(pieces) == ["a", "b", "c"]
    assert "".join(used_pieces(pieces, "return b()")) == "local a = 1\n-- on b\nlocal function b()\n  return a\nend\n"


def test_every_file_of_the_prelude_is_named_in_its_order() -> None:
    assert sorted(PRELUDE) == sorted(path.stem for path in (FOLDER / "prelude").glob("*.lua"))
