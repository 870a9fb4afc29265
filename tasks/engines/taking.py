"""Findings taken out of an answer while it streams in, each as soon as it is complete."""

from __future__ import annotations

from typing import Any

import structlog

from tasks.contract.findings import Finding, Source
from tasks.contract.identity import PROMPT_VERSION
from tasks.engines import failures
from tasks.engines.anchoring import Locator
from tasks.engines.drafting import build_finding
from tasks.engines.engine import Review
from tasks.engines.reading import FindingsReader, GivenFinding, draft_of

log = structlog.get_logger(__name__)


class Taken:
    """The findings taken out of one answer. Those ``known`` were told before, and are not told again."""

    def __init__(self, job: Review, engine: str, known: list[Finding]) -> None:
        self._job, self._engine = job, engine
        self._known = {finding.fingerprint for finding in known}
        self._reader = FindingsReader()
        self._locator = Locator(job.section.text)
        self._seen: set[str] = set()
        self._unplaced = 0
        self._sectionwide: dict[str, int] = {}

    @property
    def percent(self) -> int:
        """Nobody knows how many will come: each finding brings it an eighth nearer to the end."""
        return round(95 - 85 * 0.875 ** len(self._seen))

    @property
    def status(self) -> str:
        count = len(self._seen)
        return f"{count} finding{'s' if count != 1 else ''} so far"

    def take(self, piece: str, model: str) -> list[Finding]:
        """The findings that this piece completed, each once."""
        found = [self._placed(given, model) for given in self._reader.feed(piece)]
        return [finding for finding in found if finding is not None]

    def _placed(self, given: GivenFinding, model: str) -> Finding | None:
        draft = draft_of(given, self._locator, self._job.framework)
        if draft is None:
            self._unplaced += 1
            return None
        ordinal = self._sectionwide.get(draft.category, 0)
        if draft.anchor is None:
            self._sectionwide[draft.category] = ordinal + 1
        finding = build_finding(
            draft,
            section_id=self._job.section.section_id,
            text=self._job.section.text,
            document_id=self._job.document.document_id if self._job.document else None,
            source=Source(engine=self._engine, model=model, prompt_version=PROMPT_VERSION),
            ordinal=ordinal,
        )
        return None if finding.fingerprint in self._seen | self._known else self._first(finding)

    def _first(self, finding: Finding) -> Finding:
        self._seen.add(finding.fingerprint)
        return finding

    def result(self, model: str, *, truncated: bool) -> dict[str, Any]:
        """The result of the review.

        Raises:
            EngineError: the answer is no list of findings, or was cut off before the first.
        """
        dropped = self._reader.broken + self._unplaced
        if dropped:
            log.warning("findings_dropped", broken=self._reader.broken, unplaced=self._unplaced, model=model)
        result = {"engine": self._engine, "model": model, "dropped": dropped}
        if truncated:
            if not self._seen:
                raise failures.too_long()
            return {**result, "truncated": True}
        if not self._reader.complete:
            raise failures.garbled()
        return result
