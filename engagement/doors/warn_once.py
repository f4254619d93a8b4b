"""Sentences for the operator that are said once: what is wrong stays wrong with every request."""

import logging
from typing import Final

MOST_TOLD: Final = 20
"""Different sentences of one kind that a process says; whoever sends made-up names neither fills the log
nor keeps it from saying what else is wrong."""
_told: dict[str, set[str]] = {}


def warn_once(logger: logging.Logger, kind: str, sentence: str) -> None:
    """Log a sentence as a warning, the first time it is said in this process.

    kind: what it is about; all of one kind share a budget.
    """
    said = _told.setdefault(kind, set())
    if sentence not in said and len(said) < MOST_TOLD:
        said.add(sentence)
        logger.warning("%s", sentence)
