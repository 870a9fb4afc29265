"""``python -m tests.simulation.traffic SCENE SEED``: play one and print its figures."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

from tests.simulation.traffic.judge import Judge
from tests.simulation.traffic.scenes import scenes_of
from tests.simulation.traffic.traffic import play


def main() -> None:
    """Play and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.traffic", description=__doc__)
    parser.add_argument("scene", choices=sorted(scenes_of(1)))
    parser.add_argument("--rpm", type=float, default=120)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--minutes", type=float)
    given = parser.parse_args()
    scene = scenes_of(given.rpm)[given.scene]
    if given.minutes:
        scene = replace(scene, minutes=given.minutes)
    began = time.perf_counter()
    traffic = play(scene, given.seed, print)
    print(f"played in {time.perf_counter() - began:.1f} s")
    _print(Judge(traffic), "all")
    for begin in range(0, int(scene.minutes), 5):
        _print(Judge(traffic, begin * 60_000, (begin + 5) * 60_000), f"{begin}..{begin + 5}")
    judge = Judge(traffic, 120_000)
    print("shares", {name: f"{100 * share:.1f}" for name, share in judge.shares().items()})
    print("max-min", {name: f"{100 * share:.1f}" for name, share in judge.fair_shares().items()})
    print(f"failed {len(traffic.failed)}, longest wait {judge.longest_wait_s():.0f} s")


def _print(judge: Judge, name: str) -> None:
    print(
        f"{name:>8}: used {100 * judge.used:6.2f} %, 429s {judge.refused} ({100 * judge.refused_share:.2f} %), "
        f"Jain {judge.fairness:.4f}, flood {judge.off_share('flood'):+.2f} points, "
        f"light p95 {judge.wait_s('light'):.1f} s, estimate off by {100 * judge.estimate_error:.0f} %"
    )


if __name__ == "__main__":
    main()
