"""API keys, for programs."""

from __future__ import annotations

from typing import Any

from quart import Blueprint, Response
from quart_schema import document_request, document_response

from server.access import hash_of_key, new_key_secret
from server.answers import json_response, no_content
from server.ids import new_id
from server.incoming import asking_owner, read_body
from server.parts import parts
from server.schemas.base import Nothing
from server.schemas.service import KeyCreated, KeyList, NewKey
from tasks.contract.errors import NotFound
from tasks.store.ports import ApiKey

blueprint = Blueprint("keys", __name__)


@blueprint.get("/keys")
@document_response(KeyList)
async def list_keys() -> Response:
    """My keys, oldest first, without their secrets."""
    found = await parts().store.list_keys(await asking_owner())
    return json_response({"keys": [_listed(key) for key in found]})


@blueprint.post("/keys")
@document_request(NewKey)
@document_response(KeyCreated, 201)
async def create_key() -> Response:
    """Create a key that acts for me; its secret is shown this once."""
    owner = await asking_owner()
    wanted, _ = await read_body(NewKey)
    secret = new_key_secret()
    key = ApiKey(new_id("k"), wanted.name, owner, await parts().store.now_ms())
    await parts().store.add_key(key, hash_of_key(secret))
    return json_response({**_listed(key), "key": secret}, 201, Cache_Control="no-store")


@blueprint.delete("/keys/<key_id>")
@document_response(Nothing, 204)
async def delete_key(key_id: str) -> Response:
    """Delete a key; whoever uses it is refused from now on."""
    if not await parts().store.delete_key(await asking_owner(), key_id):
        raise NotFound
    return no_content()


def _listed(key: ApiKey) -> dict[str, Any]:
    return {"key_id": key.key_id, "name": key.name, "created_at": key.created_at, "weight": key.weight}
