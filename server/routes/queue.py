"""The queue as a whole."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_response

from server.answers import json_response
from server.incoming import asking_owner
from server.parts import parts
from server.schemas.service import QueueStats

blueprint = Blueprint("queue", __name__)


@blueprint.get("/queue_stats")
@document_response(QueueStats)
async def queue_stats() -> Response:
    """Workers, slots, tasks and budgets, within 50 ms."""
    await asking_owner()
    return json_response(await parts().stats.figures(), Cache_Control="no-store")
