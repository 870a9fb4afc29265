"""How good what Galley says and writes is: long measurements, run by ``make quality``."""
