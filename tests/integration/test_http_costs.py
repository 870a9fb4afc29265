"""What a day may cost, as a client meets it: warned, refused, and offered the review without AI."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from http_world import World, finding, running_world

from tasks.contract.errors import StoreUnavailable
from tasks.contract.events import FindingMade, TaskStarted, TaskSucceeded, Usage, UsageReported
from tasks.contract.limits import ModelTerms, Price
from tasks.contract.names import TaskKind
from tasks.store.ports import WorkerCard

TERMS = ModelTerms("m", Price(1, 5, 1.25, 0.1))
AWAY = "http://127.0.0.1:9"  # nobody listens there: a call would be noticed


async def _announce(world: World, limit_usd: float) -> None:
    card = WorkerCard(
        "w1", tuple(TaskKind), 0, "claude", "m", terms=(TERMS,), owner_daily_cost_limit_usd=limit_usd
    )  # fmt: skip
    await world.store.announce(card)


async def test_a_submission_beyond_the_limit_is_refused_with_when_it_opens_and_what_is_offered(tmp_path: Path) -> None:
    async with running_world(tmp_path) as world:
        await _announce(world, 0.01)
        await world.review()
        near = (await world.http.get("/costs")).json()
        assert near["mine"]["state"] == "near"
        assert near["mine"]["held_usd"] > 0.008
        answer = await world.http.post("/analyze_section", json={"section": "T", "content": "words"})
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["scope"]) == (402, "cost_limit", "owner")
        assert problem["opens_at"] == near["mine"]["opens_at"]
        assert 0 < int(answer.headers["Retry-After"]) <= 86_400
        asked = {"section": "T", "content": "words", **problem["offer"]}
        assert (await world.http.post("/analyze_section", json=asked)).status_code == 202
        stats = (await world.http.get("/queue_stats")).json()
        assert stats["costs"]["state"] == "unlimited"


async def test_the_offer_is_taken_by_every_submission(tmp_path: Path) -> None:
    async with running_world(tmp_path) as world:
        await _announce(world, 0.0)
        document = await world.document()
        bodies: dict[str, dict[str, Any]] = {
            "/analyze_section": {"document_id": document.document_id, "section_id": "s1"},
            "/analyze_document": {"document_id": document.document_id},
            "/chat": {"message": "What?"},
        }
        for path, body in bodies.items():
            refused = await world.http.post(path, json=body)
            assert (refused.status_code, refused.json()["code"]) == (402, "cost_limit")
            assert (await world.http.post(path, json={**body, "engine": "checker"})).status_code == 202
            other = await world.http.post(path, json={**body, "engine": "claude"})
            assert (other.status_code, other.json()["code"]) == (400, "bad_request")


async def test_the_offer_is_carried_out_by_the_checker_without_a_call_of_the_account(tmp_path: Path) -> None:
    env = {"USE_CELERY": "false", "ANTHROPIC_BASE_URL": AWAY, "DAILY_COST_LIMIT_USD": "0"}
    content = {"section": "T", "content": "TODO: write. We saw teh end."}
    async with running_world(tmp_path, real=True, **env) as world:
        await world.until_worker_is_up()
        refused = await world.http.post("/analyze_section", json=content)
        assert (refused.status_code, refused.json()["code"]) == (402, "cost_limit")
        checked = await world.http.post("/analyze_section", json={**content, "engine": "checker"}, timeout=60)
        assert checked.status_code == 200, checked.text
        assert (checked.json()["engine"], checked.json()["model"]) == ("checker", None)
        assert {found["source"]["engine"] for found in checked.json()["findings"]} == {"checker"}


async def test_costs_name_the_day_and_the_date_of_the_prices(tmp_path: Path) -> None:
    async with running_world(tmp_path) as world:
        await _announce(world, 5.0)
        await world.review()
        admitted = await world.hand.start()
        await world.hand.say(admitted, UsageReported(usage=Usage(input_tokens=10), cost_usd=0.25))
        body = (await world.http.get("/costs")).json()
        assert body["mine"]["spent_usd"] == body["all"]["spent_usd"] == 0.25
        assert [day["cost_usd"] for day in body["days"]] == [0.25]
        assert date.fromisoformat(body["days"][0]["date"])
        assert date.fromisoformat(body["prices_as_of"])


async def test_a_second_identical_review_is_answered_at_once_and_says_so(tmp_path: Path) -> None:
    asked = {"section": "T", "content": "Some words."}
    async with running_world(tmp_path) as world:
        await world.http.post("/analyze_section", json=asked)
        admitted = await world.hand.start()
        await world.hand.say(admitted, TaskStarted(attempt=1, engine="claude", model="m"))
        await world.hand.say(admitted, FindingMade(finding=finding("s1")))
        await world.hand.say(admitted, TaskSucceeded(result={"engine": "claude", "model": "m"}))
        await _announce(world, 5.0)
        again = (await world.http.post("/analyze_section", json=asked)).json()
        assert (again["state"], again["position"], again["eta_s"]) == ("SUCCESS", None, 0)
        status = (await world.http.get(f"/task_status/{again['task_id']}")).json()
        assert (status["state"], status["cost_usd"], status["usage"]["input_tokens"]) == ("SUCCESS", 0, 0)
        assert status["result"]["cached"] is True
        assert len(status["result"]["findings"]) == 1
        fresh = (await world.http.post("/analyze_section", json={**asked, "fresh": True})).json()
        assert fresh["state"] == "PENDING"


async def test_nothing_that_costs_runs_uncounted_while_the_store_is_away(tmp_path: Path) -> None:
    env = {"ANTHROPIC_BASE_URL": AWAY, "DAILY_COST_LIMIT_USD": "5"}
    asked = {"section": "T", "content": "Some words."}
    async with running_world(tmp_path, **env) as world:
        world.store.away = StoreUnavailable("away", not_sent=True)
        assert (await world.http.post("/analyze_section", json=asked)).status_code == 503
        checked = await world.http.post("/analyze_section", json={**asked, "engine": "checker"})
        assert checked.status_code == 200
        assert [task.asked_engine for task in world.runtime.inline_tasks] == ["checker"]
