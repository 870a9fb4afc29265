"""Answers of a reviewer who exists only as a script, for measuring what becomes of an answer.

They stand for recorded answers of Claude where no key is at hand to record any. The script knows the planted
faults and tells nine of ten; it garbles quotes as models do (other quotation marks, a changed space, a lost
comma), invents one now and then, and repeats itself. So recall says how many quotes were found again, and
nothing about Claude.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from tests.quality.marked_text import Fault, MarkedText
from tests.simulator.requests import Asked

_CATEGORY: Final = {
    **dict.fromkeys(("spelling", "grammar"), "grammar"),
    **dict.fromkeys(("style", "acronym"), "clarity"),
    **dict.fromkeys(("count", "reference"), "consistency"),
    **dict.fromkeys(("repeat", "heading", "todo"), "structure"),
    **{"arithmetic": "accuracy", "evidence": "evidence", "tone": "tone", "risk": "risk"},
}
_INVENTED: Final = "The seventeen violet lighthouses negotiated quietly with the observatory beneath."


class ScriptedReviewer:
    """Answers for the sections of some texts. ``faults`` counts what it told, ``invented`` and ``repeated``
    what it added."""

    def __init__(self, texts: list[MarkedText]) -> None:
        self.faults = self.invented = self.repeated = self.left_out = 0
        self._texts = texts

    @property
    def share_told(self) -> float:
        """How many of the faults it told."""
        return self.faults / max(1, self.faults + self.left_out)

    def answer(self, asked: Asked) -> str:
        """The answer to a request that reviews one of the sections."""
        told: list[dict[str, Any]] = []
        for text in self._texts:
            for section in text.document.sections:
                if f">\n{section.title}\n<" in asked.question and f">\n{section.text}\n<" in asked.question:
                    for fault in text.faults:
                        told += self._told(fault, section.section_id, section.text)
        return json.dumps({"findings": told}, ensure_ascii=False)

    def _told(self, fault: Fault, section_id: str, text: str) -> list[dict[str, Any]]:
        place = fault.places[-1]
        if place.section_id != section_id:
            return []
        chance = hashlib.sha256(f"{section_id}{fault.wrong}{len(text)}".encode()).digest()
        if chance[0] < 26:
            self.left_out += 1
            return []
        self.faults += 1
        quote = text[slice(*place.span)] if place.span else ""
        before = text[max(0, place.span[0] - 24) : place.span[0]] if place.span else ""
        finding = self._finding(fault, _garbled(quote, chance[1]), before)
        found = [finding]
        if chance[2] < 20:
            self.repeated += 1
            found.append(finding)
        if chance[3] < 20:
            self.invented += 1
            found.append(finding | {"quote": _INVENTED, "prefix": ""})
        return found

    def _finding(self, fault: Fault, quote: str, prefix: str) -> dict[str, Any]:
        replaced = fault.right is not None and quote
        return {
            "quote": quote,
            "prefix": prefix,
            "category": _CATEGORY[fault.kind],
            "severity": "minor",
            "confidence": 0.8,
            "message": f"A planted fault: {fault.kind}.",
            "rationale": "",
            "checkpoint": "",
            "suggestion": {"kind": "replace" if replaced else "none", "text": fault.right if replaced else ""},
        }


def _garbled(quote: str, chance: int) -> str:
    """The quote as a model might give it back."""
    if chance < 25:
        return quote.replace("'", "’").replace('"', "“")
    if chance < 40:
        return quote.replace(" ", "\u00a0")
    if chance < 55 and len(quote) > 20:
        return quote.replace(",", "", 1)
    return quote
