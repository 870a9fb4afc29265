"""The page that people use: built files from ``web/dist``, and a word of help where they are missing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from quart import Blueprint, Response, request, send_from_directory
from quart_schema import hide

from server.parts import parts

BUILT_PAGE: Final = Path(__file__).resolve().parent.parent / "web" / "dist"

_HTML: Final = "text/html; charset=utf-8"
_A_YEAR_S: Final = 31_536_000
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_NOT_BUILT: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Galley</title>
<style>body{font:17px/1.6 system-ui;max-width:36rem;margin:4rem auto;padding:0 1rem}</style>
<h1>The page is not built yet</h1>
<p>The server runs, and its interface works: see <a href="/docs">/docs</a>.</p>
<p>To build the page, run <code>make run</code> in the checkout, or <code>make web</code> and reload.</p></html>
"""

blueprint = Blueprint("static_pages", __name__)


@blueprint.get("/")
@hide
async def page() -> Response:
    """The page. In ``ACCESS=anonymous`` loading it gives the browser its identity."""
    built = BUILT_PAGE / "index.html"
    is_built = built.is_file()
    text = built.read_text(encoding="utf-8") if is_built else _NOT_BUILT
    response = Response(text, 200 if is_built else 503, _HEADERS, content_type=_HTML)
    cookie = parts().access.session_cookie(request.scope)
    if cookie is not None:
        response.headers.add("Set-Cookie", cookie)
    return response


@blueprint.get("/assets/<path:name>")
@hide
async def asset(name: str) -> Response:
    """A built file. Its name carries its content's hash, so it never changes."""
    response = await send_from_directory(BUILT_PAGE / "assets", name, cache_timeout=_A_YEAR_S)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = f"public, max-age={_A_YEAR_S}, immutable"
    return response


@blueprint.get("/<name>.<any(svg, png, ico, webmanifest, txt):kind>")
@hide
async def top_level_file(name: str, kind: str) -> Response:
    """The few built files whose names are fixed, like the icon."""
    return await send_from_directory(BUILT_PAGE, f"{name}.{kind}")
