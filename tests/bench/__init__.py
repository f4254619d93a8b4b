"""Benchmarks: speed, detection, the bandit, crowds. Each is a module to run."""
