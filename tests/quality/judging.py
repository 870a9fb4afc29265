"""Which findings name a planted fault, and the figures that follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from tasks.contract.documents import Section
from tasks.contract.findings import Finding
from tests.quality.marked_text import STRUCTURAL, SURFACE, Fault, MarkedText

ACCEPTED: Final = {
    "spelling": {"grammar", "clarity"},
    "grammar": {"grammar", "clarity"},
    "style": {"clarity", "tone", "grammar"},
    "arithmetic": {"accuracy", "consistency"},
    "count": {"consistency", "accuracy"},
    "reference": {"consistency", "structure"},
    "acronym": {"clarity"},
    "repeat": {"structure", "clarity"},
    "heading": {"structure"},
    "todo": {"structure", "clarity"},
    "evidence": {"evidence", "accuracy"},
    "tone": {"tone", "clarity"},
    "risk": {"risk"},
}
"""Fault -> the categories under which a finding may report it."""
STRUCTURAL_RULES: Final = (
    *("percentage-", "sum-", "conflicting-counts", "announced-number", "missing-reference", "undefined-acronym"),
    *("repeated-sentence", "heading-jump", "placeholder", "duplicate-"),
)
"""How the checker's structural rules begin; other engines name no rules and are told apart by category."""
SURPLUS: Final = {**dict.fromkeys(SURFACE, 60), **dict.fromkeys(STRUCTURAL, 200)}
"""How many characters more than the fault a finding may cover: one that covers a paragraph names nothing."""


@dataclass(slots=True)
class Judged:
    """What an engine said of some texts, beside what was planted there."""

    texts: list[MarkedText]
    findings: list[tuple[MarkedText, Finding]] = field(default_factory=list)
    dropped: int = 0

    @property
    def words(self) -> int:
        """Of all texts."""
        return sum(text.words for text in self.texts)

    @property
    def faults(self) -> list[tuple[MarkedText, Fault]]:
        """All planted ones."""
        return [(text, fault) for text in self.texts for fault in text.faults]

    def is_true(self, text: MarkedText, finding: Finding) -> bool:
        """Whether the finding names a planted fault."""
        return any(names(finding, fault) for fault in text.faults)

    def is_found(self, text: MarkedText, fault: Fault) -> bool:
        """Whether some finding names the fault."""
        return any(names(finding, fault) for other, finding in self.findings if other is text)

    def recall(self, kinds: Iterable[str]) -> tuple[int, int]:
        """Found and planted, of those kinds."""
        wanted = set(kinds)
        faults = [(text, fault) for text, fault in self.faults if fault.kind in wanted]
        return sum(self.is_found(*each) for each in faults), len(faults)

    def precision(self, findings: Sequence[tuple[MarkedText, Finding]]) -> tuple[int, int]:
        """True ones and all, of those findings."""
        return sum(self.is_true(*each) for each in findings), len(findings)

    def of_structure(self) -> list[tuple[MarkedText, Finding]]:
        """The findings of structural rules."""
        return [(t, f) for t, f in self.findings if f.rule and f.rule.id.startswith(STRUCTURAL_RULES)]

    def by_category(self) -> dict[str, list[tuple[MarkedText, Finding]]]:
        """The findings by their category."""
        found: dict[str, list[tuple[MarkedText, Finding]]] = {}
        for text, finding in self.findings:
            found.setdefault(finding.category, []).append((text, finding))
        return dict(sorted(found.items()))

    def duplicates(self) -> int:
        """Findings that say again, of the same words, what another one said under the same category."""
        places = Counter(
            (t.name, f.section_id, f.category, f.anchor.start, f.anchor.end) for t, f in self.findings if f.anchor
        )
        return sum(count - 1 for count in places.values())

    def anchored_exactly(self) -> tuple[int, int]:
        """Findings with a quote that stands there letter by letter, and all with a quote."""
        quoted = [(t, f) for t, f in self.findings if f.anchor]
        exact = sum(f.anchor is not None and f.anchor.method == "exact" and stands(t, f) for t, f in quoted)
        return exact, len(quoted)

    def suggestions(self) -> tuple[int, int, int]:
        """Suggestions that can be carried out without leaving a scar, those that make exactly the planted
        correction, and all."""
        given = [(t, f) for t, f in self.findings if f.suggestion.kind != "none" and f.anchor]
        clean = sum(stands(t, f) and not leaves_scar(section_of(t, f), f) for t, f in given)
        return clean, sum(repairs(t, f) for t, f in given), len(given)


def names(finding: Finding, fault: Fault) -> bool:
    """Whether a finding is about a fault: of a fitting category, at one of its places, not much longer."""
    if finding.category not in ACCEPTED[fault.kind]:
        return False
    for place in fault.places:
        if finding.section_id != place.section_id:
            continue
        if place.span is None:
            return True
        if finding.anchor and _overlap(place.span, finding, SURPLUS.get(fault.kind)):
            return True
    return False


def _overlap(span: tuple[int, int], finding: Finding, surplus: int | None) -> bool:
    assert finding.anchor is not None
    start, end = finding.anchor.start, finding.anchor.end
    meets = start < span[1] and span[0] < end
    return meets and (surplus is None or end - start <= span[1] - span[0] + surplus)


def section_of(text: MarkedText, finding: Finding) -> Section:
    """The section that a finding is about."""
    section = text.document.section(finding.section_id)
    assert section is not None
    return section


def stands(text: MarkedText, finding: Finding) -> bool:
    """Whether the words of a finding stand where it says."""
    anchor = finding.anchor
    return anchor is not None and section_of(text, finding).text[anchor.start : anchor.end] == anchor.exact


def applied(section: Section, finding: Finding) -> str:
    """The section's text with the suggestion carried out, as an export does: of two blanks that would meet
    where words go away, one goes as well."""
    anchor, suggestion, text = finding.anchor, finding.suggestion, section.text
    assert anchor is not None
    kept = anchor.exact if suggestion.kind == "insert" else ""
    new = kept + ("" if suggestion.kind == "delete" else suggestion.text)
    doubled = not new and text[max(0, anchor.start - 1) : anchor.start] in {"", " ", "\n"}
    end = anchor.end + (doubled and text[anchor.end : anchor.end + 1] == " ")
    return text[: anchor.start] + new + text[end:]


def leaves_scar(section: Section, finding: Finding) -> bool:
    """Whether the text has a doubled word, a doubled space or a space before a comma that it did not have."""
    before, after = section.text, applied(section, finding)
    return any(after.count(scar) > before.count(scar) for scar in ("  ", " ,", " .", "..", ",,")) or (
        _doubled(after) > _doubled(before)
    )


def _doubled(text: str) -> int:
    return sum(a == b for a, b in pairwise(text.casefold().split()))


def repairs(text: MarkedText, finding: Finding) -> bool:
    """Whether the suggestion makes a planted correction, word for word."""
    section, anchor = section_of(text, finding), finding.anchor
    if anchor is None:
        return False
    result = applied(section, finding).split()
    for fault in text.faults:
        for place in fault.places:
            if place.section_id == section.section_id and place.span and fault.right is not None:
                start, end = place.span
                if (section.text[:start] + fault.right + section.text[end:]).split() == result:
                    return True
    return False
