"""What holds for the server as a whole: who may ask, errors, figures, health, its own description."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from http_world import World, running_world
from processes import WAIT_S

from server.problems import ROUTE_CODES
from tasks.contract.errors import GalleyError, StoreUnavailable


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path) as running:
        yield running


@pytest.fixture
async def shared_world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path, ACCESS="anonymous") as running:
        yield running


@pytest.mark.parametrize("path", ["/", "/healthz", "/documents", "/openapi.json"])
async def test_a_foreign_host_is_misdirected_on_every_path(world: World, path: str) -> None:
    answer = await world.http.get(path, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (421, "foreign_host")


async def test_a_write_from_another_site_is_refused_before_it_is_read(world: World) -> None:
    answer = await world.http.delete("/documents", headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


@pytest.mark.parametrize("path", ["/documents", "/nowhere"])
async def test_a_client_that_is_refused_while_it_sends_can_finish_and_read_why(shared_world: World, path: str) -> None:
    host, port = shared_world.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 200000\r\n\r\n".encode() + b"x" * 100_000)
    await writer.drain()
    await shared_world.http.get("/healthz")  # by now the server has seen the beginning
    writer.write(b"x" * 100_000 + f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    async with asyncio.timeout(WAIT_S):
        refused = await reader.readuntil(b"request_id")
        went_on = await reader.readuntil(b'{"ok": true}')
    writer.close()
    assert refused.startswith(b"HTTP/1.1 40")
    assert b"HTTP/1.1 200" in went_on


async def test_a_socket_from_another_site_is_refused(world: World) -> None:
    host, port = world.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = (
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
        f"Host: {host}:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Origin: https://evil.example",
    )
    writer.write("\r\n".join((*lines, "", "")).encode())
    async with asyncio.timeout(WAIT_S):
        status = await reader.readline()
    writer.close()
    assert b" 403" in status


async def test_a_socket_is_accepted_without_compression_even_when_the_client_offers_it(world: World) -> None:
    host, port = world.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = (
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
        f"Host: {host}:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        f"Origin: {world.url}",
    )
    writer.write("\r\n".join((*lines, "", "")).encode())
    async with asyncio.timeout(WAIT_S):
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
    writer.close()
    assert b" 101" in head.splitlines()[0]
    assert b"sec-websocket-extensions" not in head


async def test_a_browser_gets_its_identity_with_the_page_and_sees_only_its_own(shared_world: World) -> None:
    assert (await shared_world.http.get("/documents")).status_code == 401
    page = await shared_world.http.get("/")
    mine = {"Cookie": page.headers["Set-Cookie"].partition(";")[0]}
    made = await shared_world.http.post("/chat", json={"message": "Hello?"}, headers=mine)
    assert made.status_code == 202
    shared_world.http.cookies.clear()
    other_page = await shared_world.http.get("/")
    shared_world.http.cookies.clear()
    theirs = {"Cookie": other_page.headers["Set-Cookie"].partition(";")[0]}
    path = made.headers["Location"]
    assert (await shared_world.http.get(path, headers=mine)).status_code == 200
    assert (await shared_world.http.get(path, headers=theirs)).status_code == 404
    for stopped in (path.replace("task_status", "cancel_task"), path.replace("task_status", "retry_task")):
        assert (await shared_world.http.post(stopped, headers=theirs)).status_code == 404


async def test_a_key_is_shown_once_acts_for_its_owner_and_ends_with_its_deletion(shared_world: World) -> None:
    page = await shared_world.http.get("/")
    mine = {"Cookie": page.headers["Set-Cookie"].partition(";")[0]}
    made = (await shared_world.http.post("/keys", json={"name": "robot"}, headers=mine)).json()
    shared_world.http.cookies.clear()
    robot = {"Authorization": f"Bearer {made['key']}"}
    listed = (await shared_world.http.get("/keys", headers=robot)).json()["keys"]
    assert [key["name"] for key in listed] == ["robot"]
    assert made["key"] not in str(listed)
    assert (await shared_world.http.delete(f"/keys/{made['key_id']}", headers=robot)).status_code == 204
    refused = await shared_world.http.get("/keys", headers=robot)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert (await shared_world.http.delete(f"/keys/{made['key_id']}", headers=mine)).status_code == 404


async def test_an_unknown_key_is_refused_in_local_access_too(world: World) -> None:
    answer = await world.http.get("/documents", headers={"Authorization": "Bearer gk_nope"})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nope", 404, "no_such_path"),
        ("PUT", "/documents", 405, "method_not_allowed"),
        ("GET", "/assets/../../etc/passwd", 404, "no_such_path"),
        ("GET", "/assets/%2e%2e/%2e%2e/pyproject.toml", 404, "no_such_path"),
    ],
)
async def test_paths_and_methods_that_are_not_there_are_problems_too(
    world: World, method: str, path: str, status: int, code: str
) -> None:
    answer = await world.http.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-ID"] == answer.json()["request_id"]


async def test_an_error_of_our_own_is_a_problem_without_its_inside(world: World) -> None:
    world.store.task_input = None  # type: ignore[method-assign, assignment]  # any bug will do
    task_id = (await world.review())["task_id"]
    answer = await world.http.post(f"/retry_task/{task_id}")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "NoneType" not in answer.text


async def test_every_answer_has_a_request_id_of_its_own(world: World) -> None:
    answers = [await world.http.get("/healthz") for _ in range(2)]
    assert len({answer.headers["X-Request-ID"] for answer in answers}) == 2


async def test_the_figures_count_what_waits_runs_and_failed(world: World) -> None:
    await world.review()
    await world.review()
    await world.hand.end(await world.hand.start(), None)
    await world.hand.start()
    await world.review()
    async with asyncio.timeout(WAIT_S):
        while not (figures := (await world.http.get("/queue_stats")).json())["dead"]:
            await asyncio.sleep(0.01)  # until the look that is kept for a moment has aged
    named = ("available", "mode", "workers", "slots", "active_tasks", "reserved_tasks", "total_pending", "dead")
    assert [figures[name] for name in named] == [True, "celery", 1, 20, 1, 0, 1, 1]
    assert figures["kinds"]["analysis"]["waiting"] == 1


async def test_the_figures_stay_and_say_so_while_the_store_is_away(world: World) -> None:
    await world.review()
    await world.hand.announce()
    before = (await world.http.get("/queue_stats")).json()
    world.store.away = StoreUnavailable("away")
    async with asyncio.timeout(WAIT_S):
        while (figures := (await world.http.get("/queue_stats")).json())["available"]:
            await asyncio.sleep(0.01)  # until the look that is kept for a moment has aged
    assert figures["total_pending"] == before["total_pending"] == 1


async def test_readiness_names_what_the_store_keeps_and_fails_with_it(world: World) -> None:
    assert (await world.http.get("/readyz")).json()["durability"] == "none"
    world.store.away = StoreUnavailable("away")
    answer = await world.http.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert (await world.http.get("/healthz")).status_code == 200


async def test_the_metrics_are_in_prometheus_format(world: World) -> None:
    await world.review()
    text = (await world.http.get("/metrics")).text
    assert 'galley_requests_total{method="POST",status="202"} 1.0' in text
    assert 'galley_tasks{kind="analysis",stage="waiting"} 1.0' in text
    assert "galley_store_up 1.0" in text


INTERFACE = {
    "/documents": {"get", "post", "delete"},
    "/documents/{document_id}": {"get", "delete"},
    "/documents/{document_id}/cancel": {"post"},
    "/documents/{document_id}/conversations": {"get"},
    "/documents/{document_id}/findings/{finding_id}": {"patch"},
    "/conversations/{conversation_id}": {"get"},
    "/analyze_section": {"post"},
    "/analyze_document": {"post"},
    "/chat": {"post"},
    "/test_connection": {"post"},
    "/task_status/{task_id}": {"get"},
    "/task_events/{task_id}": {"get"},
    "/tasks": {"get"},
    "/cancel_task/{task_id}": {"post"},
    "/retry_task/{task_id}": {"post"},
    "/queue_stats": {"get"},
    "/keys": {"get", "post"},
    "/keys/{key_id}": {"delete"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
}


async def test_the_openapi_document_describes_the_interface_and_every_reference_leads_somewhere(world: World) -> None:
    document = (await world.http.get("/openapi.json")).json()
    for path, methods in INTERFACE.items():
        assert methods <= set(document["paths"][path]), path
    assert "application/problem+json" in str(document["paths"]["/chat"]["post"]["responses"]["default"])
    assert "304" in document["paths"]["/task_status/{task_id}"]["get"]["responses"]
    assert "204" in document["paths"]["/task_events/{task_id}"]["get"]["responses"]
    assert "Location" in document["paths"]["/chat"]["post"]["responses"]["202"]["headers"]
    references = _references(document)
    assert references
    assert references <= {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}


async def test_the_asyncapi_document_describes_every_message_and_every_reference_leads_somewhere(world: World) -> None:
    document = (await world.http.get("/asyncapi.json")).json()
    messages = document["channels"]["socket"]["messages"]
    assert messages["queue_stats"]["payload"] == {"$ref": "#/components/schemas/QueueStats"}
    assert {"watch", "watch_document", "task_events", "task_reset", "queue_update", "queue_stats"} <= set(messages)
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    known |= {f"#/channels/socket/messages/{name}" for name in messages} | {"#/channels/socket"}
    assert _references(document) <= known


async def test_the_reference_page_loads_nothing_from_elsewhere_and_knows_every_problem(world: World) -> None:
    page = (await world.http.get("/docs")).text
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page
    for code in ("internal_error", *ROUTE_CODES.values(), *(error.code for error in GalleyError.__subclasses__())):
        assert f"id='{code}'" in page


def _references(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(value) for value in node))
    return set()
