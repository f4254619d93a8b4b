import datetime as dt

import pytest

from dashboard.score.overview import Condition, condition_of, live_of, watch_of
from engagement.scoring import DEFAULT
from tests.conftest import NOON
from tests.dashboard.score.test_signal_cards import moment

SOON = NOON + dt.timedelta(seconds=6)


@pytest.mark.parametrize(
    ("status", "latest", "expected"),
    [
        ("planned", None, Condition.PLANNED),
        ("ended", moment(), Condition.ENDED),
        ("live", None, Condition.WAITING),
        ("live", moment(heard=False, has_score=False), Condition.WAITING),
        ("live", moment(present=0, has_score=False), Condition.WAITING),
        ("live", moment(present=3, has_score=False), Condition.FEW),
        ("live", moment(present=9, has_score=False), Condition.WARMING),
        ("live", moment(), Condition.LIVE),
        ("live", moment(silent_for=6), Condition.SILENT),
        ("live", moment(stream_offline=True), Condition.SILENT),
    ],
)
def test_condition_says_why_there_is_a_score_or_none(status, latest, expected):
    assert condition_of(status, latest, SOON) == expected


def test_condition_blames_the_counting_where_ticks_stopped():
    late = NOON + dt.timedelta(seconds=40)

    assert condition_of("live", moment(heard=False), late) == Condition.BEHIND


def live(moments, **fields):
    values = {"status": "live", "profile": DEFAULT, "peak": 100, "average": 51.6, "now": SOON}
    return live_of(moments=moments, **{**values, **fields})


def test_state_lasts_since_it_last_changed():
    moments = [moment(at, state="engaged") for at in range(5)] + [moment(at) for at in range(5, 9)]

    assert live(moments).state_seconds == 20


def test_numbers_are_shown_whole():
    shown = live([moment(0, (20.4, 0.0, 15.0, 8.0, 7.0, 0.0, 0.0), low=44.6, high=57.2)])

    assert (shown.score, shown.low, shown.high, shown.average) == (50, 45, 57, 52)


def test_nothing_is_claimed_before_the_first_tick():
    shown = live([], average=None)

    assert (shown.score, shown.state, shown.tone, shown.cards, shown.watch) == (
        None,
        "none",
        "none",
        None,
        None,
    )


@pytest.mark.parametrize(("per_tick", "seconds"), [(10, 5), (4, 10), (2, 35), (1, 35), (0, None)])
def test_watch_tells_how_soon_a_full_stop_could_be_noticed(per_tick, seconds):
    assert watch_of([moment(at, chat=per_tick) for at in range(120)]).notice_seconds == seconds
