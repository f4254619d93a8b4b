"""What clocks show and what they never show."""

import datetime as dt
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.sessions.local_time import NoSuchTimeError, clock_of, moment_of

ZONES = sorted(available_timezones())


@pytest.mark.parametrize(
    ("written", "zone", "moment"),
    [
        ("2027-06-01T10:00", "Europe/Berlin", "2027-06-01T08:00"),
        ("2027-01-01T10:00", "Europe/Berlin", "2027-01-01T09:00"),
        ("2027-06-01T10:00", "America/Sao_Paulo", "2027-06-01T13:00"),
        ("2027-06-01T10:00", "Asia/Kathmandu", "2027-06-01T04:15"),
        ("2027-06-01T10:00", "Australia/Lord_Howe", "2027-05-31T23:30"),
        ("2027-06-01T10:00", "Europe/Kyiv", "2027-06-01T07:00"),
        ("2027-06-01T10:00", "CET", "2027-06-01T08:00"),
        ("2027-10-31T02:30", "Europe/Berlin", "2027-10-31T00:30"),
    ],
)
def test_clock_is_read_in_its_zone(written, zone, moment):
    found = moment_of(dt.datetime.fromisoformat(written), zone)

    assert found == dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)


def test_second_of_an_hour_that_comes_twice_is_told_by_its_fold():
    second = dt.datetime(2027, 10, 31, 2, 30, fold=1)

    assert moment_of(second, "Europe/Berlin") == dt.datetime(2027, 10, 31, 1, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("2027-03-28T02:30", "Europe/Berlin"),
        ("2027-03-28T02:00", "Europe/Berlin"),
        ("2027-03-14T02:15", "America/New_York"),
        ("2027-10-03T02:15", "Australia/Lord_Howe"),
        ("2011-12-30T12:00", "Pacific/Apia"),
        ("0001-01-01T00:00", "Asia/Kathmandu"),
        ("9999-12-31T23:59", "America/New_York"),
    ],
)
def test_time_that_no_clock_shows_is_none(written, zone):
    with pytest.raises(NoSuchTimeError):
        moment_of(dt.datetime.fromisoformat(written), zone)


@given(
    st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC)),
    st.sampled_from(ZONES),
)
def test_every_moment_comes_back_from_its_clock(moment, zone):
    assert moment_of(clock_of(moment, zone), zone) == moment
