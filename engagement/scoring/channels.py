"""The channels of the score: shares, what is expected of them, their mean, its band, its carry."""

from math import sqrt
from typing import Final, NamedTuple

from engagement.scoring.state import Points, Track
from engagement.scoring.tick_facts import TickFacts
from engagement.scoring.weights import Five, Profile

Counts = tuple[int, int, int, int, int]

POLLS: Final = 1
ACTIVE: Final = 2
_SPANS: Final = (24, 6, 24, 12, 60)
"""Ticks from the start until a channel's window is full; for polls, until most have voted."""
_RAMP: Final = 1 / 12
"""A channel used for the first time counts fully after 60 s."""
_POLL_RAMP: Final = 1 / 3
"""A poll counts fully after 20 s: many are over within 30."""
_POLL_WAIT: Final = 1
_FADE: Final = 1 / 24
"""A poll that closed, or that nobody votes in any more, fades out over 120 s."""
_VOTES_FRESH: Final = 24
_FILL_POWER: Final = 0.7
"""Distinct people grow more slowly than the time over which they are counted."""
_SINCE_POWERS: Final = (0.85, 1.0, 0.7, 0.87, 0.95)
"""How they grow within a window of a running session, of each channel: simulated audiences of 30, 120
and 1,000 (0.79 to 0.90, -, 0.62 to 0.78, 0.84 to 0.90, 0.88 to 1.0 over windows of 10 s to 1 min)."""
_OWN_AFTER: Final = 36.0
"""Ticks over which the room's own baseline takes its part, once its window is full."""
_OWN_RANGE: Final = 5.0
"""The baseline is believed up to this many times above or below the expected share."""
_BASELINE_MEMORY: Final = 174
"""Ticks; a half-life of 10 minutes."""


class Setting(NamedTuple):
    """What a tick is measured against."""

    profile: Profile
    expected: Five
    people: float
    """Denominator of the shares of all channels but polls."""
    factor: float
    """Part of the expected shares that is enough in this phase."""
    learns: bool
    """Whether the baseline takes this tick in."""
    new_poll: bool
    polls_count: bool = True
    """False where the poll is our own and only organic acts are counted."""


class Reading(NamedTuple):
    """One way of counting, at one tick. `points` have no leaving yet and add up to `value`."""

    track: Track
    value: float
    points: Points
    spread: float
    """Standard deviation of the value, from Beta posteriors taken as fully correlated."""


def advance(track: Track, counts: Counts, facts: TickFacts, setting: Setting) -> Reading:
    """Take one tick in."""
    shares = _shares(counts, facts, setting.people)
    grew = setting.new_poll or counts[POLLS] > track.voters
    vote_age = 0 if grew else track.vote_age + 1
    seen, fresh = _freshness(track, counts, facts, setting, vote_age)
    expected = _expected(track, seen, facts, setting)
    scores: Five = tuple(  # type: ignore[assignment]  # five in, five out
        100.0 * x / (x + m) for x, m in zip(shares, expected, strict=True)
    )
    weights = setting.profile.weights
    carry, carry_from = track.carry, track.carry_from
    if fresh != track.fresh:
        carry, carry_from = _set_aside(track, fresh, scores, weights, setting.new_poll)
    parts, mean = _parts(weights, fresh, scores)
    kept = min(_kept(carry, carry_from, mean, counts[ACTIVE] > 0), 100.0 - mean)
    baseline = _learn(track, seen, shares, facts) if setting.learns else track.baseline
    after = Track(seen, baseline, fresh, scores, carry, carry_from, counts[POLLS], vote_age)
    spread = _spread(weights, fresh, shares, expected, facts.poll_eligible, setting.people)
    return Reading(after, mean + kept, (*parts, 0.0, kept), spread)


def _shares(counts: Counts, facts: TickFacts, people: float) -> Five:
    chat, polls, active, reactions, questions = counts
    eligible = facts.poll_eligible
    return (
        chat / people if chat < people else 1.0,
        polls / eligible if polls < eligible else float(eligible > 0),
        active / people if active < people else 1.0,
        reactions / people if reactions < people else 1.0,
        questions / people if questions < people else 1.0,
    )


def _freshness(
    track: Track, counts: Counts, facts: TickFacts, setting: Setting, vote_age: int
) -> tuple[Counts, Five]:
    """How long each channel has been in use, and how fully it counts."""
    chat, polls, _, reactions, questions = track.seen
    fresh_chat, fresh_polls, _, fresh_reactions, fresh_questions = track.fresh
    if chat or counts[0]:
        chat, fresh_chat = chat + 1, min(1.0, fresh_chat + _RAMP)
    if reactions or counts[3]:
        reactions, fresh_reactions = reactions + 1, min(1.0, fresh_reactions + _RAMP)
    if questions or counts[4]:
        questions, fresh_questions = questions + 1, min(1.0, fresh_questions + _RAMP)
    if facts.poll_age >= 0:
        polls += 1
        counts_from = 0.0 if setting.new_poll else fresh_polls
        fresh_polls = _poll_freshness(counts_from, facts, vote_age) if setting.polls_count else 0.0
        if facts.since_change and (facts.poll_closed_for >= 0 or vote_age >= facts.since_change):
            # Its votes are of before the level changed.
            fresh_polls = 0.0
    seen = (chat, polls, track.seen[ACTIVE] + 1, reactions, questions)
    return seen, (fresh_chat, fresh_polls, 1.0, fresh_reactions, fresh_questions)


