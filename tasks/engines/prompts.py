"""What Claude is asked. Pure: from a job to the members of a request.

The part that all sections of a document share comes first and ends in a cache mark; the section to
review, or the question, comes last. So the first call warms the cache and the others read it.
"""

from __future__ import annotations

from typing import Any, Final

from tasks.contract.documents import Document
from tasks.contract.findings import Finding
from tasks.contract.names import TaskKind
from tasks.contract.submissions import MAX_DOCUMENT_CHARS
from tasks.engines.engine import Question, Review, Turn
from tasks.engines.fence import Fence
from tasks.engines.instructed import findings_schema, instructions_of

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
    parts = [f"File: {document.name}"]
    left = MAX_DOCUMENT_CHARS
    for section in document.sections:
        part = f"{'#' * max(1, section.level)} {section.title}\n{section.text}"
        if len(part) > left:
            parts.append("[The document goes on; the rest is left out here for its length.]")
            break
        parts.append(part)
        left -= len(part)
    return "\n\n".join(parts)


def _question(job: Question, fence: Fence) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = []
    if job.section:
        content.append(_text(f"The question is about this section:\n{fence.section(job.section)}"))
    if job.findings:
        listed = "\n".join(_listed(f) for f in job.findings[:MAX_LISTED_FINDINGS])
        content.append(_text(f"The review so far:\n{fence.around('findings', listed)}"))
    return [*content, _text(job.message)]


def _listed(finding: Finding) -> str:
    about = f" («{finding.anchor.exact[:200]}»)" if finding.anchor else ""
    return f"- {finding.severity} {finding.category}: {finding.message}{about}"


def _usable(history: tuple[Turn, ...]) -> list[Turn]:
    """The last turns that have an answer: the API refuses empty messages."""
    return [turn for turn in history if turn.message.strip() and turn.answer.strip()][-MAX_HISTORY_TURNS:]
