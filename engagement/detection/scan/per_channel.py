"""Chat alone and reactions alone: while one floods, the sum of both hides that the other stopped."""

from typing import Any, Final

from engagement.detection.base import DetectorTick
from engagement.detection.scan.rate_scan import NOTHING, Evidence, Scan
from engagement.detection.scan.scan_options import ScanShape

STRIDE: Final = 3
"""Looked at every 15 s: the sum is the first to see what both channels show."""
SHAPE: Final = ScanShape(
    windows=(2, 7),
    half_life=20.0,
    lag=2,
    prior_ticks=20.0,
    iv_half_life=40.0,
    warm=8,
    freeze_ticks=16,
    carries=(0.9, 0.9),
    local_half_life=1.5,
    min_expected=5.0,
)
"""In steps of 15 s. At least 10 acts a minute must be expected of the channel."""
_QUIET: Final = (NOTHING, NOTHING)


class Alone:
    """Evidence of each of the two channels, where both are in use."""

    __slots__ = ("_acts", "_both", "_chat", "_found", "_people", "_reactions", "_ticks", "_voted")

    def __init__(self, prior_iv: float) -> None:
        self._chat = Scan(SHAPE, prior_iv)
        self._reactions = Scan(SHAPE, prior_iv)
        self._found: tuple[Evidence, Evidence] = _QUIET
        self._ticks = 0
        # Of the step under way: chats, reactions, exposure, votes.
        self._acts = [0, 0]
        self._people = 0.0
        self._voted = 0
        self._both = [False, False]

    def turn(self) -> None:
        """A new phase begins."""
        self._chat.turn()
        self._reactions.turn()

    def step(self, tick: DetectorTick, people: float) -> tuple[Evidence, Evidence]:
        """Take one tick in: evidence that chat stopped, and that reactions did.

        It stands until the next look. With one channel only, the sum says all; and while a poll
        takes votes, chat may rest.
        """
        acts = self._acts
        acts[0] += tick.chat
        acts[1] += tick.reactions
        self._people += people
        self._voted += tick.votes
        self._ticks += 1
        if self._ticks == STRIDE:
            self._found = self._look(*acts)
            self._ticks = self._voted = 0
            self._acts, self._people = [0, 0], 0.0
        return self._found

    def _look(self, chats: int, reactions: int) -> tuple[Evidence, Evidence]:
        both = self._both
        both[0], both[1] = both[0] or chats > 0, both[1] or reactions > 0
        if not (both[0] and both[1]):
            return _QUIET
        chat = self._chat.step(float(chats), self._people)
        reaction = self._reactions.step(float(reactions), self._people)
        if self._voted or not (chat.z or reaction.z):
            return _QUIET
        return _in_ticks(chat), _in_ticks(reaction)

    def to_json(self) -> list[Any]:
        """The state."""
        return [
            self._ticks,
            self._acts,
            self._people,
            self._both,
            self._voted,
            [list(each) for each in self._found],
            self._chat.to_json(),
            self._reactions.to_json(),
        ]

    @classmethod
    def from_json(cls, data: list[Any]) -> "Alone":
        """Continue from a state."""
        made = cls(0.0)
        made._ticks, made._acts, made._people = data[0], list(data[1]), data[2]
        made._both, made._voted = list(data[3]), data[4]
        chat, reactions = (Evidence(*each) for each in data[5])
        made._found = (chat, reactions)
        made._chat = Scan.from_json(SHAPE, data[6])
        made._reactions = Scan.from_json(SHAPE, data[7])
        return made


def _in_ticks(evidence: Evidence) -> Evidence:
    return evidence._replace(window=evidence.window * STRIDE) if evidence.z else NOTHING
