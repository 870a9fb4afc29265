"""``galley keys``: keys for programs, made directly on the store."""

from __future__ import annotations

import asyncio
import sys
import time
from secrets import token_hex

from cyclopts import App

from server.access import LOCAL_OWNER, hash_of_key, new_key_secret
from tasks.runtime import open_store
from tasks.settings import Settings, read_settings
from tasks.store.ports import ApiKey

app = App(help="Keys for programs.")


@app.command
def create(name: str) -> None:
    """Make a key and show it once: Authorization: Bearer <key>.

    Parameters
    ----------
    name
        Whom it is for. Where ACCESS is not local, the key's documents and tasks belong to an owner
        of that name alone.
    """
    sys.stdout.write(asyncio.run(_create(name, read_settings())) + "\n")


async def _create(name: str, settings: Settings) -> str:
    owner = LOCAL_OWNER if settings.access == "local" else f"key:{name}"
    secret = new_key_secret()
    store = await open_store(settings)
    try:
        key = ApiKey(key_id=f"k_{token_hex(8)}", name=name, owner=owner, created_at=int(time.time() * 1000))
        await store.add_key(key, hash_of_key(secret))
    finally:
        await store.close()
    return secret
