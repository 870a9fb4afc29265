"""From a rule's violation to a finding, whichever engine reviews."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tasks.contract.findings import Finding, Rule, Source, anchor_at
from tasks.contract.frameworks import CATEGORIES
from tasks.engines.drafting import Draft, build_finding
from tasks.engines.engine import Review
from tasks.engines.rules.hidden import check_hidden
from tasks.engines.rules.rule import Check, Subject, Violation

RULES: Final = Source(engine="checker")
"""Who says what a rule says, also in a review by Claude."""
ALWAYS: Final = ("hidden-", "orders-")
"""Rules that are told whatever a framework looks for."""


def findings_by(check: Check, job: Review, subject: Subject) -> list[Finding]:
    """What the rule finds, as far as the review's framework wants to hear it."""
    wanted = job.framework.categories if job.framework else CATEGORIES
    kept = (v for v in check.run(subject) if v.category in wanted or v.rule_id.startswith(ALWAYS))
    return [_finding_of(violation, job) for violation in kept]


def hidden_findings(job: Review) -> Iterator[Finding]:
    """What is hidden in the section, and what gives orders: found by rules for every engine, because a model
    that was to be deceived is a bad witness."""
    yield from findings_by(Check("hidden", "", check_hidden), job, Subject(job.section, job.document))


def _finding_of(violation: Violation, job: Review) -> Finding:
    text, framework = job.section.text, job.framework
    checkpoint = (
        framework.checkpoint_of_rule(violation.rule_id, violation.category, job.section.title) if framework else None
    )
    draft = Draft(
        category=violation.category,
        severity=(checkpoint and checkpoint.severity) or violation.severity,
        message=violation.message,
        anchor=anchor_at(text, *violation.span) if violation.span else None,
        confidence=violation.confidence,
        rationale=violation.rationale,
        suggestion=violation.suggestion,
        rule=Rule(id=violation.rule_id),
        checkpoint=checkpoint.name if checkpoint else None,
    )
    return build_finding(
        draft,
        section_id=job.section.section_id,
        text=text,
        document_id=job.document.document_id if job.document else None,
        source=RULES,
    )
