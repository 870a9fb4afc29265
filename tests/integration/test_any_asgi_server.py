"""``server.app:app`` under an ASGI server's own command."""

from __future__ import annotations

from pathlib import Path

import httpx
from processes import BIN, WAIT_S, Running, own_port


def test_app_is_served_by_the_command_of_an_asgi_server(data_dir: Path) -> None:
    url = f"127.0.0.1:{own_port()}"
    env = {"USE_CELERY": "false", "DATA_DIR": str(data_dir), "ANTHROPIC_API_KEY": "", "ACCESS": "", "HOST": ""}
    with Running([BIN / "hypercorn", "server.app:app", "--bind", url], env) as server:
        server.wait_for_answer(f"http://{url}/readyz")
        done = httpx.post(
            f"http://{url}/analyze_section", json={"section": "A", "content": "TODO: write."}, timeout=WAIT_S
        )
        assert done.status_code == 200
        assert [f["anchor"]["exact"] for f in done.json()["findings"]] == ["TODO: write"]
