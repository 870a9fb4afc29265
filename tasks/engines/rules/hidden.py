"""Text that people do not see and machines do, and text that gives orders to machines.

Whoever reviews by machine may be told by a document what to say about it. Nothing here follows such orders;
that they are there is what the author, or whoever received the document, must know.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from tasks.contract.documents import HiddenText
from tasks.contract.findings import Severity
from tasks.engines.rules.rule import Subject, Violation

_ORDERS: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|all|any|these|your|the)\b"
    r"[^.\n]{0,30}\b(?:instructions?|rules|prompts?|guidelines|directions|orders|context)\b"
    r"|\bsystem\s+(?:prompt|message|override|instruction)s?\b"
    r"|\byou\s+are\s+(?:now\s+)?(?:an?\s+)?(?:AI|language model|assistant|helpful assistant|chatbot|Claude|ChatGPT|GPT|DAN)\b"
    r"|\b(?:AI|LLM|language model|assistant|reviewer|Claude|ChatGPT)s?\s*(?:[:,]|must|should|shall|reading this|has to|will now)"
    r"|\b(?:note|message|instruction|attention)s?\s+(?:to|for)\s+(?:the\s+)?(?:AI|LLM|model|assistant|machine|reviewer|Claude)\b"
    r"|\b(?:do not|don['’]t|never)\s+(?:report|mention|flag|list|find|criticise|criticize)\b[^.\n]{0,40}"
    r"\b(?:issues?|problems?|errors?|findings?|mistakes?|anything|faults?)\b"
    r"|\b(?:respond|reply|answer|output|return|print|say|write)\s+(?:only|exactly|nothing but|with only|with the words?)\b"
    r"|\b(?:reveal|print|repeat|output|show|send)\b[^.\n]{0,30}\b(?:your|the)\s+(?:instructions|prompt|rules|configuration|api key)\b"
    r"|\b(?:rate|grade|score|mark|approve|accept)\s+(?:this|the)\s+(?:document|paper|text|report|section|submission)\b[^.\n]{0,30}"
    r"\b(?:as|highest|perfect|excellent|flawless|without|positive)"
    r"|\[/?INST\]|<\|?(?:im_start|im_end|system|endoftext)\|?>|^\s*(?:system|assistant|human)\s*:\s"
    r"|</?(?:system|instructions?|document|section|findings|guidelines)[-\w]*>",
    re.IGNORECASE | re.MULTILINE,
)
_COMMENT: Final = re.compile(
    r"<!--(.*?)(?:-->|\Z)|^\[(?://|comment|_metadata_[^\]]*)\]:\s*(?:#|<>)\s*[(\"'](.*?)[)\"']\s*$",
    re.DOTALL | re.MULTILINE,
)
_DIRECTIVE_WORDS: Final = 4  # a comment of so few words is a mark for some tool
_UNSEEN_MARKUP: Final = re.compile(
    r"<(?P<tag>\w+)[^<>]{0,200}?(?:\bhidden\b|(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|"
    r"font-size\s*:\s*[01](?:px|pt|em|%)?\s*[;\"']|color\s*[:=]\s*[\"']?(?:white|#fff(?:fff)?\b)))[^<>]{0,200}>"
    r"(?P<text>[^<]{1,2000})",
    re.IGNORECASE,
)
_TAG_CHARACTERS: Final = re.compile("[\U000e0000-\U000e007f]+")
_FLAG: Final = "\U0001f3f4"  # a black flag followed by tag characters is the flag of a region
_INVISIBLE: Final = re.compile("[\u200b\u2060-\u2064\ufeff\u180e\u202d\u202e]+|[\u200c\u200d]{2,}")
_MOST_INVISIBLE: Final = 8  # a few come along when text is copied from the web
_OVERRIDES: Final = frozenset("\u202d\u202e")
_ENCODED: Final = re.compile(
    r"(?<![\w+/=])(?:[A-Za-z0-9+/]{4}){10,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?![\w+/=])"
)
_QUOTED_CHARS: Final = 160
_KINDS: Final = {
    "vanished": ("hidden-text", "The file holds text that is switched off"),
    "white": ("hidden-white", "This text is written in the colour of the page"),
    "tiny": ("hidden-tiny", "This text is too small to be read"),
    "invisible": ("hidden-invisible", "This text is written without any colour"),
    "outside": ("hidden-outside", "This text stands outside of the page"),
    "covered": ("hidden-covered", "This text lies under something that hides it"),
    "comment": ("hidden-comment", "A comment in the file gives orders to machines"),
    "alt-text": ("hidden-alt-text", "The description of a picture gives orders to machines"),
    "metadata": ("hidden-metadata", "The properties of the file give orders to machines"),
}
_IN_TEXT: Final = frozenset(("white", "tiny", "invisible", "outside", "covered"))
"""They stand in the section's text, too."""
_ONLY_WITH_ORDERS: Final = frozenset(("comment", "alt-text", "metadata"))
"""They are not hidden from those who look for them, and most are what they should be."""
_WHY: Final = "Readers do not see it, but programs that read the file do. It was treated as data, whatever it says."


