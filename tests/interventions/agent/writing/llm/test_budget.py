"""Laws of the budget: what is spent and held never passes the limit, and nothing is lost."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from interventions.agent.writing.llm.budget import Window, day_key, hour_key
from tests.conftest import NOON

CALLS = st.lists(st.tuples(st.integers(0, 400), st.floats(0, 1)))


@given(limit=st.integers(0, 1_000), calls=CALLS)
def test_spent_and_held_never_pass_the_limit(limit: int, calls: list[tuple[int, float]]) -> None:
    window = Window(limit)
    open_calls = []

    for amount, share in calls:
        reserved = window.reserve(amount)
        if reserved:
            window = reserved
            open_calls.append((amount, int(amount * share)))
        assert window.spent + window.held <= limit

    for amount, spent in open_calls:
        window = window.settle(amount, spent)
        assert window.spent + window.held <= limit
    assert window == Window(limit, sum(spent for _, spent in open_calls))


@given(limit=st.integers(0, 1_000), amount=st.integers(0, 1_000))
def test_amount_is_reserved_exactly_when_it_fits(limit: int, amount: int) -> None:
    assert (Window(limit).reserve(amount) is not None) == (amount <= limit)


def test_negative_amount_is_refused() -> None:
    assert Window(100).reserve(-1) is None


def test_dearer_call_than_reserved_is_counted_in_full() -> None:
    window = Window(100, held=10)

    assert window.settle(10, 300) == Window(100, spent=300)


def test_alarm_rings_at_four_fifths_of_the_limit_with_what_is_held() -> None:
    assert not Window(100, spent=79).is_alarming()
    assert Window(100, spent=70, held=10).is_alarming()


def test_windows_are_hours_and_days_of_utc() -> None:
    late = NOON.astimezone(dt.timezone(dt.timedelta(hours=13)))

    assert hour_key(late) == "hour:2026-03-03T12"
    assert day_key(late) == "day:2026-03-03"
