"""Marked texts and what counts as naming a fault."""

from __future__ import annotations

import pytest

from tasks.contract.findings import Category, Finding, Source, anchor_at
from tests.quality.judging import Judged, names
from tests.quality.marked_text import MarkedText, read_marked, read_part

SOURCE = """Intro {{spelling|teh|the}} end.

# Part

#### {{heading|Deep}}

We had {{count#a|two cats}} and {{count#a|three cats|two cats}}.
"""


def finding(text: MarkedText, section_id: str, quote: str | None, category: Category = "grammar") -> Finding:
    section = text.document.section(section_id)
    assert section is not None
    start = section.text.index(quote) if quote else 0
    anchor = anchor_at(section.text, start, start + len(quote)) if quote else None
    given = {"section_id": section_id, "anchor": anchor, "category": category, "source": Source(engine="x")}
    return Finding(finding_id="f", fingerprint="f", severity="minor", message="m", **given)


def test_a_text_loses_its_marks_and_its_faults_keep_their_places() -> None:
    text = read_marked("a", SOURCE)
    assert [s.title for s in text.document.sections] == ["Beginning", "Part", "Deep"]
    assert text.document.sections[0].text == "Intro teh end."
    assert [(f.kind, len(f.places)) for f in text.faults] == [("spelling", 1), ("heading", 1), ("count", 2)]
    start, end = text.faults[2].places[1].span or (0, 0)
    assert text.document.sections[2].text[start:end] == "three cats"


@pytest.mark.parametrize("source", ["a {{spellin|b|c}}", "a {{spelling|b", "a {{b}} c"])
def test_a_mark_that_is_none_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="mark"):
        read_marked("a", source)


def test_a_fault_is_named_at_any_of_its_places_under_a_fitting_category() -> None:
    text = read_marked("a", SOURCE)
    spelling, heading, count = text.faults
    assert names(finding(text, "s0", "teh"), spelling)
    assert not names(finding(text, "s0", "teh", "risk"), spelling)
    assert not names(finding(text, "s0", "Intro"), spelling)
    assert names(finding(text, "s2", None, "structure"), heading)
    assert all(names(finding(text, "s2", quote, "consistency"), count) for quote in ("two cats", "three cats"))


def test_figures_count_what_was_found_and_what_was_false() -> None:
    text = read_marked("a", SOURCE)
    judged = Judged([text], [(text, finding(text, "s0", "teh")), (text, finding(text, "s0", "Intro"))])
    assert judged.recall(["spelling", "count"]) == (1, 2)
    assert judged.precision(judged.findings) == (1, 2)
    assert judged.anchored_exactly() == (2, 2)


def test_the_corpus_is_as_large_as_it_was_promised() -> None:
    planted = [text for part in ("development", "held_out") for text in read_part(part, planted=True)]
    clean = [text for part in ("development", "held_out") for text in read_part(part, planted=False)]
    assert len(planted) >= 40
    assert sum(len(text.faults) for text in planted) >= 150
    assert sum(text.words for text in clean) >= 6_000
    assert not any(text.faults for text in clean)
