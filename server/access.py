"""Who is asking, and whether the request may come from where it comes.

Works on a bare ASGI scope, so that HTTP requests and Socket.IO connections are judged by the same
code. Three modes: ``local`` trusts whoever reaches this machine's own address, ``anonymous`` gives
each browser a signed identity, ``proxy`` believes a reverse proxy. A program's key works in all.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Mapping
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import quote, urlsplit

from itsdangerous import BadSignature, Signer

from tasks.contract.errors import ForeignHost, ForeignOrigin, Unauthorized
from tasks.settings import Settings, is_loopback
from tasks.store.ports import DocumentStore

Scope = Mapping[str, Any]

SESSION_COOKIE: Final = "galley_session"
LOCAL_OWNER: Final = "local"
KEY_PREFIX: Final = "gk_"
_SESSION_DAYS: Final = 400
"""The longest that browsers keep a cookie; each visit of the page renews it."""
_READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_OWNER_CHARS_MAX: Final = 200


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


class Access:
    """Judges requests by the settings. Keys are looked up in the store."""

    def __init__(self, settings: Settings, store: DocumentStore) -> None:
        self._settings = settings
        self._store = store
        self._signer = Signer(settings.secret_key, salt="galley.session", digest_method=hashlib.sha256)
        self._proxies = [ipaddress.ip_network(proxy, strict=False) for proxy in settings.trusted_proxies]
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
        secret = token or _bearer(scope)
        if secret is not None:
            return await self._owner_of_key(secret)
        if self._settings.access == "local":
            return LOCAL_OWNER
        if self._settings.access == "proxy":
            return self._owner_named_by_proxy(scope)
        owner = self._owner_in_cookie(scope)
        if owner is None:
            raise Unauthorized("Open the page in this browser first, or send Authorization: Bearer <key>.")
        return owner

    def session_cookie(self, scope: Scope) -> str | None:
        """The Set-Cookie value for a load of the page; None in the modes that need none."""
        if self._settings.access != "anonymous":
            return None
        owner = self._owner_in_cookie(scope) or "a_" + secrets.token_urlsafe(16)
        secure = "; Secure" if self._is_https(scope) else ""
        value = self._signer.sign(owner).decode()
        age = _SESSION_DAYS * 86_400
        return f"{SESSION_COOKIE}={value}; Max-Age={age}; Path=/; HttpOnly; SameSite=Lax{secure}"

    async def _owner_of_key(self, secret: str) -> str:
        key = await self._store.key_by_hash(hash_of_key(secret))
        if key is None:
            raise Unauthorized("This key is not known; it may have been deleted. Create one with POST /keys.")
        return key.owner

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
        if not self._proxies:
            return False
        try:
            peer = ipaddress.ip_address((scope.get("client") or ("", 0))[0])
        except ValueError:
            return False  # a Unix socket has no address to be trusted by
        return any(peer in network for network in self._proxies)

    def _host(self, scope: Scope) -> str:
        forwarded = header(scope, b"x-forwarded-host") if self._from_proxy(scope) else None
        return (forwarded or header(scope, b"host") or "").strip().lower()

    def _is_https(self, scope: Scope) -> bool:
        forwarded = header(scope, b"x-forwarded-proto") if self._from_proxy(scope) else None
        return (forwarded or scope["scheme"]) in ("https", "wss")


@lru_cache(maxsize=64)
def _is_this_machine(host: str) -> bool:
    """Whether a Host header, with or without a port, names this machine to itself."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return is_loopback(name)


def _bearer(scope: Scope) -> str | None:
    scheme, _, secret = (header(scope, b"authorization") or "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None
