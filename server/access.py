"""Who is asking, and whether the request may come from where it comes.

Works on a bare ASGI scope, so that HTTP requests and Socket.IO connections are judged by the same
code. Three modes: ``local`` trusts whoever reaches this machine's own address, ``anonymous`` gives
each browser a signed identity, ``proxy`` believes a reverse proxy. A program's key works in all.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import quote, urlsplit

from itsdangerous import BadSignature, Signer

from tasks.contract.errors import ForeignHost, ForeignOrigin, Unauthorized
from tasks.contract.names import GROUP_MARK
from tasks.settings import Settings, is_loopback
from tasks.store.ports import ApiKey, DocumentStore

Scope = Mapping[str, Any]

SESSION_COOKIE: Final = "galley_session"
LOCAL_OWNER: Final = "local"
KEY_PREFIX: Final = "gk_"
_SESSION_DAYS: Final = 400
"""The longest that browsers keep a cookie; each visit of the page renews it."""
_READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_OWNER_CHARS_MAX: Final = 200
_BROWSER_PREFIX: Final = "a_"
"""Of owners who are a browser that nobody signed in: anybody may have as many as they like."""
_GROUP_CHARS: Final = 16
_V6_BITS: Final = 64
"""Of an IPv6 address: the network that one customer gets at least; its other half is free to choose."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of that lower-case name, or None."""
    for header_name, value in scope["headers"]:
        if header_name == name:
            return bytes(value).decode("latin-1")
    return None


def hash_of_key(secret: str) -> str:
    """What the store keeps instead of a key: its SHA-256. Keys are long and random, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_key_secret() -> str:
    """A fresh key for a program, shown once."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. ``group`` and ``weight`` are how its tasks share what there is; see `NewTask`."""

    owner: str
    group: str = ""
    weight: float = 1


