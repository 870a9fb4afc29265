"""British and American spellings of the same word: a choice of the author, not a mistake."""

from __future__ import annotations

import re
from typing import Final

_AMERICAN: Final = (
    (re.compile(r"is(?=e|ing|able|ation)"), "iz"),
    (re.compile(r"ys(?=e|ing)"), "yz"),
    (re.compile(r"our"), "or"),
    (re.compile(r"tre\b"), "ter"),
    (re.compile(r"tre(?=s|d)"), "ter"),
    (re.compile(r"ogue"), "og"),
    (re.compile(r"ll(?=ed|ing|er|or)"), "l"),
    (re.compile(r"ae|oe"), "e"),
    (re.compile(r"ence"), "ense"),
    (re.compile(r"amme"), "am"),
    (re.compile(r"dgem"), "dgm"),
)


_BRITISH_ONLY: Final = """
afterwards towards forwards backwards upwards downwards practise practised practises practising metre metres litre litres
centimetre centimetres kilometre kilometres millimetre millimetres millilitre millilitres whilst amongst learnt spelt burnt
dreamt leant cheque cheques grey greyer tyre tyres kerb kerbs plough sceptic sceptical storey storeys draught draughts
programme programmes licence licences enquiry enquiries aluminium moustache pyjamas jewellery ageing likeable
"""
_BRITISH: Final = frozenset(_BRITISH_ONLY.split())


def is_british(word: str) -> bool:
    """Whether it is a word of British English that no American spelling stands for in the dictionary."""
    return word.lower() in _BRITISH


def is_variant(word: str, other: str) -> bool:
    """Whether the two differ only as British and American English do."""
    return _american(word) == _american(other)


def _american(word: str) -> str:
    """One spelling for both; good for comparing only, not every result is a word."""
    result = word.lower()
    for pattern, replacement in _AMERICAN:
        result = pattern.sub(replacement, result)
    return result
