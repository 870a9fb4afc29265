"""LiteLLM's router as its documentation says: requests a minute of the deployment, held before each call.

``python client.py``, in an environment of its own: reads jobs as JSON lines from stdin as they come, runs
sixteen at a time, ends when stdin does and prints how many failed.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys

import litellm

SLOTS = 16


def open_router() -> litellm.Router:
    """One deployment; calls beyond its limit wait and are tried again."""
    limits = {"rpm": int(float(os.environ["PEER_RPM"]))}
    params = {
        "model": f"anthropic/{os.environ['CLAUDE_MODEL']}",
        "api_base": os.environ["ANTHROPIC_BASE_URL"],
        "api_key": "key",
        **limits,
    }
    return litellm.Router(
        model_list=[{"model_name": "claude", "litellm_params": params}],
        routing_strategy="usage-based-routing-v2",
        enable_pre_call_checks=True,
        num_retries=3,
    )


async def main() -> None:
    """Run what comes."""
    router, slots, failed = open_router(), asyncio.Semaphore(SLOTS), 0

    async def run(content: str) -> None:
        nonlocal failed
        async with slots:
            try:
                messages = [{"role": "user", "content": content}]
                await router.acompletion(model="claude", messages=messages, max_tokens=1000)
            except Exception:
                failed += 1

    print("ready", flush=True)
    loop, tasks = asyncio.get_running_loop(), set()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        task = asyncio.create_task(run(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    print(f"failed {failed}", flush=True)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
