"""Phrases that say with many words what fewer would say as well, and words that say the same twice.

The list is what guides to plain English agree on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tasks.contract.findings import Suggestion
from tasks.engines.rules.rule import Subject, Violation

_PHRASES: Final = {
    "a majority of": "most", "the majority of": "most", "the vast majority of": "most", "a large number of": "many",
    "a sufficient number of": "enough", "adequate number of": "enough", "any and all": "all", "each and every": "every",
    "each individual": "each", "as a matter of fact": "in fact", "as a result of the fact that": "because",
    "at a later date": "later", "at the present time": "now", "at this point in time": "now", "at that point in time": "then", "by virtue of the fact that": "because", "despite the fact that": "although",
    "in spite of the fact that": "although", "due to the fact that": "because", "owing to the fact that": "because",
    "on account of the fact that": "because", "in light of the fact that": "because", "during the course of": "during",
    "in the course of": "during", "for the purpose of": "for", "for the reason that": "because",
    "has the ability to": "can", "have the ability to": "can", "is able to": "can", "are able to": "can",
    "is in the process of": "is", "are in the process of": "are", "in a timely manner": "promptly",
    "in addition to this": "besides", "in an effort to": "to", "in close proximity to": "near", "in order to": "to", "in regard to": "about", "with regard to": "about", "with regards to": "about", "in reference to": "about", "in the event that": "if", "in the near future": "soon",
    "in the vicinity of": "near", "in view of the fact that": "because", "on a daily basis": "daily",
    "on a weekly basis": "weekly", "on a monthly basis": "monthly", "on a regular basis": "regularly", "prior to": "before", "previous to": "before",
    "subsequent to": "after", "until such time as": "until", "the reason why is that": "the reason is that",
    "the reason is because": "the reason is that",
    "with the exception of": "except", "make a decision": "decide", "made a decision": "decided",
    "take into consideration": "consider", "give consideration to": "consider", "gave consideration to": "considered",
    "conduct an investigation of": "investigate", "is in possession of": "has", "is indicative of": "shows",
    "is dependent on": "depends on", "has a tendency to": "tends to",
    "few in number": "few", "large in size": "large", "small in size": "small", "past history": "history",
    "past experience": "experience", "future plans": "plans", "advance planning": "planning", "advance warning": "warning",
    "end result": "result", "final outcome": "outcome", "final conclusion": "conclusion", "basic fundamentals": "basics",
    "added bonus": "bonus", "free gift": "gift", "new innovation": "innovation", "unexpected surprise": "surprise",
    "close proximity": "proximity", "general consensus": "consensus", "consensus of opinion": "consensus", "exact same": "same",
    "absolutely essential": "essential", "absolutely necessary": "necessary", "completely eliminate": "eliminate",
    "completely finished": "finished", "very unique": "unique", "most unique": "unique", "quite unique": "unique",
    "still remains": "remains", "still continues": "continues", "meet up together": "meet", "meet together": "meet",
    "collaborate together": "collaborate", "combine together": "combine", "merge together": "merge", "join together": "join",
    "repeat again": "repeat", "return back": "return", "revert back": "revert", "refer back": "refer", "reply back": "reply", "plan ahead in advance": "plan", "estimated at about": "estimated at", "first and foremost": "first",
    "irregardless": "regardless", "over and above that": "besides", "one and the same": "the same", "over exaggerate": "exaggerate",
}  # fmt: skip
_FILLERS: Final = (
    "it goes without saying that", "it is important to note that", "it should be noted that", "it is worth noting that",
    "it is interesting to note that", "please note that", "needless to say,", "last but not least,", "moving forward,",
    "going forward,", "generally speaking,", "at the end of the day,", "to be honest,", "as you know,",
    "a total of",
)  # fmt: skip
_WORDS_OF: Final = _PHRASES | dict.fromkeys(_FILLERS, "")
_PATTERN: Final = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(r"\s+".join(map(re.escape, p.split())) for p in sorted(_WORDS_OF, key=len, reverse=True))
    + r")(?![\w-])",
    re.IGNORECASE,
)


def check_wordiness(subject: Subject) -> Iterator[Violation]:
    """Wordy phrases, doubled meanings and fillers."""
    for match in _PATTERN.finditer(subject.text):
        right = _WORDS_OF[" ".join(match[0].lower().split())]
        capital = match[0][0].isupper()
        if right:
            text = right[0].upper() + right[1:] if capital else right
            message, suggestion = f"“{match[0]}” can be “{text}”.", Suggestion(kind="replace", text=text)
        else:
            # at the beginning of a sentence what follows would need a capital, so nothing is offered there
            suggestion = Suggestion() if capital else Suggestion(kind="delete")
            message = f"“{match[0]}” can go; the sentence says the same without it."
        yield Violation("wordy-phrase", match.span(), "clarity", "info", message, "", 0.7, suggestion)
