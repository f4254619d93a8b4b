"""Signing in, one's devices, and the dashboard on a phone."""
