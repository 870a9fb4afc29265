"""A deterministic simulation of the state machine: the real rules, a virtual clock, and every fault that a
seed can think of. ``python -m tests.simulation SEED`` replays one seed and says what happened.
"""
