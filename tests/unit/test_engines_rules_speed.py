"""No text, however odd, keeps a rule busy."""

from __future__ import annotations

import time

import pytest
from engine_subjects import document_of

from tasks.engines.rules import STRUCTURAL_CHECKS
from tasks.engines.rules.rule import Check, Subject

CHARS = 8_000
LIMIT_S = 0.3  # of this processor's time, for each; what grows with the square takes twice that
ODD = (
    *(
        "a ",
        "1 ",
        "1,",
        "12:34 ",
        "of 1 ",
        "two as, ",
        "the as of the as ",
        "two as: one a, ",
        "1 a and 1 a, ",
        "- a\n",
        "a: ",
    ),
    *(
        "from 1 to ",
        "total 1 ",
        "a.",
        "Table 1, ",
        "A (A) ",
        "«",
        "“",
        "<!--",
        "two as that ",
        "every as ",
        "\u200b",
        "TODO ",
        "|",
        "(",
    ),
)


@pytest.mark.parametrize("check", STRUCTURAL_CHECKS, ids=lambda check: check.name)
def test_a_rule_ends_soon_when_a_text_repeats_what_its_patterns_begin_with(check: Check) -> None:
    slowest = ("", 0.0)
    for piece in ODD:
        document = document_of(("A", 1, piece * (CHARS // len(piece)))).model_copy(
            update={"guidelines": "Use a, not b."}
        )
        before = time.process_time()
        list(check.run(Subject(document.sections[0], document)))
        slowest = max(slowest, (piece, time.process_time() - before), key=lambda each: each[1])
    assert slowest[1] < LIMIT_S, slowest
