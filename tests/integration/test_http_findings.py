"""Findings that people make themselves, and what becomes of findings whose words were changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from http_world import World, running_world

OWN = {"section_id": "s1", "quote": "420 to 180", "message": "Say when.", "severity": "minor", "category": "evidence"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path) as running:
        yield running


async def uploaded(world: World) -> str:
    report = b"# Summary\n\nErrors fell from 420 to 180. Then from 420 to 180 again.\n"
    answer = await world.http.post("/documents", files={"document": ("report.md", report)})
    return f"/documents/{answer.json()['document_id']}"


async def make(world: World, path: str, **changed: Any) -> dict[str, Any]:
    answer = await world.http.post(f"{path}/findings", json=OWN | changed)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_my_finding_stands_at_its_quote_and_stays_when_a_review_says_nothing_of_it(world: World) -> None:
    path = await uploaded(world)
    made = await make(world, path)
    assert (made["anchor"]["exact"], made["source"]["engine"], made["version"]) == ("420 to 180", "person", 1)
    asked = {"document_id": path.rpartition("/")[2], "section_id": "s1"}
    await world.http.post("/analyze_section", json=asked)
    await world.hand.end(await world.hand.start(), {"engine": "checker", "model": None})
    assert [f["finding_id"] for f in (await world.http.get(path)).json()["findings"]] == [made["finding_id"]]


async def test_my_finding_stands_at_the_place_that_i_selected(world: World) -> None:
    path = await uploaded(world)
    text = (await world.http.get(path)).json()["sections"][0]["text"]
    second = text.rindex("420 to 180")
    assert (await make(world, path, start=second))["anchor"]["start"] == second
    assert (await make(world, path, quote=None))["anchor"] is None
    for wrong in ({"start": 3}, {"quote": "421 to 180"}):
        answer = await world.http.post(f"{path}/findings", json=OWN | wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "quote_not_found")


async def test_the_same_finding_sent_twice_with_one_key_is_one(world: World) -> None:
    path, key = await uploaded(world), {"Idempotency-Key": "k1"}
    answers = [await world.http.post(f"{path}/findings", json=OWN, headers=key) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert answers[1].headers["Location"] == f"{path}/findings/{answers[0].json()['finding_id']}"
    assert len((await world.http.get(path)).json()["findings"]) == 1


async def test_what_cannot_be_a_finding_is_refused(world: World) -> None:
    path = await uploaded(world)
    for wrong in ({"message": ""}, {"severity": "huge"}, {"category": "taste"}, {"start": -1}, {"status": "accepted"}):
        assert (await world.http.post(f"{path}/findings", json=OWN | wrong)).status_code == 400
    assert (await world.http.post(f"{path}/findings", json=OWN | {"section_id": "s9"})).status_code == 404
    assert (await world.http.post("/documents/nope/findings", json=OWN)).status_code == 404


async def test_only_my_own_findings_are_deleted_and_only_as_i_saw_them(world: World) -> None:
    path = await uploaded(world)
    made = await make(world, path)
    place = f"{path}/findings/{made['finding_id']}"
    await world.http.patch(place, json={"status": "rejected"}, headers={"If-Match": "1"})
    assert (await world.http.delete(place, headers={"If-Match": '"1"'})).status_code == 412
    assert (await world.http.delete(place, headers={"If-Match": '"2"'})).status_code == 204
    assert (await world.http.delete(place)).status_code == 404


async def test_an_open_finding_is_outdated_while_an_accepted_change_covers_its_words(world: World) -> None:
    path = await uploaded(world)
    changed = await make(world, path, replacement="420 to 200")
    beside = await make(world, path, quote="from 420")
    elsewhere = await make(world, path, quote="again")
    place = f"{path}/findings/{changed['finding_id']}"

    async def stands() -> list[str]:
        shown = {f["finding_id"]: f["status"] for f in (await world.http.get(path)).json()["findings"]}
        return [shown[f["finding_id"]] for f in (changed, beside, elsewhere)]

    await world.http.patch(place, json={"status": "accepted"}, headers={"If-Match": "1"})
    assert await stands() == ["accepted", "outdated", "open"]
    await world.http.patch(place, json={"status": "open"}, headers={"If-Match": "2"})
    assert await stands() == ["open", "open", "open"]
