"""Common slips of grammar that can be told by the words beside them, most of them by writers whose first
language is another one. Each is a pattern with what should stand in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from tasks.contract.findings import Suggestion
from tasks.engines.rules.prose import NUMBER_WORDS
from tasks.engines.rules.rule import Subject, Violation

_Right = str | Callable[[re.Match[str]], str | None]
_DAYS: Final = "Mondays?|Tuesdays?|Wednesdays?|Thursdays?|Fridays?|Saturdays?|Sundays?"
_NUMBERS: Final = "|".join(NUMBER_WORDS)
_COMPARATIVES: Final = (
    "more|less|fewer|rather|better|worse|higher|lower|larger|smaller|greater|longer|shorter|faster|slower|older|newer|younger|"
    "earlier|cheaper|easier|harder|stronger|weaker|bigger|wider|deeper|lighter|heavier|cleaner|warmer|colder|simpler|safer"
)
_PARTICIPLES: Final = {
    "send": "sent", "write": "written", "take": "taken", "give": "given", "choose": "chosen", "break": "broken",
    "speak": "spoken", "steal": "stolen", "forget": "forgotten", "begin": "begun", "drive": "driven", "throw": "thrown",
    "grow": "grown", "know": "known", "build": "built", "buy": "bought", "bring": "brought", "find": "found",
    "make": "made", "keep": "kept", "hold": "held", "lose": "lost", "sell": "sold", "tell": "told", "teach": "taught",
    "move": "moved", "change": "changed", "install": "installed", "replace": "replaced", "delete": "deleted",
    "create": "created", "remove": "removed", "inform": "informed", "use": "used", "store": "stored", "check": "checked",
}  # fmt: skip
_PAST_AS_PARTICIPLE: Final = {
    "went": "gone", "wrote": "written", "took": "taken", "gave": "given", "saw": "seen", "did": "done", "sang": "sung",
    "drank": "drunk", "swam": "swum", "broke": "broken", "chose": "chosen", "spoke": "spoken", "forgot": "forgotten",
    "drove": "driven", "fell": "fallen", "began": "begun", "came": "come", "became": "become", "ran": "run", "ate": "eaten",
    "grew": "grown", "knew": "known", "threw": "thrown", "flew": "flown", "rose": "risen", "shook": "shaken", "wore": "worn",
    "tore": "torn", "stole": "stolen", "froze": "frozen", "rang": "rung", "sank": "sunk", "send": "sent", "build": "built",
    "make": "made", "take": "taken", "give": "given", "lose": "lost",
}  # fmt: skip
_PLURALS_WITHOUT_S: Final = (
    *("people", "children", "men", "women", "criteria", "phenomena", "data", "media", "feet", "teeth", "mice", "staff"),
    *("series", "species", "police", "these", "those"),
)
_KEEPS_ED: Final = (
    "need",
    "feed",
    "speed",
    "proceed",
    "succeed",
    "exceed",
    "embed",
    "shed",
    "bleed",
    "breed",
    "heed",
    "seed",
)


def _base_of_past(match: re.Match[str]) -> str | None:
    """ "did not worked" without its ending; None where "-ed" belongs to the word."""
    verb = match["verb"].lower()
    if verb in _KEEPS_ED:
        return None
    base = verb[:-2]
    if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz":
        base = base[:-1]
    elif (base[-1] in "cgsuvz" and not base.endswith("ss")) or base.endswith(("at", "ut", "ir", "ur")):
        base += "e"
    return match["before"] + base


def _fewer(match: re.Match[str]) -> str | None:
    noun = match["noun"].lower()
    return (
        None if re.search(r"(?:ss|us|is|as|os|ics|news)$", noun) else f"{_like('fewer', match['less'])} {match['noun']}"
    )


def _one_of_many(match: re.Match[str]) -> str | None:
    noun = match["noun"].lower()
    return None if noun.endswith("s") or noun in _PLURALS_WITHOUT_S else f"{match['before']}{match['noun']}s"


def _like(word: str, other: str) -> str:
    return word.capitalize() if other[:1].isupper() else word


_SLIPS: Final[tuple[tuple[str, str, _Right], ...]] = (
    (r"\b(?P<m>must|can|could|should|may|might|will|would)(?P<n>\s+not)?\s+to\s+(?P<v>be|have|do|go|use|take|make|get|see|know)\b",
     "After “{m}” the verb stands without “to”.", lambda m: f"{m['m']}{m['n'] or ''} {m['v']}"),
    (r"(?P<before>\b(?:did|does|do)(?:\s+not|n['’]t)\s+)(?P<verb>[a-z]+ed)\b", "After “did” the verb stands in its base form.", _base_of_past),
    (rf"(?P<be>\b(?:was|were|is|are|been|be|being)\s+(?:not\s+)?)(?P<v>{'|'.join(_PARTICIPLES)})\b(?!\s+(?:of|and)\b)",
     "A passive needs the participle.", lambda m: m["be"] + _PARTICIPLES[m["v"].lower()]),
    (rf"(?P<have>\b(?:has|have|had)\s+(?:not\s+|already\s+|never\s+)?)(?P<v>{'|'.join(_PAST_AS_PARTICIPLE)})\b",
     "The perfect needs the participle.", lambda m: m["have"] + _PAST_AS_PARTICIPLE[m["v"].lower()]),
    (rf"\b(?P<c>{_COMPARATIVES})(?P<w>\s+[a-z]+)?\s+then\b(?=\s+(?:a|an|the|in|on|at|it|we|they|I|you|he|she|this|that|last|any|before|expected|planned|"
     rf"\d|{_NUMBERS})\b)", "A comparison takes “than”.", lambda m: f"{m['c']}{m['w'] or ''} than"),
    (r"\b(?P<c>more|less|fewer)(?P<w>\s+(?!or\b|and\b|than\b)[a-z]+)?\s+as\b(?=\s+(?:planned|expected|before|usual|needed|last)\b)",
     "A comparison takes “than”.", lambda m: f"{m['c']}{m['w'] or ''} than"),
    (r"\b(?P<c>more\s+(?:often|expensive|important|difficult|frequent(?:ly)?|likely|useful|reliable|complex|popular))\s+as\b",
     "A comparison takes “than”.", lambda m: f"{m['c']} than"),
    (r"\b(?P<less>less)\s+(?P<noun>people|(?!than\b)[a-z]{3,}[^s\W]s)\b(?!\s+(?:than\s+)?(?:a|the)\b)", "What can be counted is “fewer”.", _fewer),
    (r"\b(?P<it>It)s\s+(?=(?:not|a|an|been)\b)",
     "Here “it is” is meant.", lambda m: f"{m['it']}'s "),
    (r"\b(?P<it>it)['’]s\s+(?=own\b|(?!(?:what|who|which|that|all|everything|nothing|something|where|how|why|when|not|been|there|"
     r"they|we|he|she|it)\b)[a-z]+\s+(?:was|were|has|had)\b)", "The possessive has no apostrophe.", lambda m: f"{m['it']}s "),
    (rf"\bsince\s+(?P<t>(?:\d+|{_NUMBERS}|a few|several|many|some)\s+(?:minutes|hours|days|weeks|months|years))\b(?!\s+(?:ago|earlier|before|after|have|had))",
     "A length of time takes “for”.", lambda m: f"{_like('for', m[0])} {m['t']}"),
    (r"(?<!make )(?<!makes )(?<!made )(?<!making )(?<!get )(?<!getting )\b(?P<the>the)\s+most\s+of\s+(?P<o>them|these|those|our)\b",
     "“Most of” takes no article.", lambda m: f"{_like('most', m['the'])} of {m['o']}"),
    (r"\bat\s+the\s+same\s+(?P<d>day|week|month|year|evening|morning)\b", "A day or longer takes another preposition.",
     lambda m: f"{'in' if m['d'] in ('week', 'month', 'year') else 'on'} the same {m['d']}"),
    (rf"(?<=[a-z] )(?:in|at)\s+(?P<d>{_DAYS})\b(?!['’]|\s+(?:morning|evening|night))", "Days of the week take “on”.", lambda m: f"on {m['d']}"),
    (r"\bfor\s+to\s+(?=[a-z])", "“To” alone says it.", "to "),
    (r"\b(?P<a>As)\s+result\b", "The article is missing.", "As a result"),
    (r"\b(?:nobody|no one|nothing)\s+(?P<v>did|does|is|was|has|can|will|would)(?:\s+not|n['’]t)\b",
     "Two negations cancel each other.", lambda m: re.sub(r"(?:\s+not|n['’]t)$", "", m[0])),
    (r"\b(?P<i>if)\s+(?P<p>it|he|she|they|we|I)\s+would\s+(?P<v>be|have)\b(?!\s+to\b)", "The condition itself takes no “would”.",
     lambda m: f"{m['i']} {m['p']} {'were' if m['v'] == 'be' else 'had'}"),
    (r"\b(?P<before>one\s+of\s+(?:the|our|their|these|those|its)\s+)(?P<noun>[a-z]{3,})(?=\s+(?:is|was|are|were|has|have|in|that|which)\b)",
     "“One of” is followed by the plural.", _one_of_many),
    (r"\b(?P<e>every)\s+(?P<n>(?!other)[a-z]{3,}[^s\Wui])s\b(?!['’])(?=\s+(?:is|was|has|will|must|can|should|in|of)\b)",
     "“Every” is followed by the singular.", lambda m: f"{m['e']} {m['n']}"),
    (r"\b(?P<l>loosing)\b", "“Loose” is the opposite of tight.", lambda m: _like("losing", m["l"])),
    (r"\b(?P<t>this\s+(?:kind|type|sort))\s+of\s+(?P<n>mistakes|errors|problems|changes|files|devices)\b", "One kind takes the singular.",
     lambda m: f"{m['t']} of {m['n'][:-1]}"),
    (r"\bfor\s+this\s+reasons\b", "“This” is followed by the singular.", "for this reason"),
)  # fmt: skip
_COMPILED: Final = tuple((re.compile(pattern, re.IGNORECASE), message, right) for pattern, message, right in _SLIPS)


def check_usage(subject: Subject) -> Iterator[Violation]:
    """Slips like "since two years", "did not worked", "must not to be"."""
    for pattern, message, right in _COMPILED:
        for match in pattern.finditer(subject.text):
            text = right if isinstance(right, str) else right(match)
            if text is not None and text.lower() != match[0].lower():
                given = message.format_map(match.groupdict())
                suggestion = Suggestion(kind="replace", text=text)
                yield Violation("wrong-word", match.span(), "grammar", "minor", given, "", 0.8, suggestion)
