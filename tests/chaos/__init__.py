"""Kills at random points for minutes, and what must be true afterwards: `make chaos`."""
