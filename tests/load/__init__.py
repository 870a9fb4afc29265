"""Benchmarks: how fast it starts, takes work, answers, and shows what happens. Run ``make bench``."""
