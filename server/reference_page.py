"""/docs: the interface on one page, without scripts and without anything loaded from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from http import HTTPStatus
from typing import Any, Final

from server.problems import ROUTE_CODES
from tasks.contract.errors import GalleyError

_STYLE: Final = """
:root{color-scheme:light dark}
body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font:14px/1.5 ui-monospace,monospace}
pre{overflow:auto;padding:12px;border:1px solid light-dark(#ddd,#444);border-radius:6px}
summary{cursor:pointer;padding:6px 0} summary code{font-weight:600}
table{border-collapse:collapse;width:100%} td,th{text-align:left;padding:4px 12px 4px 0;vertical-align:top}
section{border-top:1px solid light-dark(#ddd,#444);margin-top:2rem}
"""


_SHOWN: Final = ("parameters", "requestBody", "responses")


def reference_page(openapi: dict[str, Any], asyncapi: dict[str, Any]) -> str:
    """The page, as HTML."""
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>",
        f"<title>Galley: the interface</title><style>{_STYLE}</style><h1>Galley: the interface</h1>",
        f"<p>{escape(openapi['info']['description'])}</p>",
        "<p>For programs: <a href='/openapi.json'>openapi.json</a>, <a href='/asyncapi.json'>asyncapi.json</a>.</p>",
        "<section><h2>HTTP</h2>",
        *_operations(openapi),
        "</section><section><h2>Socket</h2>",
        f"<p>{escape(asyncapi['info']['description'])}</p>",
        *_messages(asyncapi),
        "</section><section><h2>Shapes</h2>",
        *_shapes(openapi["components"]["schemas"] | asyncapi["components"]["schemas"]),
        "</section><section><h2>Problems</h2><table><tr><th>code<th>status<th>meaning<th>try again",
        *_problems(),
        "</table></section></html>",
    ]
    return "\n".join(parts)


def _operations(openapi: dict[str, Any]) -> Iterator[str]:
    for path, operations in sorted(openapi["paths"].items()):
        for method, operation in operations.items():
            shown = {name: operation[name] for name in _SHOWN if operation.get(name)}
            yield _folded(f"{method.upper()} {path}", operation.get("summary", ""), shown)


def _messages(asyncapi: dict[str, Any]) -> Iterator[str]:
    for name, message in asyncapi["channels"]["socket"]["messages"].items():
        yield _folded(name, message["summary"], message["payload"])


def _shapes(schemas: dict[str, Any]) -> Iterator[str]:
    for name, schema in sorted(schemas.items()):
        yield _folded(name, schema.get("description", "").partition("\n")[0], schema)


def _folded(name: str, words: str, shown: dict[str, Any]) -> str:
    text = escape(json.dumps(shown, indent=2, ensure_ascii=False))
    return f"<details><summary><code>{escape(name)}</code> {escape(words)}</summary><pre>{text}</pre></details>"


def _problems() -> Iterator[str]:
    errors: list[type[GalleyError]] = [GalleyError, *GalleyError.__subclasses__()]
    ours = [(error.status, error.code, error.title, error.retryable) for error in errors]
    of_routes = [(status, code, HTTPStatus(status).phrase, False) for status, code in ROUTE_CODES.items()]
    for status, code, title, retryable in sorted(ours + of_routes):
        cells = (f"<code>{code}</code>", status, escape(title), "yes" if retryable else "no")
        yield f"<tr id='{code}'>" + "".join(f"<td>{cell}" for cell in cells)
