"""Drafts and the findings made of them."""

from __future__ import annotations

from tasks.contract.findings import Finding, Rule, Source
from tasks.engines.anchoring import locate
from tasks.engines.drafting import Draft, build_finding

TEXT = "One thing. One thing. Another."
SOURCE = Source(engine="checker")


def built(draft: Draft, document_id: str | None = "d", ordinal: int = 0) -> Finding:
    return build_finding(draft, section_id="s", text=TEXT, document_id=document_id, source=SOURCE, ordinal=ordinal)


def draft(message: str = "m", occurrence: int = 0) -> Draft:
    return Draft("clarity", "minor", message, locate("One thing.", TEXT, occurrence=occurrence))


def test_finding_keeps_its_identity_when_only_the_wording_changes() -> None:
    assert built(draft("a")).finding_id == built(draft("b")).finding_id


def test_finding_has_its_own_identity_when_the_same_words_stand_elsewhere() -> None:
    assert built(draft()).fingerprint != built(draft(occurrence=1)).fingerprint


def test_finding_has_its_own_id_when_the_document_is_another() -> None:
    assert built(draft()).finding_id != built(draft(), "e").finding_id
    assert built(draft(), None).fingerprint == built(draft()).fingerprint


def test_section_wide_findings_differ_when_their_rule_or_number_does() -> None:
    plain = Draft("structure", "minor", "m")
    ruled = Draft("structure", "minor", "m", rule=Rule(id="heading-jump"))
    prints = {built(plain).fingerprint, built(plain, ordinal=1).fingerprint, built(ruled).fingerprint}
    assert len(prints) == 3


def test_confidence_is_bounded_when_an_engine_exaggerates() -> None:
    assert built(Draft("tone", "info", "m", confidence=7)).confidence == 1.0
