"""Long texts are cut where a reader would pause, and nothing of them is lost."""

from __future__ import annotations

import itertools

from hypothesis import given, strategies as st

from tasks.documents.cutting import PART_CHARS, WHOLE_CHARS, cut_draft, cut_text
from tasks.documents.draft import Draft

SENTENCE = "The pool was exhausted within seconds under ordinary load. "


def test_text_stays_whole_when_it_is_short() -> None:
    assert cut_draft(Draft("Cause", 1, "x" * WHOLE_CHARS)) == [Draft("Cause", 1, "x" * WHOLE_CHARS)]


def test_empty_text_is_one_empty_part() -> None:
    assert cut_text("") == [(0, 0)]


def test_parts_end_with_a_paragraph_when_there_are_paragraphs() -> None:
    paragraph = (SENTENCE * 12).strip()
    parts = cut_draft(Draft("Cause", 2, "\n\n".join([paragraph] * 25)))

    assert [part.title for part in parts] == [f"Cause (part {n} of {len(parts)})" for n in range(1, len(parts) + 1)]
    assert all(part.level == 2 and part.text.startswith("The pool") for part in parts)
    assert all(part.text.endswith("ordinary load.") and len(part.text) <= WHOLE_CHARS for part in parts)
    assert "\n\n".join(part.text for part in parts) == "\n\n".join([paragraph] * 25)


def test_parts_end_with_a_sentence_when_there_is_only_one_paragraph() -> None:
    text = (SENTENCE * 400).strip()

    assert all(text[start:end].endswith("load.") for start, end in cut_text(text))


def test_text_is_cut_anyway_when_it_has_no_pause_at_all() -> None:
    text = "x" * 30_000

    parts = cut_text(text)

    assert "".join(text[start:end] for start, end in parts) == text
    assert all(end - start <= PART_CHARS * 1.3 for start, end in parts)


@given(st.lists(st.sampled_from(["word ", "Sentence end. ", "\n", "\n\n", "x" * 900, "   "]), max_size=400))
def test_parts_hold_everything_but_white_space(pieces: list[str]) -> None:
    text = "".join(pieces)

    parts = cut_text(text)

    assert "".join("".join(text[start:end] for start, end in parts).split()) == "".join(text.split())
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(parts))
