"""Sentences for the operator that are said once: what is wrong stays wrong with every request."""

import logging
from typing import Final

MOST_TOLD: Final = 100
"""Different sentences a process says; whoever sends made-up names cannot fill the log."""
_told: set[str] = set()


def warn_once(logger: logging.Logger, sentence: str) -> None:
    """Log a sentence as a warning, the first time it is said in this process."""
    if sentence not in _told and len(_told) < MOST_TOLD:
        _told.add(sentence)
        logger.warning("%s", sentence)
