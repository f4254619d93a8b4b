"""Who sends."""

from enum import StrEnum, unique


@unique
class Mode(StrEnum):
    """Who sends: the organizer, the agent above a line of confidence, or the agent. Stored in rows."""

    MANUAL = "manual"
    SEMI_AUTO = "semi_auto"
    AUTO = "auto"
