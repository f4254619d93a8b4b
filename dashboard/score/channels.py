"""How fully each channel counted at each tick, and what of a change people caused by their acts.

    points of a channel = a * s      a = w c / sum(w c), s = 100 x / (x + m)

When a poll fades, every a changes, though nobody behaves differently: the polls' points go, all
others' rise. What people did is a * (change of s); the rest, together with the carry that answers
it, is a change of what is counted. The c are worked out again from the rows, by the rules of
`engagement.scoring` (a test holds the two together).
"""

from collections.abc import Sequence
from typing import Final

from dashboard.page_data.tick_values import Moment
from engagement.scoring import Profile

Five = tuple[float, float, float, float, float]
POLLS: Final = 1
MIN_PEOPLE: Final = 5
_NOTHING: Final[Five] = (0.0, 0.0, 0.0, 0.0, 0.0)
_RAMP: Final = 1 / 12
_POLL_RAMP: Final = 1 / 3
_FADE: Final = 1 / 24
_VOTES_FRESH: Final = 24


def freshness(moments: Sequence[Moment]) -> list[Five]:
    """Return c (0 to 1) of chat, polls, active people, reactions, questions at each moment.

    Right from a minute after the first moment on, and from two minutes on for polls.
    """
    fresh, found, before, vote_age = _NOTHING, [], None, 0
    for moment in moments:
        if max(moment.present, moment.active_people) >= MIN_PEOPLE:
            is_new = moment.poll_age >= 0 and (
                before is None or before.poll_age < 0 or moment.poll_age <= before.poll_age
            )
            grew = is_new or moment.poll_voters > (before.poll_voters if before else 0)
            vote_age = 0 if grew else vote_age + 1
            polls = _polls(0.0 if is_new else fresh[POLLS], moment, vote_age)
            if moment.since_change and (
                moment.poll_closed_for >= 0 or vote_age >= moment.since_change
            ):
                polls = 0.0
            fresh = (
                _ramped(fresh[0], moment.chat_people),
                polls,
                1.0,
                _ramped(fresh[3], moment.reaction_people),
                _ramped(fresh[4], moment.question_people),
            )
            before = moment
        found.append(fresh)
    return found


def _ramped(c: float, people: int) -> float:
    return min(1.0, c + _RAMP) if c or people else 0.0


def _polls(c: float, moment: Moment, vote_age: int) -> float:
    if moment.poll_age < 0:
        return c
    if moment.poll_closed_for >= 0 or vote_age > _VOTES_FRESH:
        return max(0.0, c - _FADE)
    return c if moment.poll_age < 1 else min(1.0, c + _POLL_RAMP)


def behaviour(
    now: Sequence[float], then: Sequence[float], fresh: tuple[Five, Five], profile: Profile
) -> list[float]:
    """Return what people did to the points of each channel: mean a times the change of s.

    `now` and `then` are points of the five channels, `fresh` the c of then and now. A channel that
    did not count at one of the two moments cannot have changed by what people did.
    """
    old, new = (_shares(profile, each) for each in fresh)
    return [
        0.0 if not (a and b) else (a + b) / 2 * (points / b - before / a)
        for points, before, a, b in zip(now, then, old, new, strict=True)
    ]


def _shares(profile: Profile, fresh: Five) -> list[float]:
    weighted = [w * c for w, c in zip(profile.weights, fresh, strict=True)]
    whole = sum(weighted)
    return [each / whole if whole else 0.0 for each in weighted]
