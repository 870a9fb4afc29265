"""``python -m tests.quality [NAME ...] [--quick]``: measures sections by name, all of them without a name.

The status is 1 when a target is missed. ``make quality`` runs it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from typing import Final

from tests.quality import findings, fuzzing, hostile, office
from tests.quality.report import Report, Section

SECTIONS: Final[dict[str, Section]] = {
    "findings": findings.measure,
    "fuzzing": fuzzing.measure,
    "hostile": hostile.measure,
    "office": office.measure,
}


def main() -> int:
    """Measure, print, and say by the exit status whether all targets are kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--quick", action="store_true", help="a small part of each: shows that they work")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - set(SECTIONS))
    if unknown:
        parser.error(f"there is no section {unknown[0]}; choose of {', '.join(SECTIONS)}")
    reports = asyncio.run(_measured(given.names or list(SECTIONS), given.quick))
    missed = [str(target) for report in reports for target in report.targets if not target.holds]
    print("\n".join(["All that was promised is kept." if not missed else "Missed:", *missed]), flush=True)
    return 1 if missed else 0


async def _measured(names: list[str], quick: bool) -> list[Report]:
    reports = []
    for name in names:
        print(f"# {name}", flush=True)
        began = time.monotonic()
        report = await SECTIONS[name](quick)
        took = f"{name} took {time.monotonic() - began:.0f} s"
        print("\n".join([*report.text, "", *(f"- {target}" for target in report.targets), "", took, ""]), flush=True)
        reports.append(report)
    return reports


if __name__ == "__main__":
    sys.exit(main())
