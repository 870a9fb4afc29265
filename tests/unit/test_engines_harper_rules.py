"""Rules of Harper that sleep miss nothing: what all of them find in a text, those that it wakes find as well."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from harper import Linter

from tasks.engines.harper_rules import HarperRules
from tests.quality.marked_text import read_part

SLIPS = """
The supplier was accused for late delivery, and despite of that we payed in full.
This kind of mistakes is rare, and these type of thing happens.
We all be it slowly discussed about the plan, which comprises of four steps.
He had to bare with us while the team was waiting with baited breath.
They were worry about the costs, and the team is bias against change.
We aspired for a better result, in hind sight without much hope.
The manager took control over the budget and gave free reign to everyone.
The contract was a do diligence exercise, for all intensive purposes.
Its not clear who's plan it was, and your right about the rest.
I would of called, but me and John was away, and he dont know nothing.
The dead line was one of the reason, irregardless of what they're own team says.
We look forward to hear from you, and we are use to waiting.
She did went there, did not found it, and has went home.
We have no in detail report; in details it says the opposite, no to mention the rest.
There is many problems, and there own staff knows about there problems.
Please take it serious and set up a bad example no more than nescessary.
It's value has grown, and the the team their is glad.
The servers was down, and the more better option was to wait for for an hour.
Most of the team is capable to do this, and are interested on it.
Who should we except, and what affect does it have?
If I would have known, I wish I can help.
On the first glance it was alright, but a hole another thing came a long.
The process is laying idle since three weeks, for free of charge.
He payed the bill in an hurry and in a hurry to boot, as follow.
He was suppose to attend, and could care less, then again he was late.
Every since the outage we have been on accident free, more then a year.
The rules of thumbs are easy, the passerbys and the point of views are not.
This is a mute point; we should nip it in the butt and hone in on it.
The damage was effected by the storm, that wrecked havoc on the coast.
He eat pills, opened the light and threw rubbish out of the window.
It was a blessing in the skies, in the same vain as last year.
In the last days we have seen this all ready, and we are all most done.
We can not stress enough that that is wrong, and it is comprised of parts.
You are welcome to respond us; your the best, ur great, and ya right.
The min and the max of the config are in the dir, w/o the deps and thru stdin.
Whom is responsible about this? It were the same then before.
We have not only to pay, not only it is late but also wrong.
Nobody knows, no body cares, and some one else's problem is somebodys else.
It has been a while since I a m here, and it cam late.
I does it, I are here, and we've go to leave, I've go to leave.
""".strip().splitlines()


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter()


@pytest.fixture(scope="module")
def rules(linter: Linter) -> HarperRules:
    return HarperRules(linter)


def found(linter: Linter, config: Mapping[str, bool | None], text: str) -> set[tuple[str, int, int]]:
    linter.set_lint_config(dict(config))
    by_rule = linter.organized_lints(text, language="plaintext", dedup=False)
    return {(rule, lint.span.start, lint.span.end) for rule, lints in by_rule.items() for lint in lints}


def test_what_is_found_in_slips_is_found_by_the_rules_that_they_wake(linter: Linter, rules: HarperRules) -> None:
    by_all = {line: found(linter, rules.all, line) for line in SLIPS}
    assert sum(map(len, by_all.values())) > 60, "there is something to miss"
    assert {line: found(linter, rules.woken_by(line), line) for line in SLIPS} == by_all


def test_what_is_found_in_reports_is_found_by_the_rules_that_they_wake(linter: Linter, rules: HarperRules) -> None:
    texts = [section.text for text in read_part("development", planted=True) for section in text.document.sections]
    assert [found(linter, rules.woken_by(text), text) for text in texts] == [
        found(linter, rules.all, text) for text in texts
    ]


def test_most_rules_sleep_through_a_sentence(rules: HarperRules) -> None:
    awake = sum(on is True for on in rules.woken_by("The pump stopped at noon.").values())
    assert 50 < awake < sum(on is True for on in rules.all.values()) / 3


@pytest.mark.parametrize("text", ["He was accused for it.", "They ACCUSE for it.", "accuses"])
def test_any_form_of_a_word_wakes_its_rule(rules: HarperRules, text: str) -> None:
    assert rules.woken_by(text)["AccuseOf"]
    assert not rules.woken_by("The pump stopped.")["AccuseOf"]


def test_the_rules_that_are_named_are_harpers(linter: Linter, rules: HarperRules) -> None:
    assert rules.named <= set(linter.get_lint_config())
