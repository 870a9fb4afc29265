"""The command line: each command takes what the interface says."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
from cyclopts import CycloptsError

from server.cli import app
from server.commands.review import review
from server.review.client import ReviewFailed


def parsed(*words: str) -> tuple[str, dict[str, object]]:
    command, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
    return command.__name__, dict(bound.arguments)


def test_version_is_that_of_the_installed_package(capsys: pytest.CaptureFixture[str]) -> None:
    app("--version", result_action="return_value")
    assert capsys.readouterr().out.strip() == version("galley") != "0.0.0"


def test_run_takes_nothing_at_all() -> None:
    assert parsed("run") == ("run", {})


def test_run_takes_one_file_and_json() -> None:
    name, arguments = parsed("run", "--once", "plan.md", "--json")
    assert name == "run"
    assert str(arguments["once"]) == "plan.md"
    assert arguments["as_json_value"] is True


def test_worker_takes_concurrency_and_queues() -> None:
    name, arguments = parsed("worker", "--concurrency", "4", "--queues", "analysis,chat")
    assert (name, arguments) == ("worker", {"concurrency": 4, "queues": "analysis,chat"})


def test_review_takes_all_that_the_interface_names() -> None:
    flags = ("--server=http://x:1", "--token=k", "--watch", "--out=plan.docx", "--fail-on=major", "--json")
    name, arguments = parsed("review", "plan.md", *flags)
    assert name == "review"
    assert {key: str(value) for key, value in arguments.items()} == {
        "file": "plan.md",
        "server": "http://x:1",
        "token": "k",
        "watch": "True",
        "out": "plan.docx",
        "fail_on": "major",
        "as_json_value": "True",
    }


def test_review_says_before_it_sends_anything_that_only_a_word_file_can_be_had_with_comments() -> None:
    with pytest.raises(ReviewFailed, match="Word file"):
        review(Path("plan.md"), server="http://127.0.0.1:1", out=Path("plan.docx"))


def test_review_refuses_a_severity_that_does_not_exist() -> None:
    with pytest.raises(CycloptsError):
        parsed("review", "plan.md", "--fail-on", "terrible")


def test_dead_retry_takes_any_number_of_tasks() -> None:
    assert parsed("dead", "retry", "t1", "t2", "--server", "http://x")[1]["task_ids"] == ("t1", "t2")
    assert parsed("dead", "list")[0] == "list_dead"


def test_unknown_command_is_refused() -> None:
    with pytest.raises(CycloptsError):
        parsed("fly")
