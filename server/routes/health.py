"""Whether the server lives, takes work, and how it fares. Open to everyone who reaches it."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_response

from server.answers import json_response
from server.metrics import CONTENT_TYPE
from server.parts import parts
from server.schemas.service import About, Health, Readiness
from server.submitting import promptly
from tasks.contract.errors import StoreUnavailable

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@document_response(Health)
async def healthz() -> Response:
    """The process answers."""
    return json_response({"ok": True})


@blueprint.get("/readyz")
@document_response(Readiness)
async def readyz() -> Response:
    """Submissions are taken; names what the store keeps of what it acknowledged. 503 while it is away."""
    async with promptly():
        await parts().store.ping()
        durability = await parts().store.durability()
    mode = "celery" if parts().settings.use_celery else "in_process"
    return json_response({"ready": True, "durability": durability, "mode": mode}, Cache_Control="no-store")


@blueprint.get("/about")
@document_response(About)
async def about() -> Response:
    """What a person should know of this server: how long it keeps things, and for whom."""
    settings = parts().settings
    mode = "celery" if settings.use_celery else "in_process"
    body = {"access": settings.access, "mode": mode, "retention_days": settings.retention_days}
    return json_response(body, Cache_Control="no-store")


@blueprint.get("/metrics")
async def metrics() -> Response:
    """Figures for Prometheus; while the store is away only the server's own."""
    try:
        stats = await parts().queue.stats()
    except StoreUnavailable:
        stats = None
    return Response(parts().metrics.text(stats), 200, content_type=CONTENT_TYPE)
