"""The score of a room: 0 to 100, 50 = as expected for this kind of session and phase."""

from engagement.scoring.state import POINT_NAMES, Score, ScoreState
from engagement.scoring.step import step
from engagement.scoring.weights import CHANNELS, Profile, ProfileError

DEFAULT = Profile()

__all__ = [
    "CHANNELS",
    "DEFAULT",
    "POINT_NAMES",
    "Profile",
    "ProfileError",
    "Score",
    "ScoreState",
    "step",
]
