"""Case after case in a process of its own, because a PDF can take the process with it.

``python -m tests.fuzzing.run FIRST SECONDS`` prints a JSON line a case: its number, what came of it, its seconds of
computing, and for an exception what it was. A number that is announced and never told of ended the process.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import traceback

from tests.fuzzing.case import case_of, check

MEMORY_BYTES = 2 * 1024**3
"""More than a parser has, so that what is written besides has room."""


def main() -> None:
    """Go on until the time is up."""
    number, end = int(sys.argv[1]), time.monotonic() + float(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    while time.monotonic() < end:
        _say({"begins": number})
        _say(_told(number))
        number += 1


def _told(number: int) -> dict[str, object]:
    case = case_of(number)
    began = time.process_time()
    try:
        outcome, error = f"{case.specimen.format} {check(case)}", ""
    except MemoryError:  # of a parser it is a refusal, see `tasks.documents.child`
        outcome, error = f"{case.specimen.format} out of memory", ""
    except Exception:  # what is looked for
        outcome, error = "uncaught", traceback.format_exc(limit=-5)
    return {"number": number, "outcome": outcome, "seconds": time.process_time() - began, "error": error}


def _say(fact: dict[str, object]) -> None:
    print(json.dumps(fact), flush=True)  # the parent reads it


if __name__ == "__main__":
    main()
