import datetime as dt
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.page_data.tick_values import Moment, before, within
from dashboard.score.channels import freshness
from dashboard.score.signal_cards import cards_of, change_of, parts_of
from engagement.scoring import DEFAULT, POINT_NAMES, ScoreState, step
from engagement.scoring.tick_facts import TickFacts
from tests.conftest import NOON
from tests.dashboard.rooms import SCENARIOS

FIRST = int(NOON.timestamp()) // 5


def moment(at=0, points=(20.0, 0.0, 15.0, 8.0, 7.0, 0.0, 0.0), has_score=True, **fields):
    """One tick; the score is the sum of its points."""
    values = dict.fromkeys(Moment._fields, 0)
    names = ("chat", "polls", "active", "reactions", "questions", "leaving", "carry")
    values |= {f"points_{name}": value for name, value in zip(names, points, strict=True)}
    score = min(100.0, max(0.0, sum(points))) if has_score else None
    values |= {
        "time": NOON + dt.timedelta(seconds=5 * (at + 1)),
        "tick": FIRST + at,
        "present": 100,
        "presence_known": True,
        "leaves_known": True,
        "poll_age": -1,
        "poll_closed_for": -1,
        "heard": True,
        "score": score,
        "low": score,
        "high": score,
        "state": "steady" if has_score else "none",
    }
    return Moment(**{**values, **fields})


small = st.floats(0, 14, allow_nan=False)
seven = st.tuples(small, small, small, small, small, st.floats(-10, 0), st.floats(0, 20))


def two_minutes(then, now, **fields):
    """A run of moments whose last has other points than all before it."""
    return [moment(at, then, **fields) for at in range(60)] + [moment(60, now, **fields)]


@given(seven, seven, st.booleans())
def test_contributions_add_up_to_the_change_shown(now, then, polled):
    fields = {"chat_people": 9, "reaction_people": 5, "question_people": 3}
    moments = two_minutes(then, now, **fields, **({"poll_age": 3} if polled else {}))

    change = change_of(moments, DEFAULT)

    assert change.total == moments[-1].shown - moments[-25].shown
    assert change.chat + change.here + change.polls + change.reactions == change.total


@given(seven)
def test_parts_add_up_to_the_score_shown(points):
    now = moment(0, points)

    assert sum(part.points for part in parts_of(now, DEFAULT)) == now.shown


def test_leaving_belongs_to_here_now():
    fields = {"chat_people": 9, "reaction_people": 5, "question_people": 3}
    still = (20.0, 0.0, 15.0, 8.0, 7.0, 0.0, 0.0)

    change = change_of(two_minutes(still, (*still[:5], -6.0, 0.0), **fields), DEFAULT)

    assert (change.total, change.here, change.chat) == (-6, -6, 0)


def scored(facts):
    """The moments of a room as the real scoring makes them, with the state after each."""
    state, moments, states = ScoreState(), [], []
    for each in facts:
        state, score = step(state, DEFAULT, each)
        points = {f"points_{n}": v for n, v in zip(POINT_NAMES, score.points, strict=True)}
        told = {"score": score.value, "low": score.low, "high": score.high, "state": score.state}
        time = dt.datetime.fromtimestamp(5 * each.tick + 5, dt.UTC)
        known = {**asdict(each), **points, **told, "time": time, "profile_version": 1, "turned": 0}
        moments.append(Moment(**{name: known[name] for name in Moment._fields}))
        states.append(state)
    return moments, states


def alike(ticks, poll_from, poll_ticks):
    """A hundred people who behave alike all the time, while a poll comes and goes."""
    for at in range(ticks):
        age = at - poll_from
        poll = {"poll_age": age, "poll_voters": 60, "poll_eligible": 100} if age >= 0 else {}
        closed = {"poll_closed_for": age - poll_ticks} if age >= poll_ticks else {}
        yield TickFacts(
            FIRST + at,
            present=100,
            presence_known=True,
            leaves_known=True,
            chat_people=14,
            reaction_people=9,
            question_people=6,
            active_people=30,
            heard=True,
            **poll,
            **closed,
        )


@pytest.mark.parametrize("scenario", ["drop", "calm", "few", "crowd"])
def test_freshness_is_worked_out_as_the_scoring_does(scenario):
    moments, states = scored(SCENARIOS[scenario](FIRST, 200))

    assert freshness(moments) == [pytest.approx(state.everyone.fresh) for state in states]


def test_fading_poll_moves_no_card_while_people_behave_alike():
    moments, _ = scored(alike(400, poll_from=200, poll_ticks=20))

    for end in range(222, 300):
        change = change_of(moments[:end], DEFAULT)
        assert abs(change.chat) <= 1
        assert abs(change.here) <= 1
        assert abs(change.reactions) <= 1


def test_change_without_a_poll_is_told_by_what_people_did():
    facts = list(alike(200, poll_from=1_000, poll_ticks=1))
    quiet = [replace(each, chat_people=3) for each in facts[180:]]
    moments, _ = scored(facts[:180] + quiet)

    change = change_of(moments, DEFAULT)

    assert change.chat < -10
    assert (change.polls, change.here, change.reactions) == (0, 0, 0)


def test_change_is_unknown_without_a_score_two_minutes_ago():
    started = [moment(at, has_score=at > 10) for at in range(25)]

    assert change_of(started, DEFAULT).total is None
    assert change_of(started[-3:], DEFAULT).chat is None
    assert change_of([], DEFAULT).total is None


def test_before_finds_the_moment_two_minutes_ago_and_bridges_no_gap():
    moments = [moment(at) for at in range(30)]

    assert before(moments).tick == moments[-1].tick - 24
    assert before(moments[:3] + moments[-2:]) is None
    assert before([]) is None


def test_within_takes_the_last_seconds():
    moments = [moment(at) for at in range(30)]

    assert len(within(moments, 60)) == 12
    assert within([], 60) == []


def test_rates_are_of_the_last_minute_and_compared_with_the_half_hour_before():
    moments = [moment(at, chat=2) for at in range(100)] + [moment(100 + at) for at in range(12)]

    chat = cards_of(moments, 100, DEFAULT).chat

    assert (chat.per_minute, chat.usual) == (0, 24)


def test_usual_is_unknown_at_first():
    assert cards_of([moment(at, chat=2) for at in range(30)], 100, DEFAULT).chat.usual is None


def test_here_tells_who_left_only_where_somebody_counts_it():
    moments = [moment(at, leaves=1, present=200 - at) for at in range(30)]

    assert cards_of(moments, 200, DEFAULT).here.left == 24
    assert cards_of([moments[-1]._replace(leaves_known=False)], 200, DEFAULT).here.left is None


def test_poll_is_told_while_there_was_one():
    opened = moment(30, poll_age=12, poll_voters=71, poll_eligible=100)

    polls = cards_of([moment(0), opened], 100, DEFAULT).polls

    assert (polls.percent, polls.is_open) == (71, True)
    assert polls.opened_ms == opened.milliseconds - 60_000
    assert cards_of([moment(0)], 100, DEFAULT).polls is None


def test_there_are_no_cards_before_the_first_tick():
    assert cards_of([], 0, DEFAULT) is None
    assert parts_of(None, DEFAULT) == []


def test_channel_that_is_not_used_is_said_to_be_so():
    parts = {part.name: part for part in parts_of(moment(0, chat_people=10), DEFAULT)}

    assert (parts["chat"].in_use, parts["polls"].in_use) == (True, False)
    assert parts["chat"].percent == 10
