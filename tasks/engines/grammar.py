"""Grammar, spelling and style by Harper, with what it gets wrong in reports left out.

Spelling of names and identifiers is left alone, and so are capitals and formatting: those are the
author's, or the file format's. The first linter of a process costs a second to build, and none is safe to
share, so each thread keeps one.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Final

from harper import Lint, Linter, SuggestionKind
from rapidfuzz.distance import OSA

from tasks.contract.findings import Category, Severity, Suggestion
from tasks.engines.harper_rules import HarperRules
from tasks.engines.rules.english import is_english
from tasks.engines.rules.prose import Span, sentences_of
from tasks.engines.rules.rule import Subject, Violation
from tasks.engines.rules.variants import is_british, is_variant

BLOCK_CHARS: Final = 1_500
"""Text is checked in blocks of about this length: the first findings do not wait for the last, and the less text,
the fewer rules it wakes."""
WRAPPED_CHARS: Final = 4 * BLOCK_CHARS
"""Text without blank lines is cut where lines end when it is as long as this: a sentence may go on there."""
_PAUSE: Final = re.compile(r"^[ \t]*(?P<fence>```|~~~)|\n(?P<blank>(?:[ \t]*\n)+)|\n", re.MULTILINE)

_LAST_RULES: Final = frozenset({"SplitWords"})  # of a misspelling it makes two words
_OFF_KINDS: Final = frozenset({"Capitalization", "Formatting", "Regionalism"})
_STYLE_KINDS: Final = frozenset({"Style", "Enhancement", "Readability", "Redundancy", "WordChoice", "Nonstandard"})
_SPELLING_KINDS: Final = frozenset({"Spelling"})
_IDENTIFIER: Final = re.compile(r"[_/\\@#=<>{}|~^`$%&*+0-9]|\w\.\w|\w::?\w|\w\(|[a-z][A-Z]")
_SENTENCE_START: Final = re.compile(r"(?:^|\n|[.!?]['\"”’)]*\s+)[-*•#\s]*$")
_PLACEHOLDER: Final = re.compile(r"TODO|TBD|TBA|TBC|FIXME|XXX+")  # a rule of its own reports them
_TERM_USES: Final = 3
_AROUND: Final = ".,;:!?\"'“”‘’()[]"

_thread = threading.local()


def check_grammar(subject: Subject, start: int, end: int) -> list[Violation]:
    """What Harper says of ``text[start:end]``, less what is left alone, without overlaps, in order."""
    markdown = subject.document is not None and subject.document.format == "md"
    block = subject.text[start:end]
    linter, rules = _linter()
    linter.set_lint_config(rules.woken_by(block))
    by_rule = linter.organized_lints(block, language="markdown" if markdown else "plaintext", dedup=False)
    lints = [(rule, lint) for rule, found in by_rule.items() for lint in found]
    lints.sort(key=lambda named: (named[1].span.start, -named[1].span.end, named[0] in _LAST_RULES))
    kept = list(_kept(subject.text, start, lints))
    sentences = sentences_of(block) if kept else []
    return [violation for violation in kept if not _is_foreign(violation, block, start, sentences)]


def _is_foreign(violation: Violation, block: str, offset: int, sentences: list[Span]) -> bool:
    at = violation.span[0] - offset if violation.span else 0
    return any(start <= at < end and not _reads_english(block, start, end) for start, end in sentences)


def _reads_english(block: str, start: int, end: int) -> bool:
    """A sentence too short to tell goes with its paragraph, then with its block; in doubt it is checked."""
    paragraph_end = block.find("\n", end)
    paragraph = block[block.rfind("\n", 0, start) + 1 : paragraph_end if paragraph_end >= 0 else len(block)]
    answers = (is_english(text) for text in (block[start:end], paragraph, block))
    return next((answer for answer in answers if answer is not None), True)


def blocks_of(text: str) -> list[tuple[int, int]]:
    """Stretches of about `BLOCK_CHARS` that together are the text, cut between paragraphs and outside of code."""
    cuts, last, in_code = [0], 0, False
    for match in _PAUSE.finditer(text):
        in_code ^= match["fence"] is not None
        longest = BLOCK_CHARS if match["blank"] else WRAPPED_CHARS
        if not in_code and match["fence"] is None and match.end() - last >= longest:
            cuts.append(last := match.end())
    return [(a, b) for a, b in zip(cuts, [*cuts[1:], len(text)], strict=True) if text[a:b].strip()]


def _linter() -> tuple[Linter, HarperRules]:
    made: tuple[Linter, HarperRules] | None = getattr(_thread, "made", None)
    if made is None:
        linter = Linter()
        made = _thread.made = (linter, HarperRules(linter))
    return made


def _kept(text: str, offset: int, lints: list[tuple[str, Lint]]) -> Iterator[Violation]:
    done = 0
    for rule, lint in lints:
        start, end = offset + lint.span.start, offset + lint.span.end
        if start < done or start >= end or _left_alone(text, start, end, lint):
            continue
        done = end
        yield _violation(rule, lint, (start, end))


def _left_alone(text: str, start: int, end: int, lint: Lint) -> bool:
    kind = lint.lint_kind
    if kind in _OFF_KINDS:
        return True
    token = _token_around(text, start, end)
    if _IDENTIFIER.search(token):
        return True
    if kind not in _SPELLING_KINDS:
        return False
    if is_british(lint.problem_text) or _PLACEHOLDER.fullmatch(token):
        return True
    if any(is_variant(lint.problem_text, s.replacement_text) for s in lint.suggestions):
        return True
    if _is_term(text, lint):
        return True
    return token[:1].isupper() and not _begins_misspelt(text, start, lint)


def _is_term(text: str, lint: Lint) -> bool:
    """A word that is used again and again, and is near no other word: a term of the trade."""
    first = next((s.replacement_text for s in lint.suggestions), "")
    word = lint.problem_text.lower()
    near = first and "'" not in first and OSA.distance(word, first.lower()) <= 2
    return not near and len(re.findall(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)) >= _TERM_USES


def _begins_misspelt(text: str, start: int, lint: Lint) -> bool:
    """At the start of a sentence a capital is no sign of a name; then what is nearly a word is a misspelling."""
    if not _SENTENCE_START.search(text, max(0, start - 8), start):
        return False
    first = next(iter(lint.suggestions), None)
    word = lint.problem_text.lower()
    return first is not None and len(word) > 4 and OSA.distance(word, first.replacement_text.lower()) <= 2


def _token_around(text: str, start: int, end: int) -> str:
    """The unbroken run of characters around the place, without the punctuation at its ends."""
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end].strip(_AROUND)


def _violation(rule: str, lint: Lint, span: tuple[int, int]) -> Violation:
    style = lint.lint_kind in _STYLE_KINDS
    category: Category = "clarity" if style else "grammar"
    severity: Severity = "info" if style else "minor"
    return Violation(
        rule_id=f"harper.{rule}",
        span=span,
        category=category,
        severity=severity,
        message=_plain(lint.message),
        confidence=0.6 if style else 0.75,
        suggestion=_suggestion(lint),
    )


def _plain(message: str) -> str:
    return re.sub(r"`([^`]*)`", r"“\1”", message)


def _suggestion(lint: Lint) -> Suggestion:
    """Harper's first idea. Its insertions are written as replacements of the quote."""
    first = next(iter(lint.suggestions), None)
    if first is None:
        return Suggestion()
    if first.kind == SuggestionKind.REMOVE:
        return Suggestion(kind="delete")
    kept = lint.problem_text if first.kind == SuggestionKind.INSERT_AFTER else ""
    return Suggestion(kind="replace", text=kept + first.replacement_text)
