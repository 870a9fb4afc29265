"""What a review looks for, as data: a framework of checkpoints, and a user's own guidelines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Annotated, Final, get_args

from pydantic import Field, model_validator

from tasks.contract.findings import Category, CheckpointName, FrozenModel, Severity

MAX_CHECKPOINTS: Final = 60
MAX_FRAMEWORK_CHARS: Final = 64_000
"""Of the YAML that a framework is written in."""

CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Line = Annotated[str, Field(min_length=1, max_length=200)]
Sentences = Annotated[str, Field(min_length=1, max_length=2_000)]
Term = Annotated[str, Field(min_length=1, max_length=100)]


class Checkpoint(FrozenModel):
    """One thing to look for. ``sections`` are words of the titles that it belongs to; empty: everywhere.
    ``rules`` names the checker's rules that look for it, ``*`` standing for any ending."""

    id: Slug
    title: Line
    look_for: Sentences
    category: Category
    severity: Severity | None = None
    sections: Annotated[tuple[Term, ...], Field(max_length=40)] = ()
    rules: Annotated[tuple[Term, ...], Field(max_length=40)] = ()

    @property
    def name(self) -> CheckpointName:
        """What a finding says of it."""
        return CheckpointName(id=self.id, title=self.title)

    def belongs_to(self, section_title: str) -> bool:
        """Whether it is looked for in a section of that title."""
        title = section_title.casefold()
        return not self.sections or any(word.casefold() in title for word in self.sections)

    def is_looked_for_by(self, rule_id: str) -> bool:
        """Whether that rule of the checker looks for it."""
        return any(fnmatchcase(rule_id, pattern) for pattern in self.rules)


class Preference(FrozenModel):
    """One word, or several, to be used in place of others."""

    use: Term
    instead_of: Annotated[tuple[Term, ...], Field(min_length=1, max_length=40)]


class Framework(FrozenModel):
    """What a review looks for. ``severity`` says in words what deserves which; ``categories`` are all
    that findings may have."""

    id: Slug
    name: Line
    description: Annotated[str, Field(max_length=2_000)] = ""
    categories: Annotated[tuple[Category, ...], Field(min_length=1)] = CATEGORIES
    severity: dict[Severity, Sentences] = Field(default_factory=dict)
    checkpoints: Annotated[tuple[Checkpoint, ...], Field(min_length=1, max_length=MAX_CHECKPOINTS)]
    prefer: Annotated[tuple[Preference, ...], Field(max_length=500)] = ()
    avoid: Annotated[tuple[Term, ...], Field(max_length=500)] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Framework:
        for problem in self._contradictions():
            raise ValueError(problem)
        return self

    def _contradictions(self) -> Iterator[str]:
        seen: set[str] = set()
        for checkpoint in self.checkpoints:
            if checkpoint.id in seen:
                yield f"two checkpoints have the id {checkpoint.id}"
            if checkpoint.category not in self.categories:
                yield f"checkpoint {checkpoint.id} has the category {checkpoint.category}, which categories leaves out"
            seen.add(checkpoint.id)

    def checkpoint(self, checkpoint_id: str) -> Checkpoint | None:
        """The checkpoint with that id, or None."""
        return next((c for c in self.checkpoints if c.id == checkpoint_id), None)

    def checkpoint_of_rule(self, rule_id: str, category: Category, section_title: str) -> Checkpoint | None:
        """The checkpoint behind a finding of the checker's: the first one of its category that names its rule,
        else the first that names its rule, else the first of its category that names no rules at all."""
        here = [c for c in self.checkpoints if c.belongs_to(section_title)]
        named = [c for c in here if c.is_looked_for_by(rule_id)]
        unnamed = [c for c in here if not c.rules]
        ranked = [
            *(c for c in named if c.category == category),
            *named,
            *(c for c in unnamed if c.category == category),
        ]
        return ranked[0] if ranked else None


def digest_of_instructions(framework: Framework | None, guidelines: str | None) -> str:
    """SHA-256 of all that a review is told to look for: two reviews of the same text by the same model
    with the same prompt version and the same digest were asked the same."""
    told = {"framework": framework.model_dump(mode="json") if framework else None, "guidelines": guidelines or ""}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
