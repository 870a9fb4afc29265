"""An hour of traffic in seconds: the same admission code against a virtual clock and a virtual account.

``python -m tests.simulation.traffic SCENE SEED`` plays one and prints its figures.
"""
