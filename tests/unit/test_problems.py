"""Errors as problem documents."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError
from werkzeug.exceptions import MethodNotAllowed

from server.problems import TaskEndedBadly, problem_of
from tasks.contract.errors import NotFound, StoreUnavailable, TaskError, Unauthorized, VersionConflict
from tasks.contract.submissions import AnalyzeSection


def test_a_problem_document_names_its_code_its_request_and_whether_to_try_again() -> None:
    stated = json.loads(problem_of(NotFound()).body("r1"))
    assert stated["code"] == "not_found"
    assert stated["status"] == 404
    assert stated["request_id"] == "r1"
    assert stated["retryable"] is False
    assert stated["type"] == "/docs#not_found"


@pytest.mark.parametrize(
    "error",
    [
        NotFound(),
        StoreUnavailable("It is away"),
        MethodNotAllowed(),
        TaskEndedBadly(TaskError(code="c", message="It ended", retryable=False)),
    ],
)
def test_a_detail_ends_as_a_sentence_when_its_error_does_not(error: Exception) -> None:
    detail = json.loads(problem_of(error).body("r1"))["detail"]
    assert detail.endswith(".")
    assert not detail.endswith("..")


def test_an_unknown_error_says_nothing_of_the_inside() -> None:
    problem = problem_of(RuntimeError("the password is xyz"))
    assert problem.status == 500
    assert b"xyz" not in problem.body("r1")


def test_a_passing_error_says_when_to_try_again_and_keeps_its_inner_data_to_itself() -> None:
    problem = problem_of(StoreUnavailable("away", not_sent=True, retry_after_s=7))
    assert problem.headers["Retry-After"] == "7"
    assert "not_sent" not in problem.members
    assert problem_of(StoreUnavailable()).headers["Retry-After"] == "2"


def test_data_of_an_error_becomes_members_of_the_problem() -> None:
    assert json.loads(problem_of(VersionConflict("changed", version=4)).body("r"))["version"] == 4


def test_a_missing_identity_says_how_to_give_one() -> None:
    assert problem_of(Unauthorized()).headers["WWW-Authenticate"] == "Bearer"


def test_a_wrong_method_names_the_right_ones() -> None:
    assert problem_of(MethodNotAllowed(["POST", "GET"])).headers["Allow"] == "GET, POST"


@pytest.mark.parametrize(("code", "status"), [("engine_unavailable", 502), ("cost_limit", 402), ("worker_lost", 502)])
def test_a_task_that_failed_is_a_problem_with_the_tasks_own_code(code: str, status: int) -> None:
    problem = problem_of(TaskEndedBadly(TaskError(code=code, message="m", retryable=True)))
    assert (problem.code, problem.status, problem.members["retryable"]) == (code, status, True)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"content": "' + "x" * 200_001 + '"}', "content has 200,001 characters; at most 200,000 are taken"),
        ('{"contents": "x"}', "contents is not known here"),
        ('{"content": "x", "priority": 11}', "priority: input should be less than or equal to 9"),
        ('{"section": "x"}', "Send either document_id and section_id, or section and content."),
        ("{", "not valid JSON"),
    ],
)
def test_a_wrong_body_is_told_in_a_sentence_with_the_limit(body: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AnalyzeSection.model_validate_json(body)
    problem = problem_of(caught.value)
    assert problem.status == 400
    assert words in problem.detail
    assert len(problem.detail) < 400
