"""The whole hostile collection over HTTP, and how long large honest files take meanwhile and alone."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Final

from tasks.documents.reader import read_document
from tests.corpus.shelf import READABLE, THREATS
from tests.quality.report import Report, Target
from tests.siege import besieged

QUICK: Final = 12
CHILD_MIB: Final = 1024


async def measure(quick: bool) -> Report:
    """All hostile files, two at once, to one real server; then the two of three hundred pages."""
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        async with besieged(Path(folder)) as siege:
            outcomes = await siege.send(THREATS[:QUICK] if quick else THREATS)
    wrong = [found for found in outcomes if not found.threat.allows(found.outcome)]
    slowest = sorted(outcomes, key=lambda found: -found.seconds)[:8]
    rows = [(found.threat.name, found.outcome or "read", f"{found.seconds:.2f}") for found in slowest]
    report.add_table(f"The slowest of {len(outcomes)} hostile files", ("file", "became", "seconds"), rows)
    report.text += ["", *(f"WRONG: {found.threat.name}: {found.outcome or 'read'}" for found in wrong)]
    report.text.append(f"median of /healthz {siege.usual_health_s * 1000:.0f} ms")
    report.targets += [
        Target("hostile files that became something else", len(wrong), 0, at_least=False),
        Target("slowest answer to a hostile file", slowest[0].seconds, 10, at_least=False, unit=" s"),
        Target("slowest /healthz meanwhile", max(siege.health_s), 1, at_least=False, unit=" s"),
        Target("growth of the server's memory", siege.growth_mib, 96, at_least=False, unit=" MiB"),
        Target("largest parser", siege.child_mib, CHILD_MIB, at_least=False, unit=" MiB"),
        *[await _three_hundred_pages(ending) for ending in ("docx", "pdf")],
    ]
    return report


async def _three_hundred_pages(ending: str) -> Target:
    name = f"three hundred pages.{ending}"
    data = next(specimen.make() for specimen in READABLE if specimen.name == name)
    began = time.monotonic()
    await read_document(data, name)
    return Target(f"{name} read", time.monotonic() - began, 4, at_least=False, unit=" s")
