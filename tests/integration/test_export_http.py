"""Downloads over HTTP: each format, its name and its type, and what is said when it cannot be had."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import docx
import httpx
import pytest
from http_world import World, finding, running_world

from tasks.contract.events import FindingMade
from tasks.contract.findings import Anchor, FindingStatus, Suggestion
from tests.samples.make_report import make_docx, make_markdown, make_pdf

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = b"# One\n\nThe the cat sat.\n\n# Two\n\nNobody looked.\n"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path) as running:
        yield running


async def reviewed(world: World, name: str, data: bytes, **status: FindingStatus) -> tuple[str, dict[str, Any]]:
    """An uploaded document in which a review of the first section has found its first word, once for
    each name given, with that decision."""
    answer = await world.http.post("/documents", files={"document": (name, data)})
    document_id = answer.json()["document_id"]
    section = (await world.http.get(f"/documents/{document_id}")).json()["sections"][0]
    await world.http.post("/analyze_section", json={"document_id": document_id, "section_id": section["section_id"]})
    admitted = await world.hand.start()
    first = section["text"].split()[0]
    start = section["text"].index(first)
    for named in status:
        anchor = Anchor(exact=first, start=start, end=start + len(first))
        made = finding(section["section_id"], named).model_copy(
            update={"anchor": anchor, "suggestion": Suggestion(kind="replace", text="Word"), "message": named}
        )
        await world.hand.say(admitted, FindingMade(finding=made))
    await world.hand.end(admitted, {"engine": "checker", "model": None})
    for stored in await world.store.findings(document_id):
        decision = status[stored.finding.finding_id]
        if decision != "open":
            await world.store.set_finding(
                document_id, stored.finding.finding_id, stored.finding.version, decision, None
            )
    return document_id, section


async def test_what_is_to_be_known_of_a_review_stays_with_its_document(world: World) -> None:
    answer = await world.http.post("/documents", files={"document": ("a.docx", make_docx())})
    document_id, section = answer.json()["document_id"], answer.json()["sections"][0]["section_id"]
    await world.http.post("/analyze_section", json={"document_id": document_id, "section_id": section})
    notice = "Only its structure was looked at."
    await world.hand.end(await world.hand.start(), {"engine": "checker", "model": None, "notice": notice})

    (task,) = (await world.http.get(f"/documents/{document_id}")).json()["tasks"]
    assert task["notice"] == notice
    content = json.loads((await export(world, document_id, format="json")).content)
    assert [each["notice"] for each in content["sections"]][:2] == [notice, None]
    (row,) = csv.DictReader(io.StringIO((await export(world, document_id, format="csv")).content.decode("utf-8-sig")))
    assert (row["section_id"], row["rule"], row["message"]) == (section, "notice", notice)
    assert notice in (await export(world, document_id, format="md")).text
    word = docx.Document(io.BytesIO((await export(world, document_id, format="docx")).content))
    assert notice in next(iter(word.comments)).text
    assert notice not in (await export(world, document_id, format="md", status="accepted")).text


async def export(world: World, document_id: str, **query: str) -> httpx.Response:
    return await world.http.get(f"/documents/{document_id}/export", params=query)


async def test_word_file_comes_back_with_comments(world: World) -> None:
    document_id, _ = await reviewed(world, "Bericht – Größe.docx", make_docx(), a="open", b="accepted", c="rejected")
    answer = await export(world, document_id, format="docx")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, DOCX)
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="Bericht  Groe-reviewed.docx"; '
        "filename*=UTF-8''Bericht%20%E2%80%93%20Gr%C3%B6%C3%9Fe-reviewed.docx"
    )
    comments = list(docx.Document(io.BytesIO(answer.content)).comments)
    assert sorted(comment.text.split("\n")[1] for comment in comments) == ["a", "b"]
    assert all(comment.author == "Galley · built-in checker" for comment in comments)
    assert all(comment.timestamp is not None for comment in comments)
    accepted = (await export(world, document_id, format="docx", status="accepted")).content
    assert [comment.text.split("\n")[1] for comment in docx.Document(io.BytesIO(accepted)).comments] == ["b"]


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.docx", make_docx()), ("a.pdf", make_pdf()), ("a.md", make_markdown().encode()), ("a.txt", TEXT)],
)
async def test_every_upload_can_be_had_as_text_and_as_data(world: World, name: str, data: bytes) -> None:
    document_id, section = await reviewed(world, name, data, a="open", c="rejected")

    text = await export(world, document_id, format="md")
    assert (text.status_code, text.headers["Content-Type"]) == (200, "text/markdown; charset=utf-8")
    assert "[^galley-1]: **Clarity · minor.**" in text.text
    assert "filename*=UTF-8''a-reviewed.md" in text.headers["Content-Disposition"]
    content = await export(world, document_id, format="json")
    assert content.headers["Content-Type"] == "application/json"
    shown = content.json()["sections"][0]
    assert shown["text"] == section["text"]
    assert sorted(found["status"] for found in shown["findings"]) == ["open", "rejected"]
    table = await export(world, document_id, format="csv", status="all")
    assert table.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert len(list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))) == 2


async def test_format_left_out_is_that_of_the_upload(world: World) -> None:
    word, _ = await reviewed(world, "a.docx", make_docx())
    text, _ = await reviewed(world, "a.pdf", make_pdf())

    assert (await export(world, word)).headers["Content-Type"] == DOCX
    assert (await export(world, text)).headers["Content-Type"].startswith("text/markdown")


@pytest.mark.parametrize(("name", "first"), [("a.md", b"The"), ("a.txt", b"#")])
async def test_text_comes_back_with_accepted_suggestions_carried_out(world: World, name: str, first: bytes) -> None:
    document_id, _ = await reviewed(world, name, TEXT, a="accepted", b="open", c="accepted")
    answer = await export(world, document_id, applied="true")

    assert answer.status_code == 200
    assert answer.content == TEXT.replace(first, b"Word", 1)
    assert (answer.headers["Galley-Applied"], answer.headers["Galley-Left-Out"]) == ("1", "1")
    assert answer.headers["Content-Disposition"].endswith(f"''{name.replace('.', '-revised.')}")


@pytest.mark.parametrize(
    ("name", "data", "query"),
    [
        ("a.pdf", make_pdf(), {"format": "docx"}),
        ("a.md", TEXT, {"format": "docx"}),
        ("a.docx", make_docx(), {"applied": "true"}),
        ("a.md", TEXT, {"applied": "true", "format": "csv"}),
    ],
)
async def test_form_that_cannot_be_had_names_those_that_can(
    world: World, name: str, data: bytes, query: dict[str, str]
) -> None:
    document_id, _ = await reviewed(world, name, data)
    answer = await export(world, document_id, **query)

    assert (answer.status_code, answer.json()["code"]) == (422, "format_not_offered")
    assert set(answer.json()["possible"]) == {"md", "json", "csv"} | ({"docx"} if name == "a.docx" else set())


@pytest.mark.parametrize("query", [{"format": "odt"}, {"status": "open"}, {"applied": "perhaps"}])
async def test_query_that_means_nothing_is_a_bad_request(world: World, query: dict[str, str]) -> None:
    document_id, _ = await reviewed(world, "a.md", TEXT)

    assert (await export(world, document_id, **query)).json()["code"] == "bad_request"


@pytest.mark.parametrize(("name", "data"), [("a.docx", make_docx()), ("a.md", TEXT)])
async def test_missing_original_is_named_and_the_rest_can_be_had(world: World, name: str, data: bytes) -> None:
    document_id, _ = await reviewed(world, name, data, a="open")
    for kept in (world.data_dir / "originals").iterdir():
        kept.unlink()
    answer = await export(world, document_id)

    assert (answer.status_code, answer.json()["code"]) == (410, "original_missing")
    for fmt in answer.json()["possible"]:
        assert (await export(world, document_id, format=fmt)).status_code == 200


async def test_original_that_was_damaged_on_the_disk_is_a_problem_and_no_crash(world: World) -> None:
    document_id, _ = await reviewed(world, "a.docx", make_docx(), a="open")
    for kept in (world.data_dir / "originals").iterdir():
        kept.write_bytes(b"PK broken")

    assert (await export(world, document_id)).json()["code"] == "unreadable_document"


async def test_unknown_and_foreign_documents_are_the_very_same_404(world: World) -> None:
    theirs = (await world.document(owner="somebody else")).document_id
    answers = [await export(world, name, format="json") for name in (theirs, "nope", "a:b")]
    bodies = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in answers]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert bodies[0] == bodies[1] == bodies[2]


async def test_many_exports_at_once_are_all_answered(world: World) -> None:
    document_id, _ = await reviewed(world, "a.docx", make_docx(), a="open")
    answers = await asyncio.gather(*(export(world, document_id, format=f) for f in ("docx", "md", "json", "csv") * 3))

    assert [answer.status_code for answer in answers] == [200] * 12
    assert len({answer.content for answer in answers[0::4]}) == 1


@pytest.mark.parametrize(
    ("name", "ascii_name"),
    [
        ("отчёт.md", "document-reviewed.md"),
        ('a"b;\\c.md', "c-reviewed.md"),
        ("Naïve plan 2.md", "Naive plan 2-reviewed.md"),
    ],
)
async def test_any_name_makes_a_header_that_can_be_read(world: World, name: str, ascii_name: str) -> None:
    answer = await world.http.post(
        "/documents", content=_form(name), headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    given = (await export(world, answer.json()["document_id"], format="md")).headers["Content-Disposition"]

    assert f'filename="{ascii_name}"' in given
    given.encode("ascii")


def _form(name: str) -> bytes:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    head = f'--b\r\nContent-Disposition: form-data; name="document"; filename="{escaped}"\r\n\r\n'
    return f"{head}# A\n\nx\r\n--b--\r\n".encode()


async def test_export_is_described(world: World) -> None:
    described = (await world.http.get("/openapi.json")).json()["paths"]["/documents/{document_id}/export"]["get"]

    assert {parameter["name"] for parameter in described["parameters"]} == {
        "document_id",
        "format",
        "status",
        "applied",
    }
    assert set(described["responses"]["200"]["content"]) == {
        DOCX,
        "text/markdown",
        "text/plain",
        "application/json",
        "text/csv",
    }
    assert "carried out" in json.dumps(described["parameters"])
