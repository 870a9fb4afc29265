"""``galley keys``: keys for programs, made directly on the store."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

from cyclopts import App, Parameter, validators

from server.access import LOCAL_OWNER, hash_of_key, new_key_secret
from server.ids import new_id
from tasks.runtime import open_store
from tasks.settings import Settings, read_settings
from tasks.store.ports import ApiKey

app = App(name="keys", help="Keys for programs.")


@app.command
def create(
    name: str,
    *,
    weight: Annotated[float, Parameter(validator=validators.Number(gt=0, lte=100))] = 1,
) -> None:
    """Make a key and show it once: Authorization: Bearer <key>.

    Parameters
    ----------
    name
        Whom it is for. Where ACCESS is not local, the key's documents and tasks belong to an owner
        of that name alone.
    weight
        How much it may have for each one that others have, when all have to wait.
    """
    sys.stdout.write(asyncio.run(_create(name, weight, read_settings())) + "\n")


async def _create(name: str, weight: float, settings: Settings) -> str:
    owner = LOCAL_OWNER if settings.access == "local" else f"key:{name}"
    secret = new_key_secret()
    store = open_store(settings)
    try:
        key = ApiKey(new_id("k"), name, owner, await store.now_ms(), weight)
        await store.add_key(key, hash_of_key(secret))
    finally:
        await store.close()
    return secret
