"""Which of Harper's rules are asked about a text.

Harper has some nine hundred, and each that is on looks at every clause. Nearly half of its time went to rules about
one idiom each, in texts that have no word of it. Such a rule sleeps until the text has a word that begins
like one of those that its name or description speaks of: "Corrects `accuse for` to `accuse of`" is asked where
"accused" is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from harper import Linter

from tasks.engines.rules.english import FUNCTION_WORDS

_OFF_RULES: Final = (
    "LongSentences",  # ours counts words, not commas
    "OxfordComma",
    "NoFrenchSpaces",
    "Spaces",
    "Dashes",
    "NumericRangeEnDash",
    "UseEllipsisCharacter",
    "EllipsisLength",
    "UseTitleCase",
    "SentenceCapitalization",
    "QuoteSpacing",
    "ToDoHyphen",
    "ExpandTimeShorthands",  # ms and MB are units
    "ExpandMemoryShorthands",
    # found wrong more often than right in reports that have no mistakes
    "CompoundNouns",
    "DiscourseMarkers",
    "DisjointPrefixes",
    "ExpandControl",
    "FindOut",
    "InflectedVerbAfterTo",
    "MassNouns",
    "MergeWords",
    "MissingPreposition",
    "Months",
    "Overall",
    "PhrasalVerbAsCompoundNoun",
    "QuantifierNumeralConflict",
)
_OFF_GROUPS: Final = (
    *("Proper Nouns", "Initialisms", "Capitalization and Case", "Regionalisms and Dialect"),
    *("Numbers and Units", "Punctuation and Spacing", "Closed Compounds"),
)
"""What they say would be left alone, or is the author's to choose, and asking costs time."""

_ALWAYS_AWAKE: Final = """
AdjectiveOfA AskNoPreposition Albeit AvoidAndAlso CompoundSubjectI CondenseAllThe FriendOfMe MissingTo
ModalBeAdjective MoreBetter OneOfTheSingular OverPlus RedundantProgressiveComparative RedundantSuperlatives
RedundantThat SimplePastToPastParticiple SingleBe ThereAfterCompound ToTooIdioms VerbToAdjective WillNonLemma
ExpandWith ExpandWithout
"""
_ALWAYS: Final = frozenset(_ALWAYS_AWAKE.split())
"""Their descriptions name examples only, or words that are everywhere."""
_WORDS_OF: Final = {
    "ASomeTime": "some",
    "AsHow": "how",
    "CapitalizeOn": "capitalize",
    "ClicheAccent": "cliche",
    "CodeInWriteIn": "code coding program write wrote",
    "Dereference": "dereference",
    "DidPast": "did",
    "DoIAdjective": "do",
    "DoToDueTo": "do",
    "EnvironmentVariable": "env",
    "Expat": "ex expat",
    "Expatriate": "ex expatriate",
    "ExpandConfiguration": "config cfg",
    "ExpandPreference": "pref",
    "ExpandStandardInputAndOutput": "std",
    "FleshOutVsFullFledged": "flesh flush full",
    "ForTheNthTime": "time occasion",
    "GetRidOf": "rid",
    "HadOf": "had",
    "HaveNegNoAny": "no",
    "Hazzle": "hazzle",
    "HeDos": "dos",
    "HeartToHeard": "heart herd",
    "Hijack": "jack hijack hyjack highjack",
    "HowTo": "how",
    "IAm": "i",
    "IAmAgreement": "i",
    "IDo": "i",
    "IfWouldve": "if",
    "ImitateFrom": "imitate",
    "InHindsight": "hind hinsight hine",
    "IncidentReport": "incident",
    "Insensitive": "insensitive unsensitive",
    "Insurmountable": "insurmountable unsurmountable",
    "IsBeenAuxSequence": "been",
    "ItCan": "cam",
    "ItsContraction": "it its",
    "ItsPossessive": "it its",
    "IveGotTo": "i ive",
    "JustDeserts": "deserts desserts",
    "LeaveToFor": "leave left",
    "LikeAsIf": "like",
    "LinkedList": "link",
    "Lots": "lot",
    "Misspell": "spell mispell misspell",
    "NeitherHereNorThere": "neither",
    "NerveRacking": "nerve",
    "NoMatchFor": "match",
    "Nobody": "body nobody",
    "NotIn": "no",
    "NotLongAfter": "long",
    "NotOnly": "only",
    "NotOnlyInversion": "only",
    "NotTo": "no",
    "Nowadays": "now",
    "OnADailyBasis": "basis",
    "OpenTheLight": "open close",
    "OvertimeCompoundNoun": "over",
    "PossessiveYour": "your",
    "PronounAre": "r",
    "RallyToReally": "rally",
    "Skyrocket": "rocket skyrocket",
    "SomeOfThe": "some",
    "SomeWithoutArticle": "some",
    "SubjectPronoun": "me",
    "SubjunctiveWasToWere": "if wish",
    "TakeMedicine": "eat ate",
    "TheHowWhy": "how why",
    "TheirToThere": "their",
    "TheirToTheyre": "their",
    "ThereIsAgreement": "there",
    "ThereMissingIsClause": "there",
    "ThereToTheir": "there",
    "Theres": "their theirs",
    "TheyToThem": "they",
    "TheyreConfusions": "they their there",
    "ThinkKnowOff": "off",
    "ThisTypeOfThing": "kind sort type",
    "TooTo": "too",
    "VeryLess": "less",
    "VeryUnique": "unique",
    "WereWhere": "where were",
    "WhomSubjectOfVerb": "whom",
    "YourOutClauseAgreement": "your ur yr ya",
    "YourPredicateAdjective": "your ur yr ya",
}
"""Rules that say too little of themselves."""

