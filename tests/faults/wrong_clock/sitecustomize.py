"""For a process with this folder in its PYTHONPATH: a clock that is wrong by CLOCK_SHIFT_S seconds."""

import os
import sys
import time

_shift_s = int(os.environ["CLOCK_SHIFT_S"])
_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + _shift_s
time.time_ns = lambda: _time_ns() + _shift_s * 1_000_000_000
print(f"wrong_clock shift_s={_shift_s} now={time.time():.0f} true={_time():.0f}", file=sys.stderr, flush=True)
