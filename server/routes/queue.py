"""The queue as a whole."""

from __future__ import annotations

from dataclasses import asdict

from quart import Blueprint, Response
from quart_schema import document_response

from server.answers import json_response
from server.incoming import asking_owner
from server.parts import parts
from server.schemas.service import QueueHistory, QueueStats

blueprint = Blueprint("queue", __name__)


@blueprint.get("/queue_stats")
@document_response(QueueStats)
async def queue_stats() -> Response:
    """Workers, slots, tasks and budgets, within 50 ms."""
    await asking_owner()
    return json_response(await parts().stats.figures(), Cache_Control="no-store")


@blueprint.get("/queue_stats/history")
@document_response(QueueHistory)
async def queue_history() -> Response:
    """The last hour by minute: starts, waits, failures, share of the limit used."""
    await asking_owner()
    minutes = [asdict(minute) for minute in await parts().store.history()]
    return json_response({"minutes": minutes}, Cache_Control="no-store")
