"""``python -m tests.load.cold_start``: from an empty folder to the first answered request.

Clones this repository (what is committed), and runs ``make run`` in the clone as on a bare machine: no
environment, no page, no uv, and none of the caches that earlier installations left. Fetching the
packages is part of it, so the network is, too; for this reason it is no part of ``make bench``.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from tests.load.figures import Figure, Outcome, Target, table
from tests.load.ground import clean_environment
from tests.load.machine import Machine
from tests.load.start import seconds_to_ready
from tests.processes import ROOT, own_port

_TARGET_S: Final = 60.0
_PATIENCE: Final = 20
_CACHES: Final = ("UV_CACHE_DIR", "PIP_CACHE_DIR", "npm_config_cache", "XDG_CACHE_HOME")


def main() -> None:
    """Measure as often as asked, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.cold_start", description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--keep-caches", action="store_true", help="let uv, pip and npm use what they have cached")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="galley-") as folder:
        print(Machine.seen_from(Path(folder)))
    runs = tuple(_start_cold(given.keep_caches) for _ in range(given.runs))
    words = "caches kept" if given.keep_caches else "no caches"
    figure = Figure(f"make run in an empty clone, {words}", "s", runs, Target(_TARGET_S))
    print(table([Outcome("Cold start", [figure])]))


def _start_cold(keep_caches: bool) -> float:
    with tempfile.TemporaryDirectory(prefix="galley-") as name:
        folder = Path(name)
        clone = folder / "galley"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        caches = {} if keep_caches else {variable: str(folder / "caches" / variable) for variable in _CACHES}
        env = clean_environment(folder / "data", own_port(), **caches)
        # a uv that somebody has installed here would spare the clone a step
        return seconds_to_ready(["make", "run", "UV=.tools/bin/uv"], env, clone, patience=_PATIENCE)


if __name__ == "__main__":
    main()
