"""The scenes, by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.simulation.traffic.scene import TYPICAL_INPUT, TYPICAL_OUTPUT, Change, Scene, Trouble, ten_owners
from tests.simulator.options import Options

ROOMY: Final = 5_000
"""Tokens for each request that the limits allow: more than any call takes."""


def scenes_of(rpm: float) -> dict[str, Scene]:
    """All scenes for an account that allows ``rpm`` tasks a minute."""
    requests = Options(rpm=rpm, input_tpm=rpm * ROOMY, output_tpm=rpm * ROOMY)
    burst = (Trouble(at_s=600, for_s=20, share=0.5),)
    base = Scene("requests", requests, ten_owners(rpm), minutes=20, troubles=burst)
    calm = replace(base, troubles=())
    every = (
        replace(base, minutes=60),
        replace(base, name="input", limits=replace(requests, rpm=10 * rpm, input_tpm=rpm * TYPICAL_INPUT)),
        replace(base, name="output", limits=replace(requests, rpm=10 * rpm, output_tpm=rpm * TYPICAL_OUTPUT)),
        replace(calm, name="short_burst", limits=replace(requests, burst_s=6)),
        replace(calm, name="believed_high", believed=1.25, minutes=15),
        replace(calm, name="believed_low", believed=0.8, minutes=15),
        replace(calm, name="believed_high_untold", believed=1.25, tells=False),
        replace(calm, name="nothing_told", tells=False),
        replace(calm, name="lowered_and_raised", minutes=30, changes=(Change(600, 0.5), Change(1_200, 1.0))),
        replace(calm, name="outage", minutes=30, troubles=(Trouble(600, 600, "reset"),)),
        replace(calm, name="slow", troubles=(Trouble(600, 300, "slow", slowness=4.0),)),
        replace(calm, name="crowded", concurrency=int(rpm / 20), slots=int(rpm)),
    )
    return {scene.name: scene for scene in every}
