"""One way of logging for every process: events with fields, never a document's text or a key."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, Literal

import structlog

LogFormat = Literal["auto", "json", "text"]

_SECRET_NAMES: Final = re.compile(r"(?i)(secret|token|api_?key|authorization|password|cookie)")
_SECRET_TEXT: Final = re.compile(r"sk-ant-[\w-]+|(?i:bearer)\s+[\w.~+/-]+=*|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
HIDDEN: Final = "[hidden]"


def configure_logs(log_format: LogFormat, level: int | str = logging.INFO) -> None:
    """Send structlog's events and the libraries' own log lines to standard error in one form: JSON
    lines, or text for people. ``auto`` is text on a terminal and JSON elsewhere.

    Tracebacks come without local variables: they would hold documents.
    """
    as_text = log_format == "text" or (log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
        if as_text
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("httpx", "httpx2", "httpcore", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)  # one line for every call says nothing new


def hide_secrets(logger: Any, method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide fields whose name says that they are secret, and keys and passwords inside texts."""
    for name, value in fields.items():
        if _SECRET_NAMES.search(name):
            fields[name] = HIDDEN
        elif isinstance(value, str):
            fields[name] = _SECRET_TEXT.sub(HIDDEN, value)
    return fields
