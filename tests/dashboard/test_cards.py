import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from dashboard.cards import cards_of, change_of, parts_of
from dashboard.moments import Moment, before, within
from engagement.scoring import DEFAULT
from tests.conftest import NOON

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


@given(seven, seven)
def test_contributions_add_up_to_the_change_shown(now, then):
    new, old = moment(24, now), moment(0, then)

    change = change_of(new, old)

    assert change.total == new.shown - old.shown
    assert change.chat + change.here + change.polls + change.reactions == change.total


@given(seven)
def test_parts_add_up_to_the_score_shown(points):
    now = moment(0, points)

    assert sum(part.points for part in parts_of(now, DEFAULT)) == now.shown


def test_leaving_belongs_to_here_now():
    change = change_of(moment(24, (20.0, 0.0, 15.0, 8.0, 7.0, -6.0, 0.0)), moment(0))

    assert (change.total, change.here, change.chat) == (-6, -6, 0)


def test_carry_goes_to_the_card_that_it_corrects():
    with_poll = moment(0, (16.0, 20.0, 12.0, 6.0, 6.0, 0.0, 0.0))
    closed = moment(24, (22.0, 0.0, 16.0, 8.0, 8.0, 0.0, 6.0))

    change = change_of(closed, with_poll)

    assert (change.total, change.polls) == (0, -14)


def test_change_is_unknown_without_a_score_two_minutes_ago():
    assert change_of(moment(24), moment(0, has_score=False)).total is None
    assert change_of(moment(24), None).chat is None


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

    chat = cards_of(moments, 100).chat

    assert (chat.per_minute, chat.usual) == (0, 24)


def test_usual_is_unknown_at_first():
    assert cards_of([moment(at, chat=2) for at in range(30)], 100).chat.usual is None


def test_here_tells_who_left_only_where_somebody_counts_it():
    moments = [moment(at, leaves=1, present=200 - at) for at in range(30)]

    assert cards_of(moments, 200).here.left == 24
    assert cards_of([moments[-1]._replace(leaves_known=False)], 200).here.left is None


def test_poll_is_told_while_there_was_one():
    opened = moment(30, poll_age=12, poll_voters=71, poll_eligible=100)

    polls = cards_of([moment(0), opened], 100).polls

    assert (polls.percent, polls.is_open) == (71, True)
    assert polls.opened_ms == opened.milliseconds - 60_000
    assert cards_of([moment(0)], 100).polls is None


def test_there_are_no_cards_before_the_first_tick():
    assert cards_of([], 0) is None
    assert parts_of(None, DEFAULT) == []


def test_channel_that_is_not_used_is_said_to_be_so():
    parts = {part.name: part for part in parts_of(moment(0, chat_people=10), DEFAULT)}

    assert (parts["chat"].in_use, parts["polls"].in_use) == (True, False)
    assert parts["chat"].percent == 10
