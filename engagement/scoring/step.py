"""One step of the score: facts of a tick in, state and score out.

    x = distinct people / people present          per channel
    s = 100 x / (x + m)                           m = expected share, part of it the room's own
    E = sum(w c s) / sum(w c)                     c = in use and fresh, 0 to 1
    value = E + carry - leaving

x counts people over a window that ends with the tick. When the level of the room has changed
(`engagement.detection.level_change`), no window reaches back behind the change: x and m are of what
came since. Fewer ticks say less, and the band is wider.

When a c changes (a poll opens, fades, a channel is used for the first time), E changes without
anybody having behaved differently. A fall of that kind is set aside as carry, a rise uses carry up
first. Carry shrinks in proportion when E falls below where it was set aside: silence still takes
the score to 0.
"""

from typing import Final

from engagement.scoring.channels import Counts, Reading, Setting, advance
from engagement.scoring.state import NO_SCORE, Points, Score, ScoreState
from engagement.scoring.state_word import next_word
from engagement.scoring.tick_facts import TickFacts
from engagement.scoring.weights import Profile

MIN_PEOPLE: Final = 5
MIN_TICKS: Final = 6
_QUIET_STEP: Final = 1 / 24
"""Expectations follow a change of phase over 120 s."""
_CROWD_DECAY: Final = 0.5 ** (1 / 240)
"""An audience that nobody counts is believed to thin out with a half-life of 20 minutes."""
_CROWD_TICKS: Final = 12.0
"""Half of the windows of two minutes: so long ago, on average, did those act whom they count."""
_HEARD_TICKS: Final = 120
"""People heard are counted over this window."""
_HEARD_POWER: Final = 0.6
"""Distinct people grow like this power of the time they are counted over, as some talk more than
others: from 2 to 10 min by 0.45 to 0.6 in simulated audiences, by 0.64 and 0.69 in recordings."""
_LEAVE_DECAY: Final = 11 / 12
_LEAVE_SPAN: Final = 0.15
"""This share too many leaving within a minute costs all the points that leaving can cost."""
_Z80: Final = 1.2816
_HISTORY: Final = 24


def step(
    state: ScoreState, profile: Profile, facts: TickFacts, quiet_phase: bool = False
) -> tuple[ScoreState, Score]:
    """Score one tick. `quiet_phase`: a break or the end, when little is expected and leaving is
    no fault.

    Fewer than 5 people, or less than 30 s with them, give no value. Every value depends on shares
    only: twice the people behaving alike score the same.
    """
    leaving = _leaving(state, facts)
    heard_for = _heard_for(state, facts)
    people = max(facts.present, facts.active_people)
    if people < MIN_PEOPLE:
        waiting = state._replace(
            present=facts.present,
            leaving=leaving,
            word="none",
            heard_for=heard_for,
        )
        return waiting, NO_SCORE
    quiet = _towards(state.quiet, 1.0 if quiet_phase else 0.0)
    crowd = float(people)
    if not facts.presence_known:
        crowd = max(crowd, state.crowd * _CROWD_DECAY)
    elif not facts.since_change:
        # Of those who went some are still among the people counted.
        crowd = max(crowd, state.crowd + (crowd - state.crowd) / _CROWD_TICKS)
    setting = Setting(
        profile,
        profile.expected if facts.presence_known else profile.expected_unseen,
        max(crowd, people * _unheard_factor(heard_for)),
        1.0 - quiet * (1.0 - profile.quiet_factor),
        quiet == 0.0,
        facts.poll_age >= 0 and (state.poll_age < 0 or facts.poll_age <= state.poll_age),
    )
    everyone = advance(state.everyone, _counts(facts), facts, setting)
    organic = _organic(state, facts, setting)
    penalty = _penalty(leaving, profile) * (1.0 - quiet)
    value, points = _penalised(everyone, penalty)
    values = (*state.values, value)[-_HISTORY:]
    told = state.age + 1 >= MIN_TICKS
    word, came_back = ("none", 0)
    if told:
        word, came_back = next_word(state.word, state.came_back, values, profile)
    after = ScoreState(
        everyone.track,
        None if organic is None else organic.track,
        state.age + 1,
        facts.present,
        crowd,
        leaving,
        quiet,
        facts.poll_age,
        values,
        word,
        came_back,
        heard_for,
    )
    if not told:
        return after, NO_SCORE
    band = _Z80 * everyone.spread
    organic_value = value if organic is None else _penalised(organic, penalty)[0]
    low, high = max(0.0, value - band), min(100.0, value + band)
    return after, Score(value, low, high, organic_value, points, word)


def _towards(value: float, target: float) -> float:
    if value < target:
        return min(target, value + _QUIET_STEP)
    return max(target, value - _QUIET_STEP)


def _heard_for(state: ScoreState, facts: TickFacts) -> int:
    if facts.presence_known:
        return 0
    return state.heard_for + (state.heard_for > 0 or facts.active_people > 0)


def _unheard_factor(heard_for: int) -> float:
    """How many times more people will have been heard once the window is full: without it the
    audience would seem to grow, and its share that takes part to shrink, for ten minutes."""
    if not 0 < heard_for < _HEARD_TICKS:
        return 1.0
    return float((_HEARD_TICKS / heard_for) ** _HEARD_POWER)


def _leaving(state: ScoreState, facts: TickFacts) -> float:
    """Share that left lately; a platform that gives only a number shows net losses."""
    share = 0.0
    if facts.presence_known and state.present > 0:
        left = facts.leaves if facts.leaves_known else state.present - facts.present
        share = max(-1.0, min(1.0, left / state.present))
    return max(0.0, state.leaving * _LEAVE_DECAY + share)


def _penalty(leaving: float, profile: Profile) -> float:
    excess = (leaving - profile.leave_expected) / _LEAVE_SPAN
    return profile.leave_weight * max(0.0, min(1.0, excess))


def _penalised(reading: Reading, penalty: float) -> tuple[float, Points]:
    taken = min(penalty, reading.value)
    chat, polls, active, reactions, questions, _, carry = reading.points
    points = (chat, polls, active, reactions, questions, -taken, carry)
    return reading.value - taken, points


def _counts(facts: TickFacts) -> Counts:
    return (
        facts.chat_people,
        facts.poll_voters,
        facts.active_people,
        facts.reaction_people,
        facts.question_people,
    )


def _organic(state: ScoreState, facts: TickFacts, setting: Setting) -> Reading | None:
    """The organic reading, or None as long as nothing was ever induced.

    A poll of our own is no channel of the organic score.
    """
    ours = facts.poll_induced
    counts = (
        facts.organic_chat_people,
        0 if ours else facts.organic_poll_voters,
        facts.organic_active_people,
        facts.organic_reaction_people,
        facts.organic_question_people,
    )
    if state.organic is None and not ours and counts == _counts(facts):
        return None
    track = state.everyone if state.organic is None else state.organic
    return advance(track, counts, facts, setting._replace(polls_count=not ours))
