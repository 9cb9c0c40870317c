"""Measurements beside peers: equality first, then ratios taken in one run.

``python -m benchmarks.run`` lists and runs them. Nothing here gates a test: seconds
depend on the machine, and are printed with it.
"""
