"""The recipe that many start from: Celery tasks that call Claude, retried by Celery and by the SDK.

``celery -A tests.load.peers.recipe_worker worker``. ``RECIPE_RATE`` is the rate limit of the task, as Celery
has it: each worker keeps it for itself. Empty: none, and no retries but the SDK's own.
"""

from __future__ import annotations

import os
from typing import Final

import anthropic
from celery import Celery

QUEUE: Final = "recipe"
TASK: Final = "recipe.analyze_section"
MAX_TOKENS: Final = 1_000

app = Celery("recipe", broker=os.environ.get("RECIPE_BROKER"), set_as_current=False)
app.conf.update(
    task_ignore_result=True, task_default_queue=QUEUE, worker_prefetch_multiplier=1, worker_hijack_root_logger=False
)
_rate = os.environ.get("RECIPE_RATE") or None
_retried = {
    "autoretry_for": (Exception,), "retry_backoff": True, "retry_backoff_max": 600, "retry_jitter": True,
    "max_retries": 3,
}  # fmt: skip


@app.task(name=TASK, rate_limit=_rate, ignore_result=True, **(_retried if _rate else {}))
def analyze_section(content: str) -> str:
    """Ask for feedback on one section."""
    client = anthropic.Anthropic(api_key="key")
    answer = client.messages.create(
        model=os.environ["CLAUDE_MODEL"], max_tokens=MAX_TOKENS, messages=[{"role": "user", "content": content}]
    )
    return str(answer.content)
