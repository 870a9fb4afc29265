"""Hostile uploads to a real server: each refused with a clear code, and nobody else notices."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.corpus.shelf import THREATS
from tests.siege import besieged

MOST_BLOCKED = 0.5
"""What holds on a machine that runs other tests as well and may stand still for a while; ``make quality`` holds the
ten seconds for a refusal and the one for an answer of others. A server that parsed by itself would be blocked nearly
all the time."""
FLAT_MIB = 64.0
CHILD_LIMIT_MIB = 1024.0
CHOSEN = (
    *("endless marker.docx", "stream bomb.pdf", "entries that share bytes.docx"),
    *("entity bomb.docx", "name that climbs.docx", "truncated.docx", "macros.docx", "PDF and Word in one.docx"),
    *("locked with a password.pdf", "null bytes.txt", "script.md"),
)
"""Those that exhaust memory, time or patience, and one of each kind of refusal."""


async def test_server_is_untouched_while_hostile_files_are_refused(data_dir: Path) -> None:
    async with besieged(data_dir) as siege:
        outcomes = await siege.send([threat for threat in THREATS if threat.name in CHOSEN])
        kept = httpx.get(f"{siege.url}/documents").json()["documents"]

    for found in outcomes:
        assert found.threat.allows(found.outcome), found
        assert found.outcome == "" or {"code", "detail", "request_id"} <= found.answer.keys()
    assert len(outcomes) == len(CHOSEN)
    assert siege.blocked < MOST_BLOCKED
    assert siege.growth_mib < FLAT_MIB
    assert 200 < siege.child_mib < CHILD_LIMIT_MIB, "some child really took much, and none took more"
    assert kept == []
