"""What moved in the last two minutes, in one sentence: chosen by rule, so it is instant and true.

The result is a code with parameters; the wording, in every language, lives with the pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from engagement.scoring.tick_facts import TickFacts
from engagement.vocabulary.signal_kinds import TICK_SECONDS, AnomalyKind

MOVED: Final = 5.0
"""Points of change in two minutes that are worth a sentence."""
LEFT_SHARE: Final = 0.05
LEFT_LEAST: Final = 3
SILENT_TICKS: Final = 18
MIN_PEOPLE: Final = 5
_CHANNELS: Final = ("chat", "polls", "active", "reactions", "questions")
_FELL: Final = MappingProxyType(
    {
        "chat": "chat_quiet",
        "polls": "votes_faded",
        "active": "fewer_active",
        "reactions": "reactions_down",
        "questions": "questions_down",
    }
)
_ROSE: Final = MappingProxyType(
    {
        "chat": "chat_up",
        "polls": "polls_up",
        "active": "more_active",
        "reactions": "reactions_up",
        "questions": "questions_up",
    }
)
_CALM: Final = MappingProxyType(
    {
        "engaged": "lively",
        "steady": "steady",
        "drifting": "drifting",
        "recovering": "coming_back",
        "losing": "still_quiet",
    }
)
_ALARMED: Final = MappingProxyType(
    {
        AnomalyKind.SUDDEN_DROP: "went_quiet",
        AnomalyKind.GRADUAL_DECLINE: "fading",
        AnomalyKind.LOW_ENGAGEMENT: "low",
        AnomalyKind.SOURCE_SILENT: "source_silent",
    }
)
_FALLS: Final = frozenset(
    {AnomalyKind.SUDDEN_DROP, AnomalyKind.GRADUAL_DECLINE, AnomalyKind.LOW_ENGAGEMENT}
)
_SLOWER: Final = MappingProxyType(
    {"chat_quiet": "chat_slower", "reactions_down": "fewer_reactions"}
)
"""What is said instead while the channel is still well alive."""
ALIVE: Final = 0.6
"""This part of the people of two minutes ago: a channel that still has them has not gone quiet."""
_AND_LEFT: Final = MappingProxyType({"chat_quiet": "quiet_and_left"})
CODES: Final = (
    "waiting_for_people",
    "too_few",
    "starting",
    "stream_offline",
    "source_silent",
    "scripted",
    "people_left",
    "quiet_and_left",
    "fell_and_left",
    "people_came",
    "came_back",
    "went_quiet",
    "fading",
    "low",
    *_FELL.values(),
    *_SLOWER.values(),
    *_ROSE.values(),
    *_CALM.values(),
)
"""Every code there is. All have the parameters `phase` (title of the agenda section, may be empty)
and `people` (those concerned: who left, who came, else who is here); source_silent also has
`seconds`, came_back `points`."""


@dataclass(frozen=True, slots=True)
class Headline:
    """A sentence without words yet."""

    code: str
    params: dict[str, str | int]


def headline(
    now: TickFacts,
    before: TickFacts | None,
    points_now: Sequence[float],
    points_before: Sequence[float] | None,
    state: str,
    phase: str,
    alarm: AnomalyKind | None = None,
    turned: bool = False,
) -> Headline:
    """Choose the sentence for a tick.

    `alarm` is the kind of anomaly told in this tick, where there is one: it says what happened.
    `before` and `points_before` are those of the tick that the change is told from, None where there
    is none: two minutes ago, or where `turned` the lowest of a trouble that is over. Points are the
    contributions of a `Score`, `state` its word, `phase` the title of the agenda section.
    """
    special = _special(now, state, phase)
    if special is not None and alarm in (None, AnomalyKind.SOURCE_SILENT):
        return special
    left = _net_loss(before, now)
    if alarm is not None:
        return _alarmed(alarm, left, before, now, phase)
    if before is None or points_before is None:
        return _made(_CALM[state], phase, now.present)
    if turned and sum(points_now) - sum(points_before) >= MOVED:
        points = round(sum(points_now)) - round(sum(points_before))
        return Headline("came_back", {"phase": phase, "people": now.present, "points": points})
    return _changed(now, before, points_now, points_before, state, phase)


def _changed(
    now: TickFacts,
    before: TickFacts,
    points_now: Sequence[float],
    points_before: Sequence[float],
    state: str,
    phase: str,
) -> Headline:
    left = _net_loss(before, now)
    change = sum(points_now) - sum(points_before)
    if change <= -MOVED:
        return _fall(points_now, points_before, left, before, now, phase)
    if _matters(left, before):
        return _made("people_left", phase, left)
    if change >= MOVED:
        return _made(_ROSE[_biggest(points_now, points_before, 1.0)], phase, now.present)
    if _matters(-left, before):
        return _made("people_came", phase, -left)
    return _made(_CALM[state], phase, now.present)


def still_told(kind: str, state: str) -> bool:
    """Whether the sentence of an open alarm still says how the room is: not of a fall, once it rises."""
    return state != "recovering" or kind not in _FALLS


def _special(now: TickFacts, state: str, phase: str) -> Headline | None:
    if now.stream_offline:
        return _made("stream_offline", phase, now.present)
    if not now.heard:
        return _made("waiting_for_people", phase, 0)
    if now.silent_for >= SILENT_TICKS and now.present > 0:
        return Headline(
            "source_silent",
            {"phase": phase, "people": now.present, "seconds": now.silent_for * TICK_SECONDS},
        )
    if state not in _CALM:
        few = max(now.present, now.active_people) < MIN_PEOPLE
        if now.present == 0:
            return _made("waiting_for_people", phase, 0)
        return _made("too_few" if few else "starting", phase, now.present)
    return None


def _alarmed(
    alarm: AnomalyKind, left: int, before: TickFacts | None, now: TickFacts, phase: str
) -> Headline:
    if alarm is AnomalyKind.MASS_EXIT:
        return _made("people_left", phase, max(left, now.leaves))
    if alarm is AnomalyKind.SUDDEN_DROP and before is not None and _matters(left, before):
        return _made("quiet_and_left", phase, left)
    return _made(_ALARMED[alarm], phase, now.present)


def _net_loss(before: TickFacts | None, now: TickFacts) -> int:
    """People fewer than two minutes ago; negative when there are more, 0 where nobody tells."""
    if before is None or not (before.presence_known and now.presence_known):
        return 0
    return before.present - now.present


def _matters(people: int, before: TickFacts) -> bool:
    return people >= max(LEFT_LEAST, LEFT_SHARE * before.present)


def _fall(
    points_now: Sequence[float],
    points_before: Sequence[float],
    left: int,
    before: TickFacts,
    now: TickFacts,
    phase: str,
) -> Headline:
    points_now = _without_faded_poll(points_now, points_before, now)
    code = _FELL[_biggest(points_now, points_before, -1.0)]
    if _is_alive(code, before, now):
        code = _SLOWER[code]
    by_leaving = points_now[5] - points_before[5]
    by_channel = min(points_now[i] - points_before[i] for i in range(5))
    if not _matters(left, before):
        return _made(code, phase, now.present)
    if by_leaving < by_channel:
        return _made("people_left", phase, left)
    return _made(_AND_LEFT.get(code, "fell_and_left"), phase, left)


def _is_alive(code: str, before: TickFacts, now: TickFacts) -> bool:
    if code == "chat_quiet":
        return now.chat_people >= ALIVE * before.chat_people
    if code == "reactions_down":
        return now.reaction_people >= ALIVE * before.reaction_people
    return False


def _without_faded_poll(
    points_now: Sequence[float], points_before: Sequence[float], now: TickFacts
) -> Sequence[float]:
    """A poll that closed fades out of the score; nobody fell silent by that."""
    if now.poll_closed_for < 0:
        return points_now
    return (points_now[0], points_before[1], *points_now[2:])


def _biggest(points_now: Sequence[float], points_before: Sequence[float], sign: float) -> str:
    """The channel that moved most in a direction."""
    moves = [sign * (points_now[i] - points_before[i]) for i in range(5)]
    return _CHANNELS[moves.index(max(moves))]


def _made(code: str, phase: str, people: int) -> Headline:
    return Headline(code, {"phase": phase, "people": people})