_NAMED: Final = re.compile(r"`([^`]*)`|[‘“]([^’”]*)[’”]|(?<!\w)'([^']{3,40})'(?!\w)|\"([^\"]*)\"")
_BY_EXAMPLE: Final = re.compile(r"e\.g\.|example|such as|\betc|misspell|certain|collection|\.\.\.|…", re.IGNORECASE)
_PART_OF_NAME: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
_WORD: Final = re.compile(r"[a-z]+")
_OF_NO_USE: Final = "re ve ll two one other all out off just like no so too also get got go expand"
_TELLING_NOTHING: Final = FUNCTION_WORDS.union(_OF_NO_USE.split())
_KEY_CHARS: Final = 4
"""Words are compared by so many letters: "worried" wakes the rule about "worry"."""


class HarperRules:
    """The rules of a linter, and which of them a text wakes."""

    def __init__(self, linter: Linter) -> None:
        off = {*_OFF_RULES, *_rules_of(linter.get_structured_lint_config()["settings"], within=False)}
        told, default = linter.get_lint_descriptions(), linter.get_default_lint_config()
        self._all_off = dict.fromkeys(default, False)
        self._awake: list[str] = []
        self._sleeping: dict[str, list[str]] = {}
        for rule in (rule for rule, is_on in default.items() if is_on and rule not in off):
            keys = _keys_of(rule, told.get(rule, ""))
            if not keys:
                self._awake.append(rule)
            for key in keys:
                self._sleeping.setdefault(key, []).append(rule)

    @property
    def all(self) -> dict[str, bool | None]:
        """The configuration in which none sleeps."""
        return self._on([rule for rules in self._sleeping.values() for rule in rules])

    @property
    def named(self) -> frozenset[str]:
        """The rules that this file knows by name; Harper's next version may call them otherwise."""
        return _ALWAYS | _WORDS_OF.keys() | set(_OFF_RULES)

    def woken_by(self, text: str) -> dict[str, bool | None]:
        """The configuration for this text."""
        words = set(_WORD.findall(text.lower()))
        keys = {word[:length] for word in words for length in range(3, _KEY_CHARS + 1)} | words
        return self._on([rule for key in keys & self._sleeping.keys() for rule in self._sleeping[key]])

    def _on(self, woken: list[str]) -> dict[str, bool | None]:
        return {**self._all_off, **dict.fromkeys(self._awake, True), **dict.fromkeys(woken, True)}


def _keys_of(rule: str, told: str) -> set[str]:
    """How the words begin of which a text must have one, for the rule to find anything; empty: none is known."""
    if rule in _WORDS_OF:
        return {word[:_KEY_CHARS] for word in _WORDS_OF[rule].split()}
    named = [part for parts in _NAMED.findall(told) for part in parts]
    if rule in _ALWAYS or not named or _BY_EXAMPLE.search(told):
        return set()
    words = _WORD.findall(" ".join([*named, *_PART_OF_NAME.findall(rule)]).lower())
    return {word[:_KEY_CHARS] for word in words if len(word) > 1 and word not in _TELLING_NOTHING}


def _rules_of(settings: list[dict[str, Any]], *, within: bool) -> Iterator[str]:
    """The names of the rules in the groups that are off; ``within`` says that these settings are such a group's."""
    for setting in settings:
        if group := setting.get("Group"):
            yield from _rules_of(group["child"]["settings"], within=within or group["label"] in _OFF_GROUPS)
        elif within:
            yield from (each["name"] for each in setting.values())