def _poll_freshness(fresh: float, facts: TickFacts, vote_age: int) -> float:
    if facts.poll_closed_for >= 0 or vote_age > _VOTES_FRESH:
        return max(0.0, fresh - _FADE)
    if facts.poll_age < _POLL_WAIT:
        return fresh
    return min(1.0, fresh + _POLL_RAMP)


def _expected(track: Track, seen: Counts, facts: TickFacts, setting: Setting) -> Five:
    """m of each channel: the profile's share, less while a window fills, bent to the baseline."""
    own_weight = setting.profile.own_weight
    since = facts.since_change
    shares = []
    for index in range(5):
        span = _SPANS[index]
        share = setting.expected[index]
        ticks = facts.poll_age + 1 if index == POLLS else seen[ACTIVE]
        m = share * setting.factor
        if ticks < span:
            m *= (max(1, ticks) / span) ** _FILL_POWER
        m *= window_part(index, since, min(span, max(1, ticks)))
        learnt = seen[index] - span
        if learnt > 0 and own_weight > 0.0:
            ratio = track.baseline[index] / share
            ratio = min(_OWN_RANGE, max(1 / _OWN_RANGE, ratio))
            m *= ratio ** (own_weight * min(1.0, learnt / _OWN_AFTER))
        shares.append(m)
    return tuple(shares)  # type: ignore[return-value]  # five in, five out


def window_part(index: int, since: int, span: int = 0) -> float:
    """Which part of the people of a full window (`span`: ticks of it that are there) a shorter one counts.

    index: of the channel; since: ticks since the level changed, 0 for a full window.
    """
    span = span or _SPANS[index]
    if index == POLLS or not 0 < since < span:
        return 1.0
    return float((since / span) ** _SINCE_POWERS[index])


def _learn(track: Track, seen: Counts, shares: Five, facts: TickFacts) -> Five:
    """Running mean of each share since its window filled; polls only while they take votes."""
    voting = facts.poll_closed_for < 0 and facts.poll_age >= _SPANS[POLLS]
    means = list(track.baseline)
    for index in range(5):
        ticks = seen[index] - _SPANS[index]
        if ticks < 0 or (index == POLLS and not voting):
            continue
        if index != POLLS and 0 < facts.since_change < _SPANS[index]:
            continue
        means[index] += (shares[index] - means[index]) / min(ticks + 1, _BASELINE_MEMORY)
    return tuple(means)  # type: ignore[return-value]  # five in, five out


def _mean(weights: Five, fresh: Five, scores: Five) -> float:
    total = value = 0.0
    for weight, c, s in zip(weights, fresh, scores, strict=True):
        total += weight * c
        value += weight * c * s
    return value / total if total else 0.0


def _parts(weights: Five, fresh: Five, scores: Five) -> tuple[Five, float]:
    """What each channel adds to E, and E."""
    w0, w1, w2, w3, w4 = (weight * c for weight, c in zip(weights, fresh, strict=True))
    total = w0 + w1 + w2 + w3 + w4
    s0, s1, s2, s3, s4 = scores
    parts = (w0 * s0 / total, w1 * s1 / total, w2 * s2 / total, w3 * s3 / total, w4 * s4 / total)
    return parts, sum(parts)


def _set_aside(
    track: Track, fresh: Five, scores: Five, weights: Five, new_poll: bool
) -> tuple[float, float]:
    """Carry after a change of what counts, at the same shares as before; and E at that point."""
    before = _mean(weights, track.fresh, track.scores)
    same = track.scores
    if new_poll:
        same = (same[0], scores[POLLS], *same[2:])
    after = _mean(weights, fresh, same)
    kept = _kept(track.carry, track.carry_from, before, True)
    return max(0.0, kept - (after - before)), after


def _kept(carry: float, carry_from: float, mean: float, anybody: bool) -> float:
    """What is left of a carry at this E."""
    if not anybody:
        return 0.0
    return carry * mean / carry_from if mean < carry_from else carry


def _spread(
    weights: Five, fresh: Five, shares: Five, expected: Five, eligible: int, people: float
) -> float:
    """Delta method: ds/dx at the posterior mean, times the posterior's standard deviation."""
    total = spread = 0.0
    for index in range(5):
        weight = weights[index] * fresh[index]
        if not weight:
            continue
        n = float(max(1, eligible)) if index == POLLS else people
        m = expected[index]
        p = (shares[index] * n + 2.0 * m) / (n + 2.0)
        total += weight
        spread += weight * m / ((p + m) * (p + m)) * sqrt(p * (1.0 - p) / (n + 3.0))
    return 100.0 * spread / total
