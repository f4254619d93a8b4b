import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.models import Signal
from engagement.vocabulary.signal_kinds import SignalKind
from interventions.audience.polls import team_challenge, voting
from interventions.kinds import Kind
from tests.conftest import NOON
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_session

TEAMS = ("Left side", "Right side")
END = NOON + dt.timedelta(seconds=180)


def test_every_act_is_a_point_up_to_a_limit_of_a_person_and_minute():
    acts = [(1, 3), (2, 200), (2, 4), (3, 1)]

    assert team_challenge.points(acts, {1: 0, 2: 1, 3: 0}, 2) == [4, 9]


def test_people_of_no_team_give_no_points():
    assert team_challenge.points([(1, 3), (2, 3)], {2: 5}, 2) == [0, 0]


@pytest.mark.parametrize(
    ("board", "team"), [([4, 9], 1), ([9, 4, 2], 0), ([4, 4], None), ([0, 0], None), ([], None)]
)
def test_winner_has_most_points_alone(board, team):
    assert team_challenge.winner(board) == team


@given(st.integers(1, 10_000), st.integers(2, 30))
def test_spammer_does_not_beat_a_team_that_takes_part(spam, members):
    acts = [(0, spam)] + [(person, 3) for person in range(1, members + 1)]
    teams = {0: 0} | dict.fromkeys(range(1, members + 1), 1)

    board = team_challenge.points(acts, teams, 2)

    assert board[1] > board[0]


def heard(session, actor, seconds, seq, kind=SignalKind.CHAT, late=False):
    at = NOON + dt.timedelta(seconds=seconds)
    Signal.objects.create(
        session=session, received_at=at, occurred_at=at, tick=0, kind=kind, actor=actor, source=7,
        seq=seq, text="hi", late=late,
    )  # fmt: skip


@pytest.mark.django_db
def test_board_counts_what_members_did_since_the_delivery():
    session = make_session()
    game = make_sent(session, Kind.GAMIFICATION, options=TEAMS, seconds=180)
    for person, team in ((1, 0), (2, 1), (3, 1)):
        voting.cast(game.pk, person, team, NOON + dt.timedelta(seconds=3))
    heard(session, 1, -1, 1)
    heard(session, 1, 181, 2)
    heard(session, 1, 20, 3, late=True)
    heard(session, 2, 20, 4, SignalKind.JOIN)
    heard(session, 9, 20, 5)
    for seq in range(20):
        heard(session, 1, 30 + seq, 10 + seq)
    heard(session, 2, 30, 40, SignalKind.REACTION)
    heard(session, 3, 70, 41, SignalKind.QUESTION)

    assert team_challenge.board_of(game, END) == [5, 2]


@pytest.mark.django_db
def test_board_without_members_is_empty():
    game = make_sent(make_session(), Kind.GAMIFICATION, options=TEAMS, seconds=180)

    assert team_challenge.board_of(game, END) == [0, 0]
