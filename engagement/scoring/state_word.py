"""The one word for the state of a room, with hysteresis so that it does not flicker."""

from typing import Final

from engagement.scoring.weights import Profile

_ENGAGED_SLACK: Final = 3.0
_LOSING_SLACK: Final = 2.0
_DRIFT: Final = 5.0
_DRIFT_SLACK: Final = 2.0
_RECOVERY_TICKS: Final = 24


def next_word(
    word: str, came_back: int, values: tuple[float, ...], profile: Profile
) -> tuple[str, int]:
    """The word after the last of `values` (120 s of them), and the ticks left of a recovery.

    engaged from 70 (kept down to 67), losing below 45 (kept up to 47). Between them: drifting after
    a fall of 5 points in 120 s (kept while 3 remain), recovering for 120 s after losing and for as
    long as it still rises that much, else steady.
    """
    if not values:
        return "none", 0
    value = values[-1]
    fell = values[0] - value
    if value >= profile.engaged_from - (_ENGAGED_SLACK if word == "engaged" else 0.0):
        return "engaged", 0
    if value < profile.losing_below + (_LOSING_SLACK if word == "losing" else 0.0):
        return "losing", _RECOVERY_TICKS
    if fell >= _DRIFT - (_DRIFT_SLACK if word == "drifting" else 0.0):
        return "drifting", 0
    if came_back > 0 or (word == "recovering" and -fell >= _DRIFT):
        return "recovering", max(0, came_back - 1)
    return "steady", 0


def troubled_word(word: str, value: float, rose: float, profile: Profile) -> str:
    """The word while an alarm of the audience is open: never that all is as usual.

    losing below 45 (kept up to 47), recovering once it rose 5 points from its lowest (kept while 3
    remain), else drifting.
    """
    if value < profile.losing_below + (_LOSING_SLACK if word == "losing" else 0.0):
        return "losing"
    rising = rose >= _DRIFT - (_DRIFT_SLACK if word == "recovering" else 0.0)
    return "recovering" if rising else "drifting"


def back_word(word: str, value: float, profile: Profile) -> str:
    """The word of a room that has just come back: recovering, or engaged as ever from 70."""
    slack = _ENGAGED_SLACK if word == "engaged" else 0.0
    return "engaged" if value >= profile.engaged_from - slack else "recovering"