def check_hidden(subject: Subject) -> Iterator[Violation]:
    """Hidden text of the file and of the text itself, and orders to machines."""
    text = subject.text
    yield from _in_file(subject.section.hidden, text)
    unseen = [*_in_markup(text), *_in_characters(text), *_in_code(text)]
    yield from unseen
    covered = [v.span for v in unseen if v.span]
    for match in _ORDERS.finditer(text):
        if not any(start <= match.start() < end for start, end in covered):
            yield Violation(
                "orders-to-the-reader",
                match.span(),
                "risk",
                "major",
                "This reads like an order to a machine that processes the document. It was not followed.",
                "",
                0.7,
            )


def gives_orders(text: str) -> bool:
    """Whether a text tells a machine what to do."""
    return _ORDERS.search(text) is not None


def _in_file(hidden: tuple[HiddenText, ...], text: str) -> Iterator[Violation]:
    """One for each place that stands in the text, and one for each kind that does not."""
    elsewhere: dict[str, list[str]] = {}
    for each in hidden:
        if each.kind in _ONLY_WITH_ORDERS and not gives_orders(each.text):
            continue
        at = text.find(each.text) if each.kind in _IN_TEXT else -1
        if at >= 0:
            yield _violation(each.kind, each.text, (at, at + len(each.text)))
        else:
            elsewhere.setdefault(each.kind, []).append(each.text)
    for kind, texts in elsewhere.items():
        yield _violation(kind, " … ".join(texts), None)


def _violation(kind: str, text: str, span: tuple[int, int] | None) -> Violation:
    rule, message = _KINDS[kind]
    return Violation(rule, span, "risk", _severity(text), f"{message}: “{_shortened(text)}”", _WHY, 0.9)


def _in_markup(text: str) -> Iterator[Violation]:
    for match in _COMMENT.finditer(text):
        said = (match[1] or match[2] or "").strip()
        if gives_orders(said) or len(said.split()) > _DIRECTIVE_WORDS:
            yield _unseen("hidden-comment", match.span(), "A comment in the text is not shown to readers", said)
    for match in _UNSEEN_MARKUP.finditer(text):
        yield _unseen("hidden-markup", match.span(), "This text is made invisible by its markup", match["text"])


def _in_characters(text: str) -> Iterator[Violation]:
    for match in _TAG_CHARACTERS.finditer(text):
        if text[match.start() - 1 : match.start()] != _FLAG:
            said = "".join(chr(ord(c) - 0xE0000) for c in match[0] if 0xE0020 <= ord(c) < 0xE007F)
            yield _unseen("hidden-characters", match.span(), "Invisible characters spell a text", said)
    found = list(_INVISIBLE.finditer(text, 1))  # a mark of byte order may begin a text
    count = sum(len(match[0]) for match in found)
    if count >= _MOST_INVISIBLE or any(_OVERRIDES.intersection(match[0]) for match in found):
        plain = _INVISIBLE.sub("", text)
        message = f"{count} invisible characters stand in the text, here the first"
        severity: Severity = "major" if gives_orders(plain) and not gives_orders(text) else "minor"
        yield Violation("hidden-characters", found[0].span(), "risk", severity, f"{message}.", _WHY, 0.8)


def _in_code(text: str) -> Iterator[Violation]:
    """Base64 that is a sentence when it is read; pictures, keys and tokens are not."""
    for match in _ENCODED.finditer(text):
        try:
            said = base64.b64decode(match[0], validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if said.isprintable() and len(said.split()) > _DIRECTIVE_WORDS:
            yield _unseen("hidden-encoding", match.span(), "This is a text in base64", said)


def _unseen(rule: str, span: tuple[int, int], message: str, said: str) -> Violation:
    return Violation(rule, span, "risk", _severity(said), f"{message}: “{_shortened(said)}”", _WHY, 0.9)


def _severity(text: str) -> Severity:
    return "major" if gives_orders(text) else "minor"


def _shortened(text: str) -> str:
    evened = " ".join(text.split())
    return evened if len(evened) <= _QUOTED_CHARS else f"{evened[: _QUOTED_CHARS - 1]}…"
