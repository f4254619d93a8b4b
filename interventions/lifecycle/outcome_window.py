"""When what was done is measured, where a session says nothing else."""

from typing import Final

WINDOW_STARTS: Final = 30
WINDOW_ENDS: Final = 300
"""The outcome is the mean score in this window, in seconds after delivery (or after holding back)."""