class Access:
    """Judges requests by the settings. Keys are looked up in the store."""

    def __init__(self, settings: Settings, store: DocumentStore) -> None:
        self._settings = settings
        self._store = store
        self._signer = Signer(settings.secret_key, salt="galley.session", digest_method=hashlib.sha256)
        self._proxies = [ipaddress.ip_network(proxy, strict=False) for proxy in settings.trusted_proxies]
        self._group_key = hashlib.sha256(f"galley.group {settings.secret_key}".encode()).digest()
        self._user_header = settings.trusted_user_header.lower().encode()

    async def owner_of(self, scope: Scope, token: str | None = None) -> str:
        """The owner that this request or connection acts for. ``token`` is a key given elsewhere
        than in the Authorization header.

        Raises:
            ForeignHost, ForeignOrigin: as `check` says.
            Unauthorized: no identity, or a key that is not known.
        """
        self.check(scope)
        return await self.identify(scope, token)

    def check(self, scope: Scope) -> None:
        """Refuse what another web site may have made a browser send.

        Raises:
            ForeignHost: ``local`` was reached by a name that is not this machine's: a page of
                another site could have pointed its own name here (DNS rebinding).
            ForeignOrigin: a write or a WebSocket from another site's page.
        """
        host = self._host(scope)
        if self._settings.access == "local" and not _is_this_machine(host):
            raise ForeignHost(
                f"ACCESS=local answers to localhost, 127.0.0.1 and [::1] only, not to {host or 'no name'}."
                " Open it under one of these, or set ACCESS=anonymous."
            )
        if scope["type"] == "websocket" or scope["method"] not in _READING_METHODS:
            origin = header(scope, b"origin")
            if origin is not None and urlsplit(origin).netloc.lower() != host:
                raise ForeignOrigin(f"A page of {origin} may not change anything here; only pages of this server may.")

    async def identify(self, scope: Scope, token: str | None = None) -> str:
        """The owner, without looking at where the request comes from; see `owner_of`."""
        return (await self.asker(scope, token)).owner

    async def asker(self, scope: Scope, token: str | None = None) -> Asker:
        """The owner, as `identify` says, with how its tasks share."""
        secret = token or _bearer(scope)
        if secret is not None:
            key = await self._key(secret)
            return Asker(key.owner, self._group_of(key.owner, scope), key.weight)
        if self._settings.access == "local":
            return Asker(LOCAL_OWNER)
        if self._settings.access == "proxy":
            return Asker(self._owner_named_by_proxy(scope))
        owner = self._owner_in_cookie(scope)
        if owner is None:
            raise Unauthorized("Open the page in this browser first, or send Authorization: Bearer <key>.")
        return Asker(owner, self._group_of(owner, scope))

    def session_cookie(self, scope: Scope) -> str | None:
        """The Set-Cookie value for a load of the page; None in the modes that need none."""
        if self._settings.access != "anonymous":
            return None
        owner = self._owner_in_cookie(scope) or _BROWSER_PREFIX + secrets.token_urlsafe(16)
        secure = "; Secure" if self._is_https(scope) else ""
        value = self._signer.sign(owner).decode()
        age = _SESSION_DAYS * 86_400
        return f"{SESSION_COOKIE}={value}; Max-Age={age}; Path=/; HttpOnly; SameSite=Lax{secure}"

    async def _key(self, secret: str) -> ApiKey:
        key = await self._store.key_by_hash(hash_of_key(secret))
        if key is None:
            raise Unauthorized("This key is not known; it may have been deleted. Create one with POST /keys.")
        return key

    def _group_of(self, owner: str, scope: Scope) -> str:
        """Browsers of one client address count as one, because a new cookie is free; so do keys that such
        browsers made. The address is kept as a keyed hash only. Empty where there is none to tell by."""
        address = self._client(scope) if owner.startswith(_BROWSER_PREFIX) else None
        if address is None:
            return ""
        is_v6 = address.version == 6
        network = ipaddress.IPv6Network((int(address), _V6_BITS), strict=False) if is_v6 else address
        digest = hmac.new(self._group_key, str(network).encode(), hashlib.sha256).hexdigest()
        return GROUP_MARK + digest[:_GROUP_CHARS]

    def _client(self, scope: Scope) -> Address | None:
        """The address that the request comes from: the last one on its way that is no trusted proxy. None for a
        Unix socket, and for this machine itself, because that is a proxy nobody has told us of."""
        hops = [hop for value in _headers(scope, b"x-forwarded-for") for hop in value.split(",")]
        address = _address((scope.get("client") or ("", 0))[0])
        while address is not None and self._is_proxy(address) and hops:
            address = _address(hops.pop().strip())
        return None if address is None or address.is_loopback or self._is_proxy(address) else address

    def _owner_in_cookie(self, scope: Scope) -> str | None:
        try:
            morsel = SimpleCookie(header(scope, b"cookie") or "").get(SESSION_COOKIE)
            return self._signer.unsign(morsel.value).decode() if morsel else None
        except (CookieError, BadSignature):
            return None  # a broken or forged cookie is no identity; the page gives a new one

    def _owner_named_by_proxy(self, scope: Scope) -> str:
        name = header(scope, self._user_header) if self._from_proxy(scope) else None
        if not name:
            raise Unauthorized(
                f"The reverse proxy must name the user in {self._settings.trusted_user_header},"
                " and its address must stand in TRUSTED_PROXIES."
            )
        # Owners become parts of the store's keys, whose own separators must not be forged by a name.
        safe = quote(name, safe="@.-_+")
        return "u_" + (safe if len(safe) <= _OWNER_CHARS_MAX else hash_of_key(name))

    def _from_proxy(self, scope: Scope) -> bool:
        peer = _address((scope.get("client") or ("", 0))[0]) if self._proxies else None
        return peer is not None and self._is_proxy(peer)

    def _is_proxy(self, address: Address) -> bool:
        return any(address in network for network in self._proxies)

    def _host(self, scope: Scope) -> str:
        forwarded = header(scope, b"x-forwarded-host") if self._from_proxy(scope) else None
        return (forwarded or header(scope, b"host") or "").strip().lower()

    def _is_https(self, scope: Scope) -> bool:
        forwarded = header(scope, b"x-forwarded-proto") if self._from_proxy(scope) else None
        return (forwarded or scope["scheme"]) in ("https", "wss")


def _headers(scope: Scope, name: bytes) -> list[str]:
    return [bytes(value).decode("latin-1") for header_name, value in scope["headers"] if header_name == name]


def _address(text: str) -> Address | None:
    """An address as a peer or a proxy writes it, with a port or without; None for what is none."""
    host = text[1:].partition("]")[0] if text.startswith("[") else text
    try:
        address = ipaddress.ip_address(host.partition(":")[0] if host.count(":") == 1 else host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=64)
def _is_this_machine(host: str) -> bool:
    """Whether a Host header, with or without a port, names this machine to itself."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return is_loopback(name)


def _bearer(scope: Scope) -> str | None:
    scheme, _, secret = (header(scope, b"authorization") or "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None
