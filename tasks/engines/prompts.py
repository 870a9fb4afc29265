"""What Claude is asked. Pure: from a job to the members of a request.

The part that all sections of a document share comes first and ends in a cache mark; the section to
review, or the question, comes last. So the first call warms the cache and the others read it.
"""

from __future__ import annotations

from typing import Any, Final

from tasks.contract.documents import Document, Section
from tasks.contract.findings import Finding
from tasks.contract.names import TaskKind
from tasks.contract.submissions import MAX_DOCUMENT_CHARS
from tasks.engines.engine import Question, Review, Turn
from tasks.engines.fence import Fence
from tasks.engines.instructed import findings_schema, instructions_of
from tasks.engines.passages import find_passages

REVIEW_MAX_TOKENS: Final = 16_000  # room for a model that thinks before it answers
CHAT_MAX_TOKENS: Final = 8_000
TEST_MAX_TOKENS: Final = 16
MAX_TOKENS: Final = {
    TaskKind.ANALYSIS: REVIEW_MAX_TOKENS,
    TaskKind.CHAT: CHAT_MAX_TOKENS,
    TaskKind.TEST: TEST_MAX_TOKENS,
}
MAX_HISTORY_TURNS: Final = 20
MAX_LISTED_FINDINGS: Final = 40
MAX_PASSAGES: Final = 20
"""Of a document that is too long to be sent whole, for a question."""
_GRAVEST: Final = ("critical", "major", "minor", "info")

_REVIEW_RULES: Final = """You review one section of a document for its author.
Report what a careful editor and a careful expert would want changed: errors of grammar, unclear sentences, poor \
structure, contradictions within the document, claims without evidence, wrong facts or sums, an unfitting tone, risks.
For each finding give `quote`: the shortest passage of the section, copied character by character, that the finding is \
about; never from another section, never shortened with dots. Leave `quote` empty only when the finding concerns the \
section as a whole. `prefix` is the few words just before the quote. Do not count characters.
`message` is one sentence for the author; `rationale` says why, in at most two sentences. `suggestion.text` is exactly \
what should stand in place of the quote (kind replace), or be added after it (insert), or is empty (delete, none).
`confidence` is from 0 to 1. Report nothing that is merely a matter of taste. An empty list is a good answer.
Write in the language of the section."""
_CHAT_RULES: Final = """You answer questions about a document for its author, briefly and concretely.
When you rely on the document, quote the passage character by character between « and ». Use « and » for nothing else.
When the document does not say it, say so. Write in the language of the question."""


def review_request(job: Review) -> dict[str, Any]:
    """The members of a request that reviews one section, less the model."""
    fence = Fence(job.document, job.section)
    ask = f"Review this section, and only this one:\n{fence.section(job.section)}"
    return {
        "max_tokens": REVIEW_MAX_TOKENS,
        "system": [_text(_instructions(_REVIEW_RULES, fence, job.document))],
        "messages": [{"role": "user", "content": [*_shared(fence, job.document), _text(ask)]}],
        "output_config": {"format": {"type": "json_schema", "schema": findings_schema(job.framework)}},
    }


def chat_request(job: Question) -> dict[str, Any]:
    """The members of a request that answers one question, less the model."""
    fence = Fence(job.document, job.section)
    shared = _shared(fence, job.document)
    messages: list[dict[str, Any]] = []
    for turn in _usable(job.history):
        messages.append({"role": "user", "content": [_text(turn.message)]})
        messages.append({"role": "assistant", "content": [_text(turn.answer)]})
    messages.append({"role": "user", "content": _question(job, fence)})
    messages[0]["content"] = [*shared, *messages[0]["content"]]
    return {
        "max_tokens": CHAT_MAX_TOKENS,
        "system": [_text(_instructions(_CHAT_RULES, fence, job.document))],
        "messages": messages,
    }


def ping_request() -> dict[str, Any]:
    """The members of the smallest request that proves that key, model and network work."""
    return {
        "max_tokens": TEST_MAX_TOKENS,
        "messages": [{"role": "user", "content": "This is a connection test. Answer with the word: ok"}],
    }


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _instructions(rules: str, fence: Fence, document: Document | None) -> str:
    return "\n\n".join([rules, fence.data_rule(), *instructions_of(document, fence)])


def _shared(fence: Fence, document: Document | None) -> list[dict[str, Any]]:
    if document is None:
        return []
    body = f"The document:\n{fence.around('document', _whole(document))}"
    return [{**_text(body), "cache_control": {"type": "ephemeral"}}]


def _whole(document: Document) -> str:
    """The document in order, ended honestly where it grows too long: the same end for every section, so
    that all of them share the cache."""
    shown, left_out = _within_length(document)
    parts = [f"File: {document.name}", *map(_with_heading, shown)]
    if left_out:
        parts.append("[The document goes on; the rest is left out here for its length.]")
    return "\n\n".join(parts)


def _with_heading(section: Section) -> str:
    return f"{'#' * max(1, section.level)} {section.title}\n{section.text}"


def _within_length(document: Document) -> tuple[tuple[Section, ...], tuple[Section, ...]]:
    """The sections that are sent, and those behind them that are not."""
    left = MAX_DOCUMENT_CHARS
    for number, section in enumerate(document.sections):
        left -= len(_with_heading(section))
        if left < 0:
            return document.sections[:number], document.sections[number:]
    return document.sections, ()


def _question(job: Question, fence: Fence) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = []
    if job.section:
        content.append(_text(f"The question is about this section:\n{fence.section(job.section)}"))
    if job.document and (found := _from_the_rest(job.message, job.document)):
        words = "From the part that was left out, what matches the question best:"
        content.append(_text(f"{words}\n{fence.around('document', found)}"))
    if job.findings:
        listed = "\n".join(_listed(f, job.document) for f in _foremost(job))
        content.append(_text(f"The review so far:\n{fence.around('findings', listed)}"))
    return [*content, _text(job.message)]


def _from_the_rest(question: str, document: Document) -> str:
    """Passages of the sections that are not sent, each under its title."""
    passages = find_passages(question, _within_length(document)[1], MAX_PASSAGES)
    return "\n\n".join(f"# {passage.section.title}\n{passage.quote}" for passage in passages)


def _foremost(job: Question) -> list[Finding]:
    """The findings of the section in question first, then the others; the gravest of each first."""
    about = job.section.section_id if job.section else None
    ranked = sorted(job.findings, key=lambda f: (f.section_id != about, _GRAVEST.index(f.severity)))
    return ranked[:MAX_LISTED_FINDINGS]


def _listed(finding: Finding, document: Document | None) -> str:
    section = document.section(finding.section_id) if document else None
    where = f" in “{section.title}”" if section else ""
    about = f" («{finding.anchor.exact[:200]}»)" if finding.anchor else ""
    judged = "" if finding.status == "open" else f", {finding.status}"
    return f"- {finding.severity} {finding.category}{where}{judged}: {finding.message}{about}"


def _usable(history: tuple[Turn, ...]) -> list[Turn]:
    """The last turns that have an answer: the API refuses empty messages."""
    return [turn for turn in history if turn.message.strip() and turn.answer.strip()][-MAX_HISTORY_TURNS:]
