"""The simulator's rules: what it counts must be right, because other tests judge by it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.answers import chat_text, findings_of
from tests.simulator.buckets import Bucket, Limits
from tests.simulator.faults import FaultPlan, read_fault
from tests.simulator.options import Options, changed
from tests.simulator.requests import Asked, PromptCache, read_request

TEXT = "The first sentence is about the bridge. The second sentence is about the river. " * 30


def body(question: str, shared: str = TEXT, **more: Any) -> dict[str, Any]:
    cached = {"type": "text", "text": shared, "cache_control": {"type": "ephemeral"}}
    content = [cached, {"type": "text", "text": question}]
    return {"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": content}], **more}


def asked(question: str, shared: str = TEXT, **more: Any) -> Asked:
    return read_request(body(question, shared, **more))


def test_bucket_refuses_and_names_the_wait_when_it_is_empty() -> None:
    limits = Limits(Options(rpm=60, burst_s=2))
    assert [limits.take(10) for _ in range(2)] == [0.0, 0.0]
    assert 0.9 < limits.take(10) <= 1.0


def test_bucket_lets_a_large_need_pass_when_it_is_full() -> None:
    limits = Limits(Options(input_tpm=600, burst_s=60))
    assert limits.take(1_000) == 0.0
    assert limits.take(1) > 30


def test_bucket_is_refilled_by_the_rate_when_time_passes() -> None:
    bucket = Bucket(per_minute=60, burst_s=60)
    bucket.level, bucket.at = 0.0, bucket.at - 30
    assert bucket.wait_s(30) == 0.0
    assert bucket.wait_s(31) > 0.9


def test_headers_say_what_is_left_when_calls_were_made() -> None:
    limits = Limits(Options(rpm=50))
    limits.take(1)
    headers = limits.headers()
    assert headers["anthropic-ratelimit-requests-limit"] == "50"
    assert headers["anthropic-ratelimit-requests-remaining"] == "49"


def test_cache_reads_what_it_created_when_the_prefix_is_the_same() -> None:
    cache, first, second, other = PromptCache(), asked("one"), asked("two"), asked("one", "x" + TEXT)
    created = cache.count(first)
    cache.remember(first, 60)
    read = cache.count(second)
    assert (created.created, created.read) == (read.read, read.created) == (len(TEXT) // 4, 0)
    assert cache.count(other).read == 0


def test_cache_forgets_when_its_time_is_over() -> None:
    cache = PromptCache()
    cache.remember(asked("one"), -1)
    assert cache.count(asked("one")).read == 0


def test_fault_strikes_only_its_calls_when_a_rule_names_a_text() -> None:
    plan = FaultPlan()
    plan.add({"rules": [{"contains": "marker-1", "fault": "overloaded", "times": 1}], "queue": ["reset"]})
    names = [plan.next_for(text, "m").name for text in ("marker-1", "marker-1", "other")]
    assert names == ["overloaded", "reset", "none"]


def test_faults_come_as_often_as_said_when_they_are_a_matter_of_chance() -> None:
    plan = FaultPlan()
    plan.add({"probability": {"p": 0.25, "faults": ["overloaded", "reset"], "seed": 1}})
    struck = [plan.next_for("", "m").name != "none" for _ in range(400)]
    assert 70 < sum(struck) < 130


def test_calls_are_held_until_they_are_released_and_later_ones_are_not() -> None:
    plan = FaultPlan()
    plan.add({"rules": [{"contains": "x", "fault": "held"}], "probability": {"p": 1, "fault": "held"}})
    assert [plan.next_for(text, "m").name for text in ("x", "y")] == ["held", "held"]
    before = plan.released
    plan.add({"release": True})
    assert before.is_set()
    assert [plan.next_for(text, "m").name for text in ("x", "y")] == ["none", "none"]
    plan.add({"queue": ["held"]})
    assert plan.next_for("", "m").name == "held"
    assert not plan.released.is_set()


def test_fault_is_refused_when_nobody_knows_it() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        read_fault("nonsense")


def test_findings_quote_the_section_when_one_is_marked() -> None:
    section = "This sentence is really there. So is this other sentence of the section. And a third one follows here."
    request = asked(f"Review this.\n<section-1>\n{section}\n</section-1>", output_config={"format": {}})
    found = findings_of(request, 3)
    assert found == findings_of(request, 3)
    assert len(found) == 3
    assert all(f["quote"] in section for f in found)


def test_chat_says_who_it_is_when_it_has_nothing_to_quote() -> None:
    assert "simulator" in chat_text(asked("Hello?"))


@pytest.mark.parametrize("wrong", [{"messages": []}, {"max_tokens": None}, {"model": ""}])
def test_request_is_refused_when_a_field_is_missing(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="required"):
        read_request(body("q", **wrong))


def test_markers_are_found_in_the_question_when_it_has_some() -> None:
    assert asked("see marker-7 and marker-x-2.").markers == ["marker-7", "marker-x-2"]


def test_options_take_their_own_type_when_they_are_changed() -> None:
    assert changed(Options(), {"findings": "5", "rpm": 10, "unknown": 1}) == Options(findings=5, rpm=10.0)
