"""The queue as a whole."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Final

from quart import Blueprint, Response
from quart_schema import document_response

from server.answers import json_response
from server.incoming import asking_owner
from server.parts import parts
from server.queue_view import level_json
from server.schemas.service import CostsShown, QueueHistory, QueueStats
from tasks.models import prices_as_of

blueprint = Blueprint("queue", __name__)

_DAYS: Final = 30


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


@blueprint.get("/costs")
@document_response(CostsShown)
async def costs() -> Response:
    """What my calls and all calls cost today, and mine on the last 30 days."""
    found = await parts().store.costs(await asking_owner(), _DAYS)
    days = [{"date": _date(day), "cost_usd": usd} for day, usd in found.days]
    body = {"mine": level_json(found.mine), "all": level_json(found.all), "days": days, "prices_as_of": prices_as_of()}
    return json_response(body, Cache_Control="no-store")


def _date(day: int) -> str:
    """A day since 1970, like ``2026-11-25``."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()
