"""What the simulator says: drawn from the text it was sent, the same for the same text."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from tests.simulator.requests import Asked

_SECTION = re.compile(r"<section[^>]*>\n?(.*?)\n?</section", re.DOTALL)
_TEXT = re.compile(r"<(?:document|section)[^>]*>\n?(.*?)\n?</(?:document|section)", re.DOTALL)
_SENTENCE = re.compile(r"[^\s.!?#][^.!?\n]{12,240}[.!?]")
_CATEGORIES = ("clarity", "evidence", "structure", "consistency", "tone", "accuracy", "grammar", "risk")
_SEVERITIES = ("minor", "major", "info", "critical")


def findings_of(asked: Asked, count: int) -> list[dict[str, Any]]:
    """``count`` findings whose quotes really stand in the section; fewer when it has fewer sentences."""
    sections = _SECTION.findall(asked.question)
    section = sections[-1] if sections else asked.question
    sentences = _SENTENCE.findall(section)
    digest = hashlib.sha256(section.encode()).digest()
    chosen = sorted(sentences, key=lambda s: hashlib.sha256(digest + s.encode()).digest())[:count]
    in_order = sorted(set(chosen), key=section.index)
    return [_finding(section, sentence, digest[i % 32] + i, asked.schema) for i, sentence in enumerate(in_order)]


def _finding(section: str, sentence: str, number: int, schema: dict[str, Any]) -> dict[str, Any]:
    words = sentence.split()
    quote = " ".join(words[: 3 + number % 6]).rstrip(",;:") if len(words) > 8 else sentence
    quote = quote if quote in section else sentence
    start = section.index(quote)
    categories = schema.get("category", {}).get("enum", _CATEGORIES)
    checkpoints = schema.get("checkpoint", {}).get("enum")
    return {
        "quote": quote,
        "prefix": section[max(0, start - 24) : start],
        "category": categories[number % len(categories)],
        "severity": _SEVERITIES[number % len(_SEVERITIES)],
        "confidence": round(0.5 + (number % 50) / 100, 2),
        "message": f"The simulator remarks on a passage of {len(words)} words.",
        "rationale": "A simulated finding; it says nothing about the text.",
        "suggestion": {"kind": "replace", "text": f"{quote} (simulator)"},
    } | ({"checkpoint": checkpoints[number % len(checkpoints)]} if checkpoints else {})


def broken_finding() -> dict[str, Any]:
    """One that no reader can take: a category and a severity that do not exist."""
    return {"quote": "x", "category": "astrology", "severity": "huge", "message": ""}


def invented_finding() -> dict[str, Any]:
    """One whose quote stands nowhere."""
    return {
        "quote": "Zebras quietly negotiated seventeen lighthouse contracts beneath the violet observatory.",
        "prefix": "",
        "category": "evidence",
        "severity": "minor",
        "confidence": 0.9,
        "message": "The simulator invented this quote.",
        "rationale": "",
        "suggestion": {"kind": "none", "text": ""},
    }


def findings_text(findings: list[dict[str, Any]]) -> str:
    """A structured answer."""
    return json.dumps({"findings": findings}, ensure_ascii=False)


def chat_text(asked: Asked) -> str:
    """An answer that quotes the sentences of the document which share most words with the question."""
    texts = _TEXT.findall(asked.text)
    question = asked.blocks[-1][0].casefold()
    wanted = set(re.findall(r"\w{4,}", question))
    sentences = [s for text in texts for s in _SENTENCE.findall(text)]
    best = sorted(sentences, key=lambda s: -len(wanted & set(re.findall(r"\w{4,}", s.casefold()))))[:2]
    if not best:
        return "This is the simulator. I was sent no document that I could quote."
    quoted = " and ".join(f"«{s.strip()}»" for s in best)
    return f"This is the simulator. The document says {quoted}."
