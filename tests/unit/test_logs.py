"""What a log line may say."""

from __future__ import annotations

import json
import subprocess
import sys

from tasks.logs import HIDDEN, hide_secrets

PROGRAM = """
import logging, sys
import structlog
from tasks.logs import configure_logs
configure_logs(sys.argv[1])
document_text = "the text of a private document"
structlog.get_logger("galley").info("task_started", task_id="t1", api_key="k")
logging.getLogger("library").warning("at %s", "redis://me:pass@host/0")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger("galley").exception("attempt_failed")
"""


def _said(log_format: str) -> str:
    done = subprocess.run([sys.executable, "-c", PROGRAM, log_format], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr


def test_logs_are_json_lines_with_fields_when_nobody_watches() -> None:
    first, library, crash = map(json.loads, _said("auto").splitlines())
    assert (first["event"], first["task_id"], first["level"], first["api_key"]) == (
        "task_started",
        "t1",
        "info",
        HIDDEN,
    )
    assert library["event"] == f"at redis://{HIDDEN}@host/0"
    assert "ZeroDivisionError" in crash["exception"]


def test_tracebacks_hold_no_local_variables() -> None:
    for log_format in ("json", "text"):
        said = _said(log_format)
        assert "ZeroDivisionError" in said
        assert "private document" not in said


def test_secrets_are_hidden_by_name_and_inside_texts() -> None:
    fields = hide_secrets(None, "info", {"event": "call with sk-ant-abc123 and Bearer abc.def", "token": "x", "n": 3})
    assert fields == {"event": f"call with {HIDDEN} and {HIDDEN}", "token": HIDDEN, "n": 3}
