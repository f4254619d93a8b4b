import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.detection.trouble import OF_THE_AUDIENCE, Point, Trouble
from engagement.scoring import DEFAULT, Score
from engagement.scoring.tick_facts import TickFacts
from engagement.vocabulary.signal_kinds import AnomalyKind

DROP, EXIT = AnomalyKind.SUDDEN_DROP, AnomalyKind.MASS_EXIT


def at(tick: int, value: float | None) -> Point:
    points = (value or 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return Point(TickFacts(tick, present=100), Score(value, 0.0, 100.0, value, points, "steady"))


def in_trouble(kind: AnomalyKind = DROP, low: float = 10.0) -> Trouble:
    """A room of 60 for ten minutes that fell at tick 120."""
    trouble = Trouble()
    for tick in range(120):
        trouble.follow(at(tick, 60.0), DEFAULT, muted=False)
    assert trouble.confirms(kind, low, at(119, 60.0), DEFAULT)
    trouble.open(at(120, low), kind, at(119, 60.0))
    return trouble


def followed(trouble: Trouble, *values: float, muted: bool = False) -> list[bool]:
    return [
        trouble.follow(at(121 + n, value), DEFAULT, muted=muted) for n, value in enumerate(values)
    ]


def test_alarm_waits_for_the_score_to_leave_its_usual_band() -> None:
    trouble = Trouble()
    told = [trouble.confirms(DROP, value, at(119, 60.0), DEFAULT) for value in (61.0, 56.0, 50.0)]

    assert told == [False, False, True]
    assert trouble.confirms(DROP, None, None, DEFAULT)


def test_over_after_two_ticks_in_the_band_and_told_from_the_lowest() -> None:
    trouble = in_trouble()

    assert followed(trouble, 5.0, 30.0, 56.0, 57.0) == [False, False, False, True]
    assert trouble.turned(124) == 3
    assert trouble.told(at(124, 57.0), DEFAULT).state == "recovering"
    assert trouble.told(at(124, 71.0), DEFAULT).state == "engaged"


def test_over_at_once_where_the_score_is_what_it_was() -> None:
    assert followed(in_trouble(), 5.0, 60.0) == [False, True]


def test_people_who_left_have_not_come_back() -> None:
    trouble = in_trouble(EXIT, 50.0)

    assert followed(trouble, 50.0, 60.0)[-1]
    assert trouble.turned(122) == 0


def test_break_ends_it_without_a_word() -> None:
    trouble = in_trouble()

    assert followed(trouble, 40.0, muted=True) == [True]
    assert trouble.turned(121) == 0


@pytest.mark.parametrize(("value", "turned"), [(50.0, 3), (20.0, 0)])
def test_room_that_made_half_of_its_way_is_back_when_evidence_ends(
    value: float, turned: int
) -> None:
    trouble = in_trouble()
    followed(trouble, 5.0, 30.0, value)

    trouble.calm_down(value)

    assert not trouble.is_open
    assert trouble.turned(124) == turned


@given(st.lists(st.floats(0, 100), max_size=60), st.sampled_from(OF_THE_AUDIENCE))
def test_word_never_says_that_all_is_well_while_an_alarm_is_open(
    values: list[float], kind: AnomalyKind
) -> None:
    trouble = in_trouble(kind)
    for tick, value in enumerate(values, 121):
        trouble.follow(at(tick, value), DEFAULT, muted=False)
        word = trouble.told(at(tick, value), DEFAULT).state
        if trouble.is_open:
            assert word in ("losing", "drifting", "recovering")
            assert kind is AnomalyKind.LOW_ENGAGEMENT or round(value) < 60
