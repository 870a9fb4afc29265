"""The HTTP interface, one file a resource."""

from __future__ import annotations

from typing import Final

from quart import Blueprint

from server.routes import (
    analyses,
    conversations,
    documents,
    export,
    findings,
    frameworks,
    health,
    keys,
    queue,
    reference,
    tasks,
)

BLUEPRINTS: Final[tuple[Blueprint, ...]] = (
    documents.blueprint,
    findings.blueprint,
    export.blueprint,
    frameworks.blueprint,
    analyses.blueprint,
    conversations.blueprint,
    tasks.blueprint,
    queue.blueprint,
    keys.blueprint,
    health.blueprint,
    reference.blueprint,
)
