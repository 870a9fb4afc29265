"""``python -m tests.load.presser PORT SECONDS``: submissions as fast as they are answered.

A process of its own, for a server that runs in the process that starts it. Prints how many there
were; it fails when one was not accepted.
"""

from __future__ import annotations

import sys

import uvloop

from tests.load.http_load import press
from tests.load.submissions import CONNECTIONS, plain_request


async def count_answers(port: int, seconds: float) -> int:
    """Press, and count."""
    plain = plain_request()
    load = await press(port, lambda: plain, connections=CONNECTIONS, seconds=seconds)
    assert load.others(202) == 0, f"there were other answers than 202: {dict(load.statuses)}"
    return load.statuses[202]


if __name__ == "__main__":
    print(uvloop.run(count_answers(int(sys.argv[1]), float(sys.argv[2]))))
