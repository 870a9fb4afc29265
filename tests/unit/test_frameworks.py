"""Frameworks: read from YAML, refused with the place that is wrong, chosen from the shelf."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.contract.documents import Document
from tasks.contract.errors import InvalidFramework, UnknownFramework
from tasks.contract.frameworks import MAX_FRAMEWORK_CHARS, Checkpoint, Framework, digest_of_instructions
from tasks.frameworks.reading import read_framework
from tasks.frameworks.shelf import DEFAULT_FRAMEWORK, BadFrameworkFile, Shelf

POLICY = """
id: policy
name: Policies
categories: [clarity, risk]
severity: {major: A duty is unclear.}
checkpoints:
  - {id: duties, title: Duties are clear, look_for: Who must do what by when., category: clarity, sections: [dut, rule]}
  - {id: dates, title: Dates, look_for: Dates that have passed., category: risk, rules: ["placeholder"]}
"""


def checkpoint(name: str, **more: object) -> Checkpoint:
    return Checkpoint.model_validate({"id": name, "title": name, "look_for": "x", "category": "clarity", **more})


def test_a_framework_is_read_from_yaml() -> None:
    framework = read_framework(POLICY)
    assert [c.id for c in framework.checkpoints] == ["duties", "dates"]
    assert framework.severity == {"major": "A duty is unclear."}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: [", "no YAML"),
        ("just words", "mapping"),
        ("id: a\nname: A", "checkpoints"),
        (POLICY.replace("clarity, sections", "style, sections"), "checkpoints.0.category"),
        (POLICY.replace("id: dates", "id: duties"), "two checkpoints"),
        (POLICY.replace("category: risk", "category: tone"), "leaves out"),
        (POLICY + "\nseverities: {}", "severities"),
        (POLICY.replace("id: policy", "id: Policy!"), "id"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("a: " + "[" * 50 + "]" * 50, "nested"),
        ("when: 2024-99-99", "no YAML"),
        ("a: !!python/object/apply:os.system [ls]", "no YAML"),
        ("x" * (MAX_FRAMEWORK_CHARS + 1), "characters"),
        ("a: \x00", "no YAML"),
    ],
)
def test_what_is_no_framework_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(InvalidFramework) as caught:
        read_framework(text)
    assert said in str(caught.value)


def test_the_built_in_frameworks_cover_every_category_and_the_default_comes_first() -> None:
    shelf = Shelf()
    assert [f.id for f in shelf.all] == [DEFAULT_FRAMEWORK, "incident-report"]
    for framework in shelf.all:
        assert {c.category for c in framework.checkpoints} == set(framework.categories)


def test_a_choice_is_an_id_or_a_whole_framework_and_nothing_is_the_default() -> None:
    shelf = Shelf()
    assert shelf.chosen(None).id == shelf.chosen(" ").id == DEFAULT_FRAMEWORK
    assert shelf.chosen("incident-report").id == "incident-report"
    assert shelf.chosen(POLICY).id == "policy"
    with pytest.raises(UnknownFramework) as caught:
        shelf.chosen("nope")
    assert caught.value.data["known"] == [DEFAULT_FRAMEWORK, "incident-report"]


def test_a_folder_adds_frameworks_and_replaces_built_in_ones_of_the_same_id(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "ours.yml").write_text(POLICY.replace("id: policy", "id: general"))
    (tmp_path / "readme.txt").write_text("nothing to read")
    shelf = Shelf(tmp_path)
    assert [f.id for f in shelf.all] == ["general", "incident-report", "policy"]
    assert shelf.chosen("general").name == "Policies"


@pytest.mark.parametrize("content", [b"id: [", b"\xff\xfe", b"id: a"])
def test_a_folder_with_a_bad_file_is_refused_by_the_files_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.yaml").write_bytes(content)
    with pytest.raises(BadFrameworkFile, match=r"bad\.yaml"):
        Shelf(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFrameworkFile, match="cannot be read"):
        Shelf(tmp_path / "nowhere")


def test_two_files_of_a_folder_cannot_have_the_same_id(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(POLICY)
    with pytest.raises(BadFrameworkFile, match="same id"):
        Shelf(tmp_path)


def test_a_rules_checkpoint_is_the_one_of_its_category_then_any_that_names_it_then_a_silent_one() -> None:
    loose = checkpoint("loose")
    style = checkpoint("style", rules=["harper.*"])
    grammar = checkpoint("grammar", rules=["harper.*"], category="grammar")
    timeline = checkpoint("timeline", rules=["harper.*"], sections=["timeline"])
    framework = Framework(id="f", name="F", checkpoints=(loose, timeline, style, grammar))

    def named(rule: str, category: str, title: str = "Costs") -> str | None:
        found = framework.checkpoint_of_rule(rule, category, title)  # type: ignore[arg-type]
        return found.id if found else None

    assert named("harper.An", "grammar") == "grammar"
    assert named("harper.An", "clarity") == "style"
    assert named("harper.An", "tone") == "style"
    assert named("harper.An", "clarity", "The TIMELINE") == "timeline"
    assert named("long-sentence", "clarity") == "loose"
    assert named("long-sentence", "risk") is None


def test_the_digest_tells_apart_what_was_asked_for_and_nothing_else() -> None:
    framework = read_framework(POLICY)
    same = read_framework(POLICY.replace("\n", "\n\n"))
    other = read_framework(POLICY.replace("Who must", "Who shall"))
    digests = {
        digest_of_instructions(f, g)
        for f, g in ((framework, None), (framework, "Be brief."), (other, None), (None, None))
    }
    assert len(digests) == 4
    assert digest_of_instructions(framework, None) == digest_of_instructions(same, "")


def test_a_document_of_before_frameworks_were_data_is_still_read() -> None:
    stored = {
        "document_id": "d",
        "owner": "o",
        "name": "a.md",
        "format": "md",
        "sections": [],
        "framework": "some name",
    }
    assert Document.model_validate(stored).framework is None
