"""Whether a sentence is English, so that quotations in other languages are left alone.

Harper can isolate English by itself, but judges by how many words it knows, and so leaves out just the
sentences that have mistakes in them. Function words survive most mistakes.
"""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = """
a about after an and are as at be been before between both but by can could did do does during each every for from had
has have he her his how i if in into is it its may more most must my not of on only or our over shall she should since
some such than that the their them then there these they this those through to under until up upon very was we were
what when where which who why will with without would you your
"""
FUNCTION_WORDS: Final = frozenset(_WORDS.split())
_WORD: Final = re.compile(r"[^\W\d_]+")
LEAST_SHARE: Final = 0.15  # running English has 35 to 50 %; other languages share a word or two with it
LEAST_WORDS: Final = 5  # fewer, and nothing can be said


def is_english(text: str) -> bool | None:
    """Whether it reads like English; None when it is too short to say."""
    words = _WORD.findall(text.lower())
    if len(words) < LEAST_WORDS:
        return None
    return sum(word in FUNCTION_WORDS for word in words) >= LEAST_SHARE * len(words)
