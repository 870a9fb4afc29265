"""Who may ask, judged on bare ASGI scopes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server.access import SESSION_COOKIE, Access, Asker, hash_of_key
from tasks.contract.errors import ForeignHost, ForeignOrigin, Unauthorized
from tasks.settings import read_settings
from tasks.store.memory import MemoryStore
from tasks.store.ports import ApiKey

SECRET = "a secret that is long enough"


def access_in(mode: str, tmp_path: Path, **env: str) -> Access:
    settings = read_settings({"ACCESS": mode, "SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path), **env})
    return Access(settings, MemoryStore(settings.timing))


def scope(method: str = "GET", *, client: str = "127.0.0.1", scheme: str = "http", **headers: str) -> dict[str, Any]:
    given = {"host": "localhost:8000"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "type": "http",
        "method": method,
        "scheme": scheme,
        "client": (client, 5000),
        "headers": [(name.encode(), value.encode()) for name, value in given.items() if value],
    }


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "127.8.8.8"])
async def test_local_access_knows_one_owner_under_every_name_of_this_machine(host: str, tmp_path: Path) -> None:
    assert await access_in("local", tmp_path).owner_of(scope(host=host)) == "local"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "192.168.1.7:8000", "localhost.evil.example", ""]
)
async def test_local_access_refuses_a_foreign_host(host: str, tmp_path: Path) -> None:
    with pytest.raises(ForeignHost):
        await access_in("local", tmp_path).owner_of(scope(host=host))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:9999", "null"])
async def test_a_write_from_another_origin_is_refused(method: str, origin: str, tmp_path: Path) -> None:
    with pytest.raises(ForeignOrigin):
        await access_in("local", tmp_path).owner_of(scope(method, origin=origin))


async def test_a_read_from_another_origin_is_not_refused_because_its_page_cannot_see_it(tmp_path: Path) -> None:
    assert await access_in("local", tmp_path).owner_of(scope(origin="https://evil.example")) == "local"


async def test_a_write_from_the_same_origin_is_taken(tmp_path: Path) -> None:
    assert await access_in("local", tmp_path).owner_of(scope("POST", origin="http://localhost:8000")) == "local"


async def test_a_websocket_from_another_origin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ForeignOrigin):
        await access_in("local", tmp_path).owner_of({**scope(origin="https://evil.example"), "type": "websocket"})


async def test_a_proxy_that_is_trusted_says_under_which_host_the_page_was_loaded(tmp_path: Path) -> None:
    access = access_in("proxy", tmp_path, TRUSTED_PROXIES="10.0.0.0/8")
    headers = {"origin": "https://galley.example", "x_forwarded_host": "galley.example", "x_forwarded_user": "ann"}
    assert await access.owner_of(scope("POST", client="10.1.2.3", **headers)) == "u_ann"
    with pytest.raises(ForeignOrigin):
        await access.owner_of(scope("POST", client="192.168.1.7", **headers))


async def test_proxy_access_takes_the_name_only_from_a_trusted_peer(tmp_path: Path) -> None:
    access = access_in("proxy", tmp_path, TRUSTED_PROXIES="10.0.0.5", TRUSTED_USER_HEADER="X-Remote-User")
    assert await access.owner_of(scope(client="10.0.0.5", x_remote_user="ann")) == "u_ann"
    for foreign in (scope(client="10.0.0.6", x_remote_user="ann"), scope(client="10.0.0.5")):
        with pytest.raises(Unauthorized):
            await access.owner_of(foreign)


async def test_a_name_from_the_proxy_cannot_forge_a_separator_of_the_stores_keys(tmp_path: Path) -> None:
    access = access_in("proxy", tmp_path, TRUSTED_PROXIES="10.0.0.5")
    owner = await access.owner_of(scope(client="10.0.0.5", x_forwarded_user="ann:{x}"))
    assert ":" not in owner
    assert "{" not in owner
    assert owner != await access.owner_of(scope(client="10.0.0.5", x_forwarded_user="ann"))


async def test_anonymous_access_recognises_the_browser_by_the_cookie_it_was_given(tmp_path: Path) -> None:
    access = access_in("anonymous", tmp_path)
    given = access.session_cookie(scope()) or ""
    cookie = given.partition(";")[0]
    owner = await access.owner_of(scope(cookie=cookie))
    assert owner == await access.owner_of(scope(cookie=f"other=1; {cookie}"))
    renewed = (access.session_cookie(scope(cookie=cookie)) or "").partition(";")[0]
    assert renewed == cookie


async def test_two_browsers_are_two_owners(tmp_path: Path) -> None:
    access = access_in("anonymous", tmp_path)
    cookies = [(access.session_cookie(scope()) or "").partition(";")[0] for _ in range(2)]
    assert len({await access.owner_of(scope(cookie=cookie)) for cookie in cookies}) == 2


@pytest.mark.parametrize("cookie", ["", f"{SESSION_COOKIE}=a_me", f"{SESSION_COOKIE}=a_me.forged", "broken;;=", "\x7f"])
async def test_anonymous_access_refuses_who_has_no_genuine_cookie(cookie: str, tmp_path: Path) -> None:
    with pytest.raises(Unauthorized):
        await access_in("anonymous", tmp_path).owner_of(scope(cookie=cookie))


def test_the_cookie_cannot_be_read_by_scripts_and_needs_https_where_the_page_came_by_it(tmp_path: Path) -> None:
    access = access_in("anonymous", tmp_path)
    plain, secure = access.session_cookie(scope()) or "", access.session_cookie(scope(scheme="https")) or ""
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    assert "; Secure" in secure


def test_the_modes_that_need_no_cookie_give_none(tmp_path: Path) -> None:
    assert access_in("local", tmp_path).session_cookie(scope()) is None


@pytest.mark.parametrize("mode", ["local", "anonymous"])
async def test_a_key_acts_for_its_owner_and_an_unknown_one_for_nobody(mode: str, tmp_path: Path) -> None:
    settings = read_settings({"ACCESS": mode, "SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path)})
    store = MemoryStore(settings.timing)
    await store.add_key(ApiKey("k1", "robot", "ann", 0), hash_of_key("gk_good"))
    access = Access(settings, store)
    assert await access.owner_of(scope(authorization="Bearer gk_good")) == "ann"
    assert await access.owner_of(scope(), token="gk_good") == "ann"
    for refused in (scope(authorization="Bearer gk_bad"), scope(authorization="Bearer ")):
        with pytest.raises(Unauthorized):
            await access.owner_of(refused)


async def group_in(access: Access, client: str, forwarded: str = "") -> str:
    cookie = (access.session_cookie(scope()) or "").partition(";")[0]
    return (await access.asker(scope(client=client, cookie=cookie, x_forwarded_for=forwarded))).group


async def test_browsers_of_one_address_are_one_group_and_it_does_not_tell_the_address(tmp_path: Path) -> None:
    access = access_in("anonymous", tmp_path)
    first, again = [await group_in(access, "203.0.113.7") for _ in range(2)]
    assert first == again
    assert first.startswith("@")
    assert "203" not in first
    assert await group_in(access, "203.0.113.8") != first
    assert await group_in(access, "::ffff:203.0.113.7") == first
    other = access_in("anonymous", tmp_path, SECRET_KEY="another secret that is long")
    assert await group_in(other, "203.0.113.7") != first, "the hash cannot be looked up without the key"


async def test_ipv6_addresses_of_one_network_are_one_group(tmp_path: Path) -> None:
    access = access_in("anonymous", tmp_path)
    first = await group_in(access, "2001:db8:1:2::5")
    assert await group_in(access, "2001:db8:1:2:ffff::9") == first
    assert await group_in(access, "2001:db8:1:3::5") != first


async def test_client_is_told_by_the_proxies_that_are_trusted_only(tmp_path: Path) -> None:
    access = access_in("anonymous", tmp_path, TRUSTED_PROXIES="10.0.0.0/8")
    client = await group_in(access, "203.0.113.7")
    assert await group_in(access, "10.1.1.1", "203.0.113.7") == client
    assert await group_in(access, "10.1.1.1", "6.6.6.6, 203.0.113.7") == client, "what the client itself wrote"
    assert await group_in(access, "10.1.1.1", "6.6.6.6, 203.0.113.7:4711, 10.2.2.2") == client
    assert await group_in(access, "203.0.113.7", "6.6.6.6") == client, "no proxy"


@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "", "10.1.1.1"])
async def test_who_cannot_be_told_by_an_address_is_in_no_group(client: str, tmp_path: Path) -> None:
    assert await group_in(access_in("anonymous", tmp_path, TRUSTED_PROXIES="10.0.0.0/8"), client) == ""


async def test_only_browsers_and_their_keys_are_grouped(tmp_path: Path) -> None:
    settings = read_settings({"ACCESS": "anonymous", "SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path)})
    store = MemoryStore(settings.timing)
    access, given = Access(settings, store), scope(client="203.0.113.7")
    await store.add_key(ApiKey("k1", "robot", "key:robot", 0, weight=2), hash_of_key("gk_robot"))
    await store.add_key(ApiKey("k2", "mine", "a_browser", 0), hash_of_key("gk_mine"))
    assert await access.asker(given, "gk_robot") == Asker("key:robot", "", 2)
    assert (await access.asker(given, "gk_mine")).group == await group_in(access, "203.0.113.7")
    assert await access_in("local", tmp_path).asker(given) == Asker("local")
