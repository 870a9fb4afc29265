"""What a review can look for."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_response

from server.answers import json_response
from server.incoming import asking_owner
from server.parts import parts
from server.schemas.documents import FrameworkList

blueprint = Blueprint("frameworks", __name__)


@blueprint.get("/frameworks")
@document_response(FrameworkList)
async def list_frameworks() -> Response:
    """The frameworks that an upload may name, each with its checkpoints."""
    await asking_owner()
    return json_response({"frameworks": [f.model_dump(mode="json") for f in parts().frameworks.all]})
