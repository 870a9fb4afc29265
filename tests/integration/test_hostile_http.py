"""Hostile uploads to a real server: each refused in time with a clear code, and nobody else notices."""

from __future__ import annotations

from pathlib import Path

import httpx

from server.supervisor.preflight import free_port
from tests.corpus.shelf import THREATS
from tests.processes import BIN, Running, wait_until
from tests.siege import Siege

REFUSAL_LIMIT_S = 10.0
HEALTH_LIMIT_S = 1.0
FLAT_MIB = 64.0
CHILD_LIMIT_MIB = 1024.0
CHOSEN = (
    *("endless marker.docx", "stream bomb.pdf", "entries that share bytes.docx"),
    *("entity bomb.docx", "name that climbs.docx", "truncated.docx", "macros.docx", "PDF and Word in one.docx"),
    *("locked with a password.pdf", "null bytes.txt", "script.md"),
)
"""Those that exhaust memory, time or patience, and one of each kind of refusal."""


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


async def test_server_is_untouched_while_hostile_files_are_refused(data_dir: Path) -> None:
    port = free_port("127.0.0.1")
    cleared = ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "ACCESS", "HOST", "SECRET_KEY", "REDIS_URL")
    env = dict.fromkeys(cleared, "") | {"USE_CELERY": "false", "DATA_DIR": str(data_dir), "PORT": str(port)}
    url = f"http://127.0.0.1:{port}"
    with Running([BIN / "galley", "server"], env) as server:
        wait_until(lambda: answers(url), "the server answers")
        siege = Siege(url, server.pid)

        outcomes = await siege.send([threat for threat in THREATS if threat.name in CHOSEN])

        for found in outcomes:
            assert found.threat.allows(found.outcome), found
            assert found.seconds < REFUSAL_LIMIT_S, found
            assert found.outcome == "" or {"code", "detail", "request_id"} <= found.answer.keys()
        assert len(outcomes) == len(CHOSEN)
        assert max(siege.health_s) < HEALTH_LIMIT_S
        assert siege.growth_mib < FLAT_MIB
        assert 200 < siege.child_mib < CHILD_LIMIT_MIB, "some child really took much, and none took more"
        assert httpx.get(f"{url}/documents").json()["documents"] == []
